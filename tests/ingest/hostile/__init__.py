"""Makes files that parsers should not survive: bombs, loops, traps, wreckage.

A file of this folder for each family; each file says what must come of it.
"""

from collections.abc import Iterator

from tests.ingest.hostile.archives import archives
from tests.ingest.hostile.case import CANARY, Hostile, Place
from tests.ingest.hostile.entities import entities
from tests.ingest.hostile.includes import includes
from tests.ingest.hostile.kinds import kinds
from tests.ingest.hostile.mails import mails
from tests.ingest.hostile.pdfs import pdfs
from tests.ingest.hostile.sheets import sheets
from tests.ingest.hostile.texts import texts

__all__ = ["CANARY", "Hostile", "Place", "hostile_files", "includes"]


def hostile_files(place: Place) -> Iterator[Hostile]:
    """Yield every file, each under a name of its own."""
    yield from archives()
    yield from entities(place)
    yield from includes(place)
    yield from kinds()
    yield from mails(place)
    yield from pdfs(place)
    yield from sheets(place)
    yield from texts()
