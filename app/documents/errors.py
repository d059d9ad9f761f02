"""Why something cannot be done with a document.

AppError
├── Forbidden             not this key's: see `app.errors`
├── NotFound
├── TooLarge
└── DocumentRefused
    ├── Conflict          something else stands in its way; carries code
    ├── AlreadyThere      there is one, and it was not to be replaced
    ├── NotReadable       no reader takes such a file
    └── NoRoom            the disk is nearly full
"""

from app.errors import AppError


class DocumentRefused(AppError):
    """A document is not taken, or nothing can be done with it now."""


class Conflict(DocumentRefused):
    """Something else stands in its way.

    Attributes:
        code: A code of the contract's table.
    """

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class AlreadyThere(DocumentRefused):
    """There is a document of this path, and it was not to be replaced."""

    def __init__(self) -> None:
        super().__init__("There is a document of this path already.")


class NotReadable(DocumentRefused):
    """No reader takes such a file."""


class NoRoom(DocumentRefused):
    """The disk is nearly full."""
