"""What a folder's reader and the process that searches for it tell each other.

    ──▶ size, number, 0       a Task
    ◀── size, number, 0       what was asked for
    ◀── size, number, 1       a Failure

Answers carry the number of their task. Both ends are of one installation, so fields
go without names.
"""

import struct
from typing import Literal

import msgspec
import numpy as np
from msgspec import Struct

from ingest.documents import Principal, Vector
from ingest.errors import (
    DiskFull,
    IndexDamaged,
    IndexForbidden,
    IndexUnusable,
    IngestError,
)
from ingest.index.base import IndexQuery
from ingest.index.editions import Manifest
from ingest.index.filters import Condition

HEAD = struct.Struct("<IIB")
"""Goes before every message: bytes of it, number of the task, whether it failed."""


class Open(Struct, frozen=True, tag=True, array_like=True):
    """Open an edition in a private copy, to be searched from now on; answers None.

    Attributes:
        folder: The index.
        told: What was written down about the edition.
        floor: Bytes that must stay free on the disk.
    """

    folder: str
    told: Manifest
    floor: int


class Search(Struct, frozen=True, tag=True, array_like=True):
    """Search; answers with hits, best first."""

    principal: Principal
    query: IndexQuery


class Chunks(Struct, frozen=True, tag=True, array_like=True):
    """Read the chunks that have these ids; answers with them in any order."""

    ids: list[str]


class Matching(Struct, frozen=True, tag=True, array_like=True):
    """Read the chunks that fulfil conditions; answers with them in any order."""

    conditions: tuple[Condition, ...]


class Listing(Struct, frozen=True, tag=True, array_like=True):
    """List the documents whose first points fulfil conditions, by path."""

    conditions: tuple[Condition, ...]


class Holdings(Struct, frozen=True, tag=True, array_like=True):
    """Do the same, for those who look after the documents."""

    conditions: tuple[Condition, ...]


class Count(Struct, frozen=True, tag=True, array_like=True):
    """Count the points that fulfil conditions."""

    conditions: tuple[Condition, ...]


Task = Open | Search | Chunks | Matching | Listing | Holdings | Count


_Kind = Literal["DiskFull", "IndexDamaged", "IndexForbidden", "IndexUnusable"]


class Failure(Struct, frozen=True, array_like=True):
    """Why there is no answer.

    Attributes:
        kind: Name of the error's class.
        message: What it says.
    """

    kind: _Kind
    message: str

    @classmethod
    def of(cls, error: IngestError) -> "Failure":
        """Return what is told of `error`."""
        for kind, known in _KINDS.items():
            if isinstance(error, known):
                return cls(kind, str(error))
        raise error

    def error(self) -> IngestError:
        """Return the error this tells of."""
        return _KINDS[self.kind](self.message)


_KINDS: dict[_Kind, type[IngestError]] = {
    "DiskFull": DiskFull,
    "IndexDamaged": IndexDamaged,
    "IndexForbidden": IndexForbidden,
    "IndexUnusable": IndexUnusable,
}


def _plain(value: object) -> memoryview:
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value, np.float32).data
    raise NotImplementedError(type(value))


def _array(_: type, value: bytes) -> Vector:
    return np.frombuffer(value, np.float32)


encoder = msgspec.msgpack.Encoder(enc_hook=_plain)
"""Writes tasks and answers."""

task_decoder = msgspec.msgpack.Decoder(Task, dec_hook=_array)
"""Reads tasks."""
