"""An ingest that was killed goes on from where it was."""

import signal
import time
from pathlib import Path

import msgspec
import pytest

from ingest.index import edit_index
from ingest.index.editions import Draft
from ingest.settings import IndexSettings
from tests.command import start
from tests.ingest.help_folder import make_folder, many_pages, report, wait_for_draft
from tests.reliability.index_contents import copy_of
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import size


def killed_in_the_middle(home: Path) -> int:
    """Ingest, and die when some documents are stored; return the exit code."""
    process = start(home, "ingest", "docs")
    wait_for_draft(home, process)
    while not (home / "index/draft/changed").exists() and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.3)
    process.kill()
    process.communicate()
    return process.returncode


async def wholly_stored(index: Path, place: Path) -> dict[str, str]:
    """Return the paths and digests of what a killed run has stored; look at a copy."""
    copy_of(index, place)
    told = msgspec.json.decode((place / "draft/draft.json").read_bytes(), type=Draft)
    settings = IndexSettings(url=f"file:{place}", disk_floor=0)
    writer = await edit_index(settings, told.fingerprint)
    stored = await writer.stored("default")
    await writer.close()
    return {one.path: one.digest for one in stored.values() if one.digest}


@pytest.mark.row(
    "P1", "SIGKILL after some documents were stored", "none is embedded again"
)
async def test_what_was_stored_before_a_kill_is_not_embedded_again(
    tmp_path: Path, seen: Seen, figure: Figure
) -> None:
    docs = make_folder(tmp_path)
    pages = size(60, 400)
    many_pages(docs, pages)
    began = time.monotonic()
    if size(0, 1):
        report(tmp_path, INDEX_URL=f"file:{tmp_path / 'unbroken'}")
    unbroken = time.monotonic() - began
    code = killed_in_the_middle(tmp_path)
    kept = await wholly_stored(tmp_path / "index", tmp_path / "looked-at")

    began = time.monotonic()
    told = report(tmp_path)
    seconds = time.monotonic() - began

    again = kept.keys() & {*told["added"], *told["edited"]}
    assert code == -signal.SIGKILL
    assert kept
    assert not again
    assert told["unchanged"] == len(kept)
    assert told["edition"]["documents"] == pages + 3
    # What was not stored is all that was embedded.
    assert 0 < told["chunks"] < told["edition"]["chunks"]
    seen(f"{len(kept)} were kept, {len(told['added'])} came, {seconds:.1f} s")
    figure(
        "ingest after SIGKILL: stored documents that were embedded again",
        f"{len(again)} of {len(kept)}",
        "0",
    )
    if size(0, 1):
        figure(
            f"ingest after SIGKILL: seconds to the end, {len(kept)} of {pages + 3} kept",
            f"{seconds:.1f} s (unbroken: {unbroken:.1f} s)",
            "no more than unbroken",
        )
