"""What goes to a reading process and what comes back, as bytes."""

from msgspec import Struct

from ingest.documents import Reading


class Task(Struct, frozen=True):
    """A document to read; the file's bytes follow it.

    Attributes:
        name: The document's path.
        media_type: Its IANA media type.
        size: Bytes of the file.
    """

    name: str
    media_type: str
    size: int


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of a task.

    Attributes:
        reading: What was read, or None if nothing could be.
        reason: Why not, for the person who keeps the document.
        exhausted: Memory ran out, so the process is to be replaced.
    """

    reading: Reading | None = None
    reason: str = ""
    exhausted: bool = False
