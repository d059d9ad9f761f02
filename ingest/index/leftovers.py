"""What a killed run leaves in the folder of an index, put in order by the next one.

Folders are renamed before they are deleted, and files get their names when they are
whole: so no half of anything passes for the whole, and the halves can be told.
"""

import shutil
import uuid
from contextlib import suppress
from pathlib import Path

from ingest.index.copies import PART

_GONE = ".gone"
"""Ends the name of a folder that is being deleted."""


def delete(place: Path) -> None:
    """Delete a folder, which at once is no longer there under its name."""
    half = place.with_name(f"{place.name}.{uuid.uuid4().hex}{_GONE}")
    with suppress(FileNotFoundError):
        shutil.rmtree(place.rename(half), ignore_errors=True)


def forget_draft(edition: Path) -> None:
    """Remove from an edition that is shown what told of it as a draft."""
    for name in ("draft.json", "changed"):
        (edition / name).unlink(missing_ok=True)


def tidy(folder: Path, *, names: list[str], shown: str) -> None:
    """Remove halves; an edition that was finished and never shown is the draft again.

    Args:
        folder: The index; the caller holds the writer's lock.
        names: Its editions, oldest first.
        shown: The one that readers see, or "".
    """
    places = [folder / "editions" / name for name in names]
    if places and names[-1] > shown and (places[-1] / "draft.json").exists():
        delete(folder / "draft")
        places.pop().rename(folder / "draft")
    if shown in names:
        forget_draft(folder / "editions" / shown)
    delete(folder / "draft.new")
    for place in (folder, folder / "editions", folder / "draft", *places):
        for half in place.glob(f"*{_GONE}"):
            shutil.rmtree(half, ignore_errors=True)
        for part in place.glob(f"*{PART}"):
            part.unlink(missing_ok=True)
    for part in (folder / "scans").glob(".*"):
        part.unlink(missing_ok=True)
