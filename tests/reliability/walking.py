"""A run that stores pages and is then killed, from within: SIGKILL, nothing closed.

python -m tests.reliability.walking URL PATH=TEXT ...
"""

import asyncio
import os
import signal
import sys

from ingest.index import edit_index
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import FINGERPRINT, Page, page, put


def made(path: str, text: str) -> Page:
    """Make the page at `path` that says `text`, in two chunks."""
    return page(path, [text, f"more of {text}"], digest=f"digest of {text}")


async def write(settings: IndexSettings, pages: list[str]) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    for one in pages:
        path, _, text = one.partition("=")
        await put(writer, made(path, text))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    asyncio.run(write(IndexSettings(url=sys.argv[1], disk_floor=0), sys.argv[2:]))
