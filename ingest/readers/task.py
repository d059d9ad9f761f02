"""What goes to a reading process and what comes back, as bytes."""

from msgspec import Struct

from ingest.documents import Reading
from ingest.hidden import HiddenText

_ANSWER_BYTES = 32 * 1024 * 1024
_ANSWER_RATIO = 8


class Confinement(Struct, frozen=True):
    """What the kernel sees to in a reading process; the first thing it says.

    Attributes:
        network: It reaches no network. Else Python's own calls are refused.
        files: It reads what it needs to run, and nothing else of the machine. Else
            Python's own calls are refused.
        calls: It makes no system call that reading has no use for, such as leaving
            the group of processes that is killed as one.
    """

    network: bool
    files: bool
    calls: bool


class Task(Struct, frozen=True):
    """A document to read; the file's bytes follow it.

    Attributes:
        name: The document's path.
        media_type: Its IANA media type.
        size: Bytes of the file.
        hidden_text: What is done about text that nobody sees.
    """

    name: str
    media_type: str
    size: int
    hidden_text: HiddenText = "strip"


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


def most_answer(size: int) -> int:
    """Return the bytes that the outcome of a document of `size` bytes may have.

    A text is there once whole and once in pieces; more than a few times the file
    comes of one that was made to blow up.
    """
    return _ANSWER_BYTES + _ANSWER_RATIO * size
