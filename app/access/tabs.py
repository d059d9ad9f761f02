"""What one answer may take while it is written, and what it took."""

import secrets
import time
from collections.abc import Callable, Sequence

from app import metrics
from app.access.ledger import Ledger
from app.access.limits import DAY, Amount, Subject
from app.access.noting import note
from app.access.prices import Prices
from app.access.refusals import refusal_error, unpriced
from app.budgets import BILLION
from app.errors import (
    UpstreamBusy,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamUnavailable,
)
from app.messages import Usage

_FREE = (UpstreamUnavailable, UpstreamRefused, UpstreamRejected, UpstreamBusy)
"""Failures before a model began to work; no upstream charges for these."""


class Call:
    """One call upstream. Until it is settled, it took all that it could.

    Attributes:
        tokens: Tokens it took.
        money: What they cost, in billionths; None where the model has no price.
    """

    def __init__(self, prices: Prices, model: str, most: Usage) -> None:
        """Reserve for a call of `model` that takes `most` at the most."""
        self._prices = prices
        self._model = model
        self.tokens = most.prompt + most.completion
        self.money = prices.worst(model, most)

    def settle(self, usage: Usage) -> None:
        """Take what the upstream says; nothing at all means that it does not know."""
        if usage.prompt or usage.completion:
            self.tokens = usage.prompt + usage.completion
            self.money = self._prices.cost(self._model, usage)

    def fail(self, error: UpstreamFailed) -> None:
        """Take nothing, if `error` says that no model began to work."""
        if isinstance(error, _FREE):
            self.tokens, self.money = 0, 0


class Tab:
    """What one answer may take, and took; must be closed."""

    def __init__(
        self,
        ledger: Ledger,
        prices: Prices,
        subjects: Sequence[Subject],
        on_close: Callable[["Tab"], None],
    ) -> None:
        """Keep count in `ledger` of one answer that `subjects` ask for.

        Args:
            ledger: What keeps count.
            prices: What models cost.
            subjects: Those that have a limit of anything that an answer takes.
            on_close: Called when it is closed.
        """
        self._ledger = ledger
        self._prices = prices
        self._subjects = subjects
        self._on_close = on_close
        self._holder = secrets.token_hex(16)
        self._held = Amount()
        self._calls: list[Call] = []
        self._closed = False

    @property
    def is_bounded(self) -> bool:
        """Whether there is a limit of tokens or money."""
        return any(subject.counts_tokens for subject in self._subjects)

    @property
    def cost(self) -> int | None:
        """What all calls cost, in billionths; None if one has no price."""
        costs = [call.money for call in self._calls]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if self._prices and len(known) == len(costs) else None

    async def begin(self) -> None:
        """Count the answer as one that is being written.

        Raises:
            LimitReached: There are as many as there may be.
        """
        if any(subject.limits.streams for subject in self._subjects):
            await self._reserve(Amount(streams=1))

    async def reserve(self, model: str, *, prompt: int, completion: int) -> Call:
        """Reserve for a call of `model` that takes so many tokens at the most.

        Raises:
            LimitReached: A limit leaves no room for it.
        """
        call = Call(self._prices, model, Usage(prompt=prompt, completion=completion))
        if self.is_bounded:
            if call.money is None:
                self._refuse_unpriced(model)
            await self._reserve(Amount(tokens=call.tokens, money=call.money or 0))
        metrics.RESERVED_TOKENS.inc(call.tokens)
        self._calls.append(call)
        return call

    async def renew(self) -> None:
        """Go on holding what is reserved."""
        if not self._closed and self._held.lasts:
            await self._ledger.renew(self._subjects, self._holder, self._held)

    async def aclose(self) -> None:
        """Count what was taken, and give the rest back; once, however often."""
        if self._closed:
            return
        self._closed = True
        self._on_close(self)
        tokens = sum(call.tokens for call in self._calls)
        money = sum(call.money or 0 for call in self._calls)
        metrics.SPENT_TOKENS.inc(tokens)
        metrics.SPENT_MONEY.inc(money / BILLION)
        if self._held.lasts:
            counts = self.is_bounded
            taken = Amount(tokens=tokens, money=money) if counts else Amount()
            await self._ledger.settle(self._subjects, self._holder, taken)

    async def _reserve(self, amount: Amount) -> None:
        # Held from now on: whoever is cancelled meanwhile cannot know.
        before, self._held = self._held, self._held + amount
        verdict = await self._ledger.reserve(self._subjects, amount, self._holder)
        note(verdict)
        if verdict.refusal is not None:
            self._held = before
            raise refusal_error(verdict.refusal, amount)

    def _refuse_unpriced(self, model: str) -> None:
        for subject in self._subjects:
            if subject.money:
                raise unpriced(subject, model, wait=DAY - time.time() % DAY)
