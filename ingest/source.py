"""Walks a folder of documents: which files there are, and what they are.

    folder --scan--> Document | Skipped ;  Document --read_bytes--> bytes

A file that did not change since it was seen last is not opened.

Nothing outside the folder is ever opened: links are not followed, not even one that
is put in place of a folder while it is read.
"""

import hashlib
import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

import msgspec
from msgspec import Struct

from ingest.documents import Document, document_id
from ingest.errors import FolderUnusable, ReadError
from ingest.folder_rules import LABELS_FILE, FolderRules, rules_below
from ingest.hidden import HiddenText
from ingest.opening import NO_FILE, listed, opened
from ingest.readers import media_type_of
from ingest.sightings import Sighting, Sightings, sighting

READERS = 3
"""Version of what readers leave out: raised when unchanged files must be read anew."""

_LOOKED_AT = 64 * 1024
_BLOCK = 1024 * 1024
_LINK = "a link; links are not followed"
_BIDIRECTIONAL = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


class Skipped(Struct, frozen=True, kw_only=True):
    """A file or folder that is not taken in.

    Attributes:
        path: Relative to the scanned folder; bytes that are no UTF-8 are escaped.
        reason: Why, for the person who keeps the documents.
        failed: That person should know: it was meant to be read, as far as one
            can tell.
    """

    path: str
    reason: str
    failed: bool


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
    try:
        names = listed(folder, "")
    except FileNotFoundError as error:
        raise FolderUnusable(f"{folder} does not exist") from error
    except NotADirectoryError as error:
        raise FolderUnusable(f"{folder} is not a folder") from error
    except OSError as error:
        raise FolderUnusable(f"{folder} cannot be read: {_why(error)}") from error
    return _walk(task, names, FolderRules(labels))


def read_bytes(folder: Path, document: Document) -> bytes:
    """Read a document's file again and make sure that it is still the same.

    Raises:
        ReadError: It is gone, cannot be read, or has changed since the scan.
    """
    try:
        with opened(folder, document.path) as file:
            data = file.read(document.size + 1)
    except OSError as error:
        raise ReadError(document.path, f"cannot be read: {_why(error)}") from error
    hashed = hashlib.sha256(data)
    digest = _digest(hashed, document.labels, document.url, document.hidden_text)
    if digest != document.digest:
        raise ReadError(document.path, "changed while it was read; run again")
    return data


def _walk(
    task: _Scan, first: list[str], around: FolderRules
) -> Iterator[Document | Skipped]:
    """Yield what `scan` yields, one open folder after the other."""
    stack: list[tuple[str, Iterator[str], FolderRules]] = []
    try:
        rules = rules_below(task.root, "", around, first)
    except (OSError, ValueError) as error:
        raise FolderUnusable(f"the ignore rules of {task.root}: {error}") from error
    stack.append(("", iter(first), rules))
    while stack:
        prefix, names, rules = stack[-1]
        name = next(names, None)
        if name is None:
            stack.pop()
            continue
        path = prefix + name
        try:
            status = os.lstat(f"{task.root}/{path}")
            if reason := _passed_over(path, status.st_mode, rules):
                yield _skipped(path, reason)
            elif stat.S_ISDIR(status.st_mode):
                inner = listed(task.root, path)
                below = rules_below(task.root, f"{path}/", rules, inner)
                stack.append((f"{path}/", iter(inner), below))
            else:
                yield _file(task, path, status, rules)
        except OSError as error:
            yield _skipped(path, f"cannot be read: {_why(error)}", failed=True)
        except ValueError as error:
            yield _skipped(path, f"its ignore rules are wrong: {error}", failed=True)


def _passed_over(path: str, mode: int, rules: FolderRules) -> str:
    """Return why a file or folder is not looked at, or ""."""
    name = path.rpartition("/")[2]
    if name.startswith("."):
        return "its name begins with a dot"
    if name == LABELS_FILE:
        return "it says who may see its folder"
    if stat.S_ISLNK(mode):
        return _LINK
    if rules.ignores(path, is_folder=stat.S_ISDIR(mode)):
        return "named by an ignore file"
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        return NO_FILE
    return ""


def _file(
    task: _Scan, path: str, status: os.stat_result, rules: FolderRules
) -> Document | Skipped:
    """Look at one regular file, into it only if it is not as it was seen before."""
    known = task.sightings.known(path, status, rules.labels)
    if known and not rules.broken:
        return _document(task, path, known, status.st_size)
    if wrong := _wrong_name(path):
        return _skipped(path, wrong, failed=True)
    with opened(task.root, path) as file:
        status = os.fstat(file.fileno())
        size = status.st_size
        if size == 0:
            return _skipped(path, "empty file")
        if size > task.max_bytes:
            reason = f"{size:,} bytes, more than the {task.max_bytes:,} that are read"
            return _skipped(path, reason, failed=True)
        media_type = _media_type(file, path, size)
        if media_type is None or rules.broken:
            reason = rules.broken if media_type else "not a format that is read"
            return _skipped(path, reason, failed=media_type is not None)
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


def _wrong_name(path: str) -> str:
    """Return what is wrong with a name that could not be shown to anybody, or ""."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return "its name is not valid UTF-8; rename it"
    if any(unicodedata.category(c) == "Cc" or c in _BIDIRECTIONAL for c in path):
        return "its name holds control characters; rename it"
    return ""


def _digest(
    hashed: "hashlib._Hash", labels: Iterable[str], url: str, hidden_text: HiddenText
) -> str:
    """Return the digest of a document: its bytes and what else decides on its chunks."""
    decided = (sorted(labels), url, hidden_text, READERS)
    hashed.update(b"\0" + msgspec.json.encode(decided))
    return hashed.hexdigest()


def _skipped(path: str, reason: str, *, failed: bool = False) -> Skipped:
    shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return Skipped(path=shown, reason=reason, failed=failed)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
