"""Whatever bytes a file holds, the run goes on and nothing of this machine shows."""

import os
import socket
from pathlib import Path

import pytest

from ingest.errors import ReadError
from ingest.sandbox import open_sandbox
from ingest.settings import ReadSettings
from tests.ingest.hostile_files import CANARY, TEXT, hostile_files

SETTINGS = ReadSettings(workers=1, timeout=6, memory=512 * 1024 * 1024)
MOST_GROWTH = 48 * 1024 * 1024


def resident() -> int:
    """Return the bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def test_every_hostile_file_is_refused_or_read_harmlessly(
    tmp_path: Path,
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        files = list(hostile_files(secret, address))
        outcomes: dict[str, str] = {}
        before = resident()

        async with open_sandbox(SETTINGS) as sandbox:
            for name, data, media_type in files:
                try:
                    reading = await sandbox.read(name, data, media_type)
                    outcomes[name] = reading.text
                except ReadError as error:
                    outcomes[name] = error.reason
                after = await sandbox.read("good.txt", b"still reading", TEXT)
                assert after.text == "still reading", name

        grown = resident() - before
        with pytest.raises(BlockingIOError):
            server.accept()
    assert len(outcomes) == len(files) >= 50
    assert [name for name, said in outcomes.items() if CANARY in said] == []
    assert [name for name, said in outcomes.items() if not said.strip()] == []
    assert grown < MOST_GROWTH
