"""A run that indexes thirty documents and says so after each; to be killed.

python -m tests.ingest.index.writing URL COLLECTION
"""

import asyncio
import sys

from ingest.index import edit_index
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import FINGERPRINT, Page, page, put

PAGES: list[Page] = [
    page(f"guide/{number:02}.md", [f"part {part} of {number}" for part in range(5)])
    for number in range(30)
]


async def write(settings: IndexSettings) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    print("open", flush=True)
    stored = await writer.stored("acme")
    for one in PAGES:
        known = stored.get(one.document.id)
        if known is None or known.digest != one.document.digest:
            await put(writer, one)
        print(one.document.path, flush=True)
    edition = await writer.publish()
    print("published", edition.documents, edition.chunks, flush=True)


if __name__ == "__main__":
    asyncio.run(write(IndexSettings(url=sys.argv[1], collection=sys.argv[2])))
