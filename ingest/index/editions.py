"""Editions of an index in a folder: begun, published, listed, rolled back.

    FOLDER/CURRENT               name of the edition that readers see
    FOLDER/editions/000007/      edition.json, documents.msgpack, shard/
    FOLDER/draft/                the next one: draft.json, changed, shard/
    FOLDER/readers/              a private copy for every open reader
    FOLDER/writer.lock           who writes

An edition is never changed. The pointer moves by one rename, so a reader sees all
of an edition or none of it, and a run that was killed has changed nothing. What the
run had done stays in the draft, and the next one goes on there. Plain file work:
what a shard is made of is Edge's business.
"""

import logging
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.errors import IndexDamaged, IndexMissing
from ingest.index import leftovers, lists
from ingest.index.base import Edition, Fingerprint, Stored
from ingest.index.copies import (
    checksum,
    copy,
    lock_for_writing,
    occupied,
    replace_file,
    require_space,
    sync,
    sync_entry,
)

log = logging.getLogger(__name__)


class Manifest(Struct, frozen=True):
    """What ``edition.json`` says.

    Attributes:
        edition: The edition.
        checksum: Of the folder ``shard``, as `copies.checksum` makes it.
    """

    edition: Edition
    checksum: str


class Draft(Struct, frozen=True):
    """What ``draft.json`` says.

    Attributes:
        current: The edition that readers saw when the draft was begun, or "".
        origin: The edition it was copied from, or "" if it was begun empty.
        fingerprint: What it is built with.
    """

    current: str
    origin: str
    fingerprint: Fingerprint


def current(folder: Path) -> str:
    """Return the name of the edition that readers see, "" if there is none."""
    try:
        return (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def candidates(folder: Path) -> list[str]:
    """Return the editions that may serve: the current one, then those before it.

    Raises:
        IndexMissing: None was ever published.
    """
    newest = current(folder)
    if not newest:
        raise IndexMissing(f"there is no index in {folder}; run: frontdesk ingest")
    return [newest, *(name for name in reversed(names(folder)) if name < newest)]


def names(folder: Path) -> list[str]:
    """Return the editions that are there, shown or not, oldest first."""
    places = (folder / "editions").glob("[0-9]*")
    return sorted(place.name for place in places if place.name.isdecimal())


def shard_of(folder: Path, name: str) -> Path:
    """Return where the files of the edition `name` are."""
    return folder / "editions" / name / "shard"


def manifest(folder: Path, name: str) -> Manifest:
    """Return what was written down about the edition `name`.

    Raises:
        IndexDamaged: It cannot be read.
    """
    file = folder / "editions" / name / "edition.json"
    try:
        return msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise IndexDamaged(f"edition {name}: {file} cannot be read: {error}") from error


def listed(folder: Path) -> list[Edition]:
    """Return the editions that can be read, oldest first."""
    shown = current(folder)
    found = []
    for name in names(folder):
        try:
            edition = manifest(folder, name).edition
        except IndexDamaged as error:
            log.warning("%s", error)
            continue
        found.append(msgspec.structs.replace(edition, current=name == shown))
    return found


def begin(
    folder: Path,
    fingerprint: Fingerprint,
    *,
    floor: int,
    create: Callable[[Path], None],
) -> Draft:
    """Find the draft that a run left, or begin one.

    A draft goes on only on top of the same current edition, with the same
    fingerprint. A new one is a copy of the current edition, or empty if that was
    built differently. The caller holds the writer's lock.

    Args:
        folder: The index.
        fingerprint: What the coming edition is built with.
        floor: Bytes that must stay free on the disk.
        create: Makes an empty shard in the folder it is given.

    Raises:
        DiskFull: Less space is left than this needs.
    """
    shown = current(folder)
    found = _draft(folder)
    if found and (found.current, found.fingerprint) == (shown, fingerprint):
        return found
    discard(folder)
    fresh = folder / "draft.new"
    leftovers.delete(fresh)
    fresh.mkdir()
    origin = _copied(folder, fingerprint, fresh / "shard", floor=floor)
    if not origin:
        create(fresh / "shard")
    draft = Draft(shown, origin, fingerprint)
    (fresh / "draft.json").write_bytes(msgspec.json.encode(draft))
    fresh.rename(folder / "draft")
    return draft


def mark_changed(folder: Path) -> None:
    """Remember that the draft is no longer what it was copied from."""
    (folder / "draft" / "changed").touch()


def is_changed(folder: Path, draft: Draft) -> bool:
    """Say whether the draft differs from what readers see."""
    copied = draft.origin and draft.origin == draft.current
    return not copied or is_marked(folder)


def is_marked(folder: Path) -> bool:
    """Say whether anything was written to the draft since it was begun."""
    return (folder / "draft" / "changed").exists()


def discard(folder: Path) -> None:
    """Throw the draft away."""
    leftovers.delete(folder / "draft")


def publish(
    folder: Path,
    draft: Draft,
    *,
    documents: dict[str, list[Stored]],
    chunks: int,
    keep: int,
) -> Edition:
    """Make the draft the current edition and drop the oldest ones.

    Args:
        folder: The index; nothing in its draft is open.
        draft: The draft.
        documents: Documents in it, of each tenant.
        chunks: Chunks in it.
        keep: Editions that stay.
    """
    place = folder / "draft"
    edition = Edition(
        name=f"{int(max([*names(folder), current(folder) or '0'])) + 1:06d}",
        created=time.time(),
        documents=sum(map(len, documents.values())),
        chunks=chunks,
        fingerprint=draft.fingerprint,
    )
    told = Manifest(edition, checksum(place / "shard"))
    (place / "edition.json").write_bytes(msgspec.json.encode(told))
    lists.write(place / "shard", documents)
    sync(place)
    (folder / "editions").mkdir(exist_ok=True)
    target = folder / "editions" / edition.name
    place.rename(target)
    sync_entry(folder / "editions")
    _point_to(folder, edition.name)
    leftovers.forget_draft(target)
    _prune(folder, keep)
    return msgspec.structs.replace(edition, current=True)


def roll_back(folder: Path, name: str | None) -> Edition:
    """Show readers an edition again that they saw before.

    Args:
        folder: The index.
        name: The edition; None for the one before the current one.

    Raises:
        IndexMissing: There is no such edition.
        IndexBusy: A run is writing.
        IndexDamaged: Its files are not what was published.
    """
    candidates(folder)
    lock = lock_for_writing(folder)
    try:
        known = candidates(folder)[1:] if name is None else names(folder)
        target = name or next(iter(known), "")
        if target not in known:
            wanted = name or "before the current one"
            raise IndexMissing(f"there is no edition {wanted}")
        told = manifest(folder, target)
        _require_sound(checksum(shard_of(folder, target)), told)
        _point_to(folder, target)
        return msgspec.structs.replace(told.edition, current=True)
    finally:
        os.close(lock)


def _draft(folder: Path) -> Draft | None:
    try:
        told = (folder / "draft" / "draft.json").read_bytes()
        return msgspec.json.decode(told, type=Draft)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _copied(folder: Path, fingerprint: Fingerprint, target: Path, *, floor: int) -> str:
    """Copy the newest sound edition to `target` if it was built alike; name it."""
    for name in candidates(folder) if current(folder) else ():
        try:
            told = manifest(folder, name)
            if told.edition.fingerprint != fingerprint:
                log.warning(
                    "edition %s was built with another model or other chunks: the "
                    "next one begins empty; ingest every folder and tenant again",
                    name,
                )
                return ""
            _copy_sound(shard_of(folder, name), target, told, floor=floor)
        except IndexDamaged as error:
            log.warning("%s; going on from the one before", error)
            shutil.rmtree(target, ignore_errors=True)
        else:
            return name
    return ""


def _copy_sound(source: Path, target: Path, told: Manifest, *, floor: int) -> None:
    require_space(source, floor=floor, needed=occupied(source))
    _require_sound(copy(source, target), told)


def _require_sound(found: str, told: Manifest) -> None:
    if found != told.checksum:
        raise IndexDamaged(f"edition {told.edition.name} is not what was published")


def _point_to(folder: Path, name: str) -> None:
    replace_file(folder / "CURRENT", f"{name}\n".encode())


def _prune(folder: Path, keep: int) -> None:
    shown = current(folder)
    others = [name for name in names(folder) if name != shown]
    for name in others[: max(len(others) - (keep - 1), 0)]:
        leftovers.delete(folder / "editions" / name)
