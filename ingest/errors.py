"""Everything that can go wrong while building or reading the index.

IngestError
├── SettingsError          a variable is missing, unknown or malformed
├── FolderUnusable         the folder to ingest is missing, unreadable or empty
├── ReadError              a file could not be read as a document
│   └── HoldsHiddenText    it was read, and is not taken in
├── ModelUnusable          the embedding model is missing, damaged or refused
├── DiskFull               less space is left than writing needs
├── VectorUnusable         a vector is not finite or has no length
├── IngestInterrupted      a person stopped the run
└── IndexUnusable
    ├── IndexMissing       there is no index yet
    ├── IndexUnreachable   the server does not answer
    ├── IndexBusy          another process writes this index
    ├── IndexDamaged       what is there does not match what was published
    ├── IndexForbidden     this user may not use its folder, or nothing can be written
    └── IndexMismatch      the index was built with another model
"""


class IngestError(Exception):
    """Base of every error this package raises on purpose."""


class SettingsError(IngestError):
    """A variable is missing, unknown or malformed; the message names it."""


class FolderUnusable(IngestError):
    """The folder to ingest is missing, unreadable or holds nothing to read."""


class ReadError(IngestError):
    """A file could not be read as a document.

    Attributes:
        path: The file, relative to the scanned folder.
        reason: What is wrong and what to do, for the person who keeps the docs.
        code: What reports call it, or "".
    """

    code = ""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class HoldsHiddenText(ReadError):
    """A document holds text that nobody sees, and such are not taken in."""

    code = "hidden_text"

    def __init__(self, path: str, found: str) -> None:
        super().__init__(
            path,
            f"it holds hidden text ({found}), and READ_HIDDEN_TEXT is quarantine; take "
            "the text out of the file, or set READ_HIDDEN_TEXT to strip",
        )


class ModelUnusable(IngestError):
    """The embedding model is missing, damaged or refused."""


class DiskFull(IngestError):
    """Less space is left on the disk than writing needs."""


class VectorUnusable(IngestError, ValueError):
    """A vector is not finite or has no length: it points nowhere."""


class IngestInterrupted(IngestError):
    """A person stopped the run; what was done is kept for the next one."""


class IndexUnusable(IngestError):
    """The index cannot be read or written."""


class IndexMissing(IndexUnusable):
    """There is no index yet."""


class IndexUnreachable(IndexUnusable):
    """The index server does not answer."""


class IndexBusy(IndexUnusable):
    """Another process writes this index."""


class IndexDamaged(IndexUnusable):
    """What is stored does not match what was published."""


class IndexForbidden(IndexUnusable):
    """This user may not use the folder, or its file system cannot be written."""


class IndexMismatch(IndexUnusable):
    """The index was built with another model or other chunks."""
