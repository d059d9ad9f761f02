"""Counts what callers ask for, and holds them to their limits.

request ──▶ Meter.count
question ─▶ Meter.open ──▶ Tab.reserve ──▶ Call ──▶ upstream
                                           Call.settle ◀── what it took
                           Tab.aclose ───▶ counted, and the rest given back
"""

import asyncio
import functools
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from app import metrics
from app.access.ledger import Ledger
from app.access.limits import Amount, Kind, Limits, Subject, overriding
from app.access.noting import note
from app.access.prices import Prices
from app.access.refusals import refusal_error
from app.access.tabs import Tab
from app.budgets import price_table
from app.errors import Overloaded
from app.settings import Settings
from ingest.documents import Principal

LimitsOf = Callable[[str], Limits]
"""Returns a key's own limits, by its id."""

_NONE = Limits()


class Meter:
    """Counts for every caller."""

    def __init__(self, ledger: Ledger, settings: Settings, limits_of: LimitsOf) -> None:
        """Hold callers to the limits of `settings`, and keys to their own.

        Args:
            ledger: What keeps count.
            settings: Every setting.
            limits_of: Returns what a key may ask; 0 leaves it at the settings.
        """
        self._ledger = ledger
        self._prices = Prices(price_table(settings.price))
        self._limits_of = limits_of
        self._key = overriding(settings.key_limit, _NONE)
        self._tenant = overriding(settings.tenant_limit, _NONE)
        self._session = overriding(settings.session_limit, _NONE)
        self._most = settings.server.streams
        self._tabs: set[Tab] = set()

    async def count(self, principal: Principal) -> None:
        """Count one request.

        Raises:
            LimitReached: There are as many a minute as there may be.
        """
        subjects = [s for s in self._subjects(principal) if s.counts_minutes]
        if subjects:
            amount = Amount(requests=1)
            verdict = await self._ledger.reserve(subjects, amount, "")
            note(verdict)
            if verdict.refusal is not None:
                raise refusal_error(verdict.refusal, amount)

    async def open(self, principal: Principal) -> Tab:
        """Begin to count an answer; the tab must be closed.

        Raises:
            LimitReached: As many are being written as there may be.
            Overloaded: As many are being written as the service takes on.
        """
        self.refuse_if_full()
        subjects = [s for s in self._subjects(principal) if s.counts_answers]
        tab = Tab(self._ledger, self._prices, subjects, self._forget)
        self._tabs.add(tab)
        metrics.ANSWERS.set(len(self._tabs))
        try:
            await tab.begin()
        except BaseException:
            # Being cancelled counts too: nobody else knows of this tab yet.
            await tab.aclose()
            raise
        return tab

    def refuse_if_full(self) -> None:
        """Refuse an answer before anything is done for it.

        Raises:
            Overloaded: As many are being written as the service takes on.
        """
        if len(self._tabs) >= self._most:
            metrics.OVERLOAD_REFUSALS.labels("answers").inc()
            raise Overloaded("no room for another answer")

    def state(self) -> tuple[str, str] | None:
        """Return "up" or "degraded" and what is there; None if nothing is shared."""
        return self._ledger.state()

    @asynccontextmanager
    async def renewing(self, *, every: float) -> AsyncIterator[None]:
        """Renew what running answers hold, every so many seconds, in this block."""
        task = asyncio.create_task(self._keep_renewing(every))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _keep_renewing(self, every: float) -> None:
        while True:
            await asyncio.sleep(every)
            for tab in tuple(self._tabs):
                await tab.renew()

    def _forget(self, tab: Tab) -> None:
        self._tabs.discard(tab)
        metrics.ANSWERS.set(len(self._tabs))

    def _subjects(self, principal: Principal) -> list[Subject]:
        """Return whoever has a limit here, the closest first."""
        found: list[tuple[Kind, str, Limits]] = []
        if principal.session and self._session != _NONE:
            found.append(("session", principal.session, self._session))
        if principal.key_id:
            own = overriding(self._limits_of(principal.key_id), self._key)
            if own != _NONE:
                found.append(("key", principal.key_id, own))
        if self._tenant != _NONE:
            found.append(("tenant", "", self._tenant))
        if not found:
            return []
        # Braces keep what is counted together on one machine of a cluster.
        group = _group(principal.tenant)
        return [
            Subject(kind=kind, place=f"{{{group}}}:{kind}:{name}", limits=limits)
            for kind, name, limits in found
        ]


@functools.lru_cache(maxsize=4096)
def _group(tenant: str) -> str:
    """Return a word for a tenant that no other tenant has, whatever it is called."""
    return hashlib.blake2b(tenant.encode(), digest_size=16).hexdigest()
