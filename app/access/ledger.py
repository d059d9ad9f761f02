"""What keeps count of what was asked: in this process, or for several together."""

import time
from collections.abc import Sequence
from typing import Protocol

from app.access.books import Books
from app.access.limits import Amount, Subject, Verdict


class LedgerUnavailable(Exception):
    """What counts for several services does not answer, or not in time.

    No caller ever learns of it: this process counts alone meanwhile.
    """


class Ledger(Protocol):
    """Keeps count. No method ever refuses because the count cannot be kept."""

    async def reserve(
        self,
        subjects: Sequence[Subject],
        amount: Amount,
        holder: str,
    ) -> Verdict:
        """Grant `amount` to all of `subjects`, or to none of them.

        Tokens, money and streams are held under `holder` until they are settled, or until
        a lease is over; each call with the same `holder` holds more.
        """
        ...

    async def settle(
        self,
        subjects: Sequence[Subject],
        holder: str,
        taken: Amount,
    ) -> None:
        """Give back what is held under `holder`, and count what was really taken.

        It comes about even if whoever waits for it is cancelled.
        """
        ...

    async def renew(
        self,
        subjects: Sequence[Subject],
        holder: str,
        held: Amount,
    ) -> None:
        """Go on holding what is held under `holder` for another lease."""
        ...

    def state(self) -> tuple[str, str] | None:
        """Return "up" or "degraded" and what is there; None if nothing is shared."""
        ...


class LocalLedger:
    """Keeps count in this process: in one step of the event loop, so atomically."""

    def __init__(self, lease: float) -> None:
        """Hold what is reserved for `lease` seconds, unless it is renewed."""
        self._books = Books(lease)
        # A clock that tells the day, and does not jump when somebody sets it.
        self._offset = time.time() - time.monotonic()

    async def reserve(
        self,
        subjects: Sequence[Subject],
        amount: Amount,
        holder: str,
    ) -> Verdict:
        """See `Ledger.reserve`."""
        return self._books.reserve(subjects, amount, holder, self._now())

    async def settle(
        self,
        subjects: Sequence[Subject],
        holder: str,
        taken: Amount,
    ) -> None:
        """See `Ledger.settle`."""
        self._books.settle(subjects, holder, taken, self._now())

    async def renew(
        self,
        subjects: Sequence[Subject],
        holder: str,
        held: Amount,
    ) -> None:
        """See `Ledger.renew`."""
        self._books.renew(subjects, holder, held, self._now())

    def state(self) -> tuple[str, str] | None:
        """Return None: nothing is shared."""
        return None

    def _now(self) -> float:
        return time.monotonic() + self._offset
