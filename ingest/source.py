"""Scans a folder of documents: which of its files are some, and of which bytes.

    folder --scan--> Document | Skipped ;  Document --read_bytes--> bytes

A file that did not change since it was seen last is not opened.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import msgspec
from msgspec import Struct

from ingest.documents import Document, document_id
from ingest.errors import ReadError
from ingest.folder_rules import FolderRules
from ingest.hidden import HiddenText
from ingest.opening import opened
from ingest.readers import media_type_of
from ingest.sightings import Sighting, Sightings, sighting
from ingest.walking import Skipped, names_in, skipped, walked, why, wrong_name

READERS = 3
"""Version of what readers leave out: raised when unchanged files must be read anew."""

_LOOKED_AT = 64 * 1024
_BLOCK = 1024 * 1024


class _Scan(Struct, frozen=True, kw_only=True):
    """What holds for a whole scan; see `scan`."""

    root: Path
    tenant: str
    url_base: str
    max_bytes: int
    sightings: Sightings
    hidden_text: HiddenText


def scan(  # noqa: PLR0913 -- all that decides about a document beside its file
    folder: Path,
    *,
    tenant: str,
    labels: tuple[str, ...],
    url_base: str,
    max_bytes: int,
    sightings: Sightings | None = None,
    hidden_text: HiddenText = "strip",
) -> Iterator[Document | Skipped]:
    """Walk a folder and say of each file whether it is a document.

    Files that `.gitignore` or `.frontdeskignore` name, in this folder or below,
    are passed over, and so is whatever begins with a dot. What cannot be read is
    told and never stops the walk.

    Args:
        folder: The folder.
        tenant: Whose documents these are.
        labels: Access labels they carry unless they, or the `frontdesk.toml` of a
            folder they lie in, declare others.
        url_base: Address the folder is published under, or "".
        max_bytes: Bytes of the largest file that is taken.
        sightings: What the files were the last time, and where it is noted what
            they are; they must be of the same folder and the same other arguments.
        hidden_text: What is done about hidden text in the documents.

    Yields:
        Documents and what is not one, sorted by name within each folder. Memory
        grows with the largest folder, not with the tree.

    Raises:
        FolderUnusable: The folder is missing, no folder, or cannot be read.
    """
    task = _Scan(
        root=folder,
        tenant=tenant,
        url_base=url_base,
        max_bytes=max_bytes,
        sightings=sightings or Sightings(),
        hidden_text=hidden_text,
    )
    return walked(folder, names_in(folder), FolderRules(labels), partial(_file, task))


def read_bytes(folder: Path, document: Document) -> bytes:
    """Read a document's file again and make sure that it is still the same.

    Raises:
        ReadError: It is gone, cannot be read, or has changed since the scan.
    """
    try:
        with opened(folder, document.path) as file:
            data = file.read(document.size + 1)
    except OSError as error:
        raise ReadError(document.path, f"cannot be read: {why(error)}") from error
    hashed = hashlib.sha256(data)
    digest = _digest(hashed, document.labels, document.url, document.hidden_text)
    if digest != document.digest:
        raise ReadError(document.path, "changed while it was read; run again")
    return data


def _file(
    task: _Scan, path: str, status: os.stat_result, rules: FolderRules
) -> Document | Skipped:
    """Look at one regular file, into it only if it is not as it was seen before."""
    known = task.sightings.known(path, status, rules.labels)
    if known and not rules.broken:
        return _document(task, path, known, status.st_size)
    if wrong := wrong_name(path):
        return skipped(path, wrong, rules, failed=True)
    with opened(task.root, path) as file:
        status = os.fstat(file.fileno())
        size = status.st_size
        if size == 0:
            return skipped(path, "empty file", rules)
        if size > task.max_bytes:
            reason = f"{size:,} bytes, more than the {task.max_bytes:,} that are read"
            return skipped(path, reason, rules, failed=True)
        media_type = _media_type(file, path, size)
        if media_type is None or rules.broken:
            reason = rules.broken if media_type else "not a format that is read"
            return skipped(path, reason, rules, failed=media_type is not None)
        hashed = hashlib.sha256()
        size = 0
        while block := file.read(_BLOCK):
            hashed.update(block)
            size += len(block)
    digest = _digest(hashed, rules.labels, _url(task, path), task.hidden_text)
    seen = sighting(status, digest, media_type, rules.labels)
    task.sightings.note(path, seen)
    return _document(task, path, seen, size)


def _document(task: _Scan, path: str, seen: Sighting, size: int) -> Document:
    return Document(
        id=document_id(task.tenant, path),
        path=path,
        digest=seen.digest,
        media_type=seen.media_type,
        size=size,
        tenant=task.tenant,
        labels=seen.labels,
        url=_url(task, path),
        hidden_text=task.hidden_text,
    )


def _url(task: _Scan, path: str) -> str:
    return f"{task.url_base.rstrip('/')}/{quote(path)}" if task.url_base else ""


def _media_type(file: BinaryIO, path: str, size: int) -> str | None:
    """Return what an open file is, and go back to its beginning."""
    head = file.read(_LOOKED_AT)
    file.seek(max(size - _LOOKED_AT, 0))
    tail = file.read(_LOOKED_AT) if size > _LOOKED_AT else b""
    file.seek(0)
    return media_type_of(path, head, tail)


def _digest(
    hashed: "hashlib._Hash", labels: Iterable[str], url: str, hidden_text: HiddenText
) -> str:
    """Return the digest of a document: its bytes and what else decides on its chunks."""
    decided = (sorted(labels), url, hidden_text, READERS)
    hashed.update(b"\0" + msgspec.json.encode(decided))
    return hashed.hexdigest()
