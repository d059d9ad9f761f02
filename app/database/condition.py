"""How a database is doing, as those who used it last found it."""

import logging

from app.errors import (
    DatabaseBusy,
    DatabaseConflict,
    DatabaseReadOnly,
    DatabaseUnavailable,
)

log = logging.getLogger(__name__)


class Condition:
    """What went wrong last, until it goes right again."""

    def __init__(self) -> None:
        self.unopened = "it has not been opened yet"
        self._reading = ""
        self._writing = ""

    @property
    def well(self) -> bool:
        """Whether nothing is known to be wrong."""
        return not (self.unopened or self._reading or self._writing)

    def state(self) -> tuple[str, str]:
        """Return "up", "degraded" or "down", and why, or ""."""
        if why := self.unopened or self._reading:
            return "down", why
        return ("degraded", self._writing) if self._writing else ("up", "")

    def succeeded(self, *, wrote: bool) -> None:
        """Note that it was read, or written."""
        self._reading = ""
        if wrote:
            self._writing = ""

    def failed(self, error: DatabaseUnavailable) -> None:
        """Note why it could not be used."""
        if isinstance(error, DatabaseConflict):
            return
        if isinstance(error, DatabaseReadOnly | DatabaseBusy):
            self._writing = str(error)
        else:
            self._reading = str(error)
        # Its state is told once, when it changes; this is for who looks for one request.
        log.debug("database: %s", error)

    def refuse_unopened(self) -> None:
        """Raise if it was never opened.

        Raises:
            DatabaseUnavailable: Its tables may be missing, or of another version.
        """
        if self.unopened:
            raise DatabaseUnavailable(self.unopened)
