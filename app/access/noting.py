"""How the limits of the request that runs stand, for the headers of its answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct

from app.access.limits import Standing, Verdict


class Noted(Struct):
    """How two limits of a minute stood when they were looked at last.

    Attributes:
        requests: Requests; None where there is no limit.
        tokens: Tokens; None where there is no limit.
    """

    requests: Standing | None = None
    tokens: Standing | None = None


_noted: ContextVar[Noted | None] = ContextVar("noted", default=None)


@contextmanager
def collect() -> Iterator[Noted]:
    """Gather how the limits of the request that runs inside stand."""
    noted = Noted()
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note(verdict: Verdict) -> None:
    """Note how limits stand, for the request that runs."""
    noted = _noted.get()
    if noted is None:
        return
    noted.requests = _tighter(verdict.requests, noted.requests)
    # Of tokens the last look counts: what this request may take is held by then.
    noted.tokens = verdict.tokens or noted.tokens


def _tighter(new: Standing | None, old: Standing | None) -> Standing | None:
    if new is None or old is None:
        return new or old
    return min(new, old, key=lambda standing: standing.remaining)
