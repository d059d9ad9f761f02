"""Collections of a server as editions: their names and what they remember. Pure."""

import hashlib
import re
import time

import msgspec
from msgspec import Struct

from ingest.index.base import Edition, Fingerprint


class State(Struct, frozen=True):
    """What a collection's metadata say.

    Attributes:
        collection: Its name.
        fingerprint: What it is built with.
        edition: What readers were last told; None before the first time.
        changed: Something was written since.
    """

    collection: str
    fingerprint: Fingerprint
    edition: Edition | None = None
    changed: bool = False


def collection_of(alias: str, fingerprint: Fingerprint) -> str:
    """Return the name of the alias's collection for what has this fingerprint."""
    built = hashlib.blake2b(msgspec.json.encode(fingerprint), digest_size=6)
    return f"{alias}-{built.hexdigest()}"


def belongs(collection: str, alias: str) -> bool:
    """Say whether `collection` has a name that `collection_of` gives."""
    return re.fullmatch(rf"{re.escape(alias)}-[0-9a-f]{{12}}", collection) is not None


def next_edition(state: State, *, documents: int, chunks: int) -> Edition:
    """Return what readers are told when `state` is published.

    Args:
        state: What the collection remembers.
        documents: Documents in it now.
        chunks: Chunks in it now.
    """
    before = int(state.edition.name.rpartition("@")[2]) if state.edition else 0
    return Edition(
        name=f"{state.collection}@{before + 1:06d}",
        created=time.time(),
        documents=documents,
        chunks=chunks,
        fingerprint=state.fingerprint,
        current=True,
    )
