"""What goes wrong with a database, told as errors of ours. Pure.

Callers of a database know three things of a failure: whether to come again at once,
whether it can still be read, and why, without the statement and its values.
"""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.errors import (
    DatabaseBusy,
    DatabaseConflict,
    DatabaseReadOnly,
    DatabaseUnavailable,
)

_BY_STATE: dict[str, type[DatabaseUnavailable]] = {
    "40001": DatabaseConflict,  # could not serialize access
    "40P01": DatabaseConflict,  # deadlock detected
    "25006": DatabaseReadOnly,  # a standby, or set to read only
    "53100": DatabaseReadOnly,  # its disk is full
    "53300": DatabaseBusy,  # too many connections
    "55P03": DatabaseBusy,  # a lock is not available
    "57014": DatabaseBusy,  # the server cancelled what took too long
    "42P01": DatabaseUnavailable,  # the tables are gone
    "3D000": DatabaseUnavailable,  # there is no such database
}
_AWAY = ("08", "28", "53", "57", "58", "XX")
"""Classes of states in which a server cannot do what it is asked at all."""

_BY_NAME: dict[str, type[DatabaseUnavailable]] = {
    "SQLITE_BUSY": DatabaseBusy,
    "SQLITE_LOCKED": DatabaseBusy,
    "SQLITE_FULL": DatabaseReadOnly,
    "SQLITE_READONLY": DatabaseReadOnly,
    "SQLITE_IOERR_WRITE": DatabaseReadOnly,
    "SQLITE_IOERR_FSYNC": DatabaseReadOnly,
    "SQLITE_IOERR_TRUNCATE": DatabaseReadOnly,
    "SQLITE_IOERR_SHMSIZE": DatabaseReadOnly,
    "SQLITE_CORRUPT": DatabaseUnavailable,
    "SQLITE_NOTADB": DatabaseUnavailable,
}

_ADVICE = {
    "42P01": "; the tables are gone: restart the service, which makes them",
    "3D000": "; create it: createdb",
    "SQLITE_CORRUPT": "; stop the service and put a backup in the file's place",
    "SQLITE_NOTADB": "; stop the service and put a backup in the file's place",
}


def failure_of(error: BaseException) -> DatabaseUnavailable | None:
    """Return what `error` means for who asked; None if it is no fault of the database.

    Values that do not fit, and statements that are wrong, are not.
    """
    if isinstance(error, PoolTimeout):
        return DatabaseBusy("all connections are in use")
    original = getattr(error, "orig", None) or error
    if isinstance(original, sqlite3.Error):
        return _of_file(original)
    if state := getattr(original, "sqlstate", None):
        return _of_state(str(state), original)
    broken = isinstance(error, DBAPIError) and error.connection_invalidated
    away = isinstance(error, OperationalError | OSError | TimeoutError)
    # The driver of PostgreSQL lets some errors of its own through as they are.
    if away or broken or type(original).__module__.startswith("asyncpg."):
        return DatabaseUnavailable(reason(original))
    return None


def reason(error: BaseException) -> str:
    """Return what happened, without the statement and its values."""
    said = str(error).strip()
    if not said:
        return "no answer in time" if isinstance(error, TimeoutError) else "no answer"
    return said.splitlines()[0][:200]


def _of_state(state: str, error: BaseException) -> DatabaseUnavailable | None:
    cls = _BY_STATE.get(state)
    if cls is None and state.startswith(_AWAY):
        cls = DatabaseUnavailable
    return None if cls is None else cls(reason(error) + _ADVICE.get(state, ""))


def _of_file(error: sqlite3.Error) -> DatabaseUnavailable | None:
    name = str(getattr(error, "sqlite_errorname", ""))
    # Extended names begin with the plain one: SQLITE_BUSY_SNAPSHOT.
    known = next((key for key in _BY_NAME if name.startswith(key)), "")
    if known:
        return _BY_NAME[known](reason(error) + _ADVICE.get(known, ""))
    if isinstance(error, sqlite3.OperationalError):
        return DatabaseUnavailable(reason(error))
    return None
