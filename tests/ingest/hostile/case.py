"""What a hostile file is: how it is made, and what must come of it."""

from collections.abc import Callable

from msgspec import Struct

CANARY = "canary-7f3a"
"""Stands in a file of this machine, and must never be read."""


class Hostile(Struct, frozen=True):
    """One file that a parser should not survive, and what reading it must come to.

    Attributes:
        name: Its name, which may lie about what it is.
        make: Makes its bytes.
        reason: Pattern of the reason that it is refused for, or "".
        shown: What its reading holds if it is read, whatever else it holds.
        costly: It takes seconds, or much memory.
    """

    name: str
    make: Callable[[], bytes]
    reason: str = ""
    shown: str = ""
    costly: bool = False


class Place(Struct, frozen=True):
    """What hostile files reach for.

    Attributes:
        secret: Path of a file that holds `CANARY`.
        address: ``http://`` address of a server that must never be asked.
    """

    secret: str
    address: str


def fixed(data: bytes) -> Callable[[], bytes]:
    """Return a maker of bytes that are there already."""
    return lambda: data
