"""What an edition holds, written beside it: a run that changes nothing opens no shard.

    FOLDER/editions/000007/documents.msgpack   digest, then a `DocumentList`

The list is a shortcut and nothing more. Where it is missing or damaged, or the files
of the shard are not those it was written for, the shard tells. Plain file work.
"""

import hashlib
from pathlib import Path

import msgspec
from msgspec import Struct

from ingest.index.base import Stored
from ingest.index.copies import replace_file

NAME = "documents.msgpack"

_DIGEST = 16
"""Bytes of the digest in front."""


class DocumentList(Struct, frozen=True):
    """The documents of an edition.

    Attributes:
        files: Size in bytes and time of change in nanoseconds of the shard's files,
            by path.
        documents: The documents of each tenant.
    """

    files: dict[str, tuple[int, int]]
    documents: dict[str, list[Stored]]


def write(shard: Path, documents: dict[str, list[Stored]]) -> None:
    """Write the list of an edition, beside its shard, which nothing changes any more.

    Args:
        shard: The folder of the edition's shard.
        documents: The documents of each tenant.
    """
    told = msgspec.msgpack.encode(DocumentList(_files(shard), documents))
    replace_file(shard.parent / NAME, _digest(told) + told)


def read(shard: Path) -> dict[str, list[Stored]] | None:
    """Return the documents of each tenant; None if only the shard can tell."""
    try:
        content = (shard.parent / NAME).read_bytes()
        told = content[_DIGEST:]
        if content[:_DIGEST] != _digest(told):
            return None
        listed = msgspec.msgpack.decode(told, type=DocumentList)
        return listed.documents if listed.files == _files(shard) else None
    except (OSError, msgspec.MsgspecError):
        return None


def _digest(told: bytes) -> bytes:
    return hashlib.blake2b(told, digest_size=_DIGEST).digest()


def _files(shard: Path) -> dict[str, tuple[int, int]]:
    """Return what shows that somebody changed a file, without reading it."""
    found = {path: path.stat() for path in sorted(shard.rglob("*")) if path.is_file()}
    return {
        path.relative_to(shard).as_posix(): (status.st_size, status.st_mtime_ns)
        for path, status in found.items()
    }
