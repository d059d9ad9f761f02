"""Whatever is asked in whatever order: no limit is passed, and both ledgers agree."""

import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from app.access.limits import Amount, Kind, Limits, Subject, Verdict
from tests.app.access.ledgers import Timed, ledger, subject

LIMITS = st.fixed_dictionaries(
    {
        "requests_per_minute": st.integers(0, 6),
        "tokens_per_minute": st.integers(0, 60),
        "tokens_per_day": st.integers(0, 90),
        "money_per_day": st.sampled_from([0.0, 4e-8, 7.5e-8]),
        "streams": st.integers(0, 3),
    }
)
AMOUNTS = st.builds(
    Amount,
    requests=st.integers(0, 2),
    tokens=st.integers(0, 30),
    money=st.integers(0, 30),
    streams=st.integers(0, 1),
)
HOLDERS = st.sampled_from(["a", "b", "c", "d"])
WHO = st.sampled_from([(0,), (1,), (0, 1), (0, 1, 2)])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), WHO, HOLDERS, AMOUNTS),
        st.tuples(st.just("settle"), HOLDERS, st.floats(0, 1)),
        st.tuples(st.just("renew"), HOLDERS),
        st.tuples(st.just("passes"), st.sampled_from([1, 20, 59, 61, 1200])),
    ),
    max_size=25,
)


class Walk:
    """Takes steps with a ledger as the service would, and adds up what it granted."""

    def __init__(self, counting: Timed, subjects: list[Subject]) -> None:
        self.counting = counting
        self.subjects = subjects
        self.held: dict[str, Amount] = {}
        self.whose: dict[str, set[int]] = {}
        self.settled = [Amount() for _ in subjects]
        self.verdicts: list[Verdict] = []

    async def take(self, step: tuple[Any, ...]) -> None:
        name, *given_ = step
        await getattr(self, name)(*given_)

    async def reserve(self, who: tuple[int, ...], holder: str, amount: Amount) -> None:
        # One answer asks for the same people from its first moment to its last.
        if amount.lasts:
            who = tuple(sorted(self.whose.setdefault(holder, set(who))))
        asked = [self.subjects[i] for i in who]
        verdict = await self.counting.reserve(asked, amount, holder)
        self.verdicts.append(verdict)
        if verdict.refusal is None and amount.lasts:
            self.held[holder] = self.held.get(holder, Amount()) + amount

    async def settle(self, holder: str, share: float) -> None:
        held = self.held.pop(holder, Amount())
        taken = Amount(tokens=int(held.tokens * share), money=int(held.money * share))
        who = sorted(self.whose.pop(holder, set()))
        await self.counting.settle([self.subjects[i] for i in who], holder, taken)
        for i in who:
            self.settled[i] += taken

    async def renew(self, holder: str) -> None:
        if holder in self.held:
            who = [self.subjects[i] for i in sorted(self.whose[holder])]
            await self.counting.renew(who, holder, self.held[holder])

    async def passes(self, seconds: float) -> None:
        # Whoever lives renews in time.
        for holder in self.held:
            await self.renew(holder)
        await self.counting.passes(min(seconds, 59))
        for holder in self.held:
            await self.renew(holder)
        if seconds > 59:
            await self.counting.passes(seconds - 59)
            for holder in self.held:
                await self.renew(holder)

    def spent(self, i: int) -> Amount:
        """Return what subject `i` holds and has settled, all day long."""
        held = [a for holder, a in self.held.items() if i in self.whose[holder]]
        return sum(held, self.settled[i])


def people(limits: list[dict[str, float]]) -> list[Subject]:
    kinds: tuple[Kind, ...] = ("session", "key", "tenant")
    return [
        subject(str(i), kind, **given_)
        for i, (kind, given_) in enumerate(zip(kinds, limits, strict=True))
    ]


@given(st.lists(LIMITS, min_size=3, max_size=3), STEPS)
def test_what_is_held_and_settled_in_a_day_is_never_over_a_limit(
    limits: list[dict[str, float]], steps: list[tuple[Any, ...]]
) -> None:
    async def walk() -> None:
        async with ledger("process") as counting:
            walking = Walk(counting, people(limits))
            for step in steps:
                await walking.take(step)
                for i, one in enumerate(walking.subjects):
                    spent, limit = walking.spent(i), one.limits
                    assert not limit.tokens_per_day or (
                        spent.tokens <= limit.tokens_per_day
                    )
                    assert not one.money or spent.money <= one.money
                    assert not limit.streams or spent.streams <= limit.streams

    asyncio.run(walk())


@given(
    st.integers(1, 8),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), max_size=60),
)
def test_in_no_minute_that_a_request_begins_are_more_granted_than_the_limit(
    limit: int, steps: list[tuple[int, int]]
) -> None:
    granted: list[tuple[float, int]] = []

    async def walk() -> None:
        async with ledger("process") as counting:
            now = 0.0
            for pause, requests in steps:
                now += pause
                await counting.passes(pause)
                verdict = await counting.reserve(
                    [subject(requests_per_minute=limit)], Amount(requests=requests), ""
                )
                if verdict.refusal is None:
                    granted.append((now, requests))

    asyncio.run(walk())

    begun = -60.0
    for since, _ in granted:
        if since < begun + 60:
            continue
        begun = since
        assert sum(n for t, n in granted if begun <= t < begun + 60) <= limit


@settings(deadline=None, max_examples=60)
@given(st.lists(LIMITS, min_size=3, max_size=3), STEPS)
def test_both_ledgers_give_the_same_verdicts(
    limits: list[dict[str, float]], steps: list[tuple[Any, ...]]
) -> None:
    async def verdicts(kind: str) -> list[Verdict]:
        async with ledger(kind) as counting:
            walking = Walk(counting, people(limits))
            for step in steps:
                await walking.take(step)
            return walking.verdicts

    ours, theirs = (asyncio.run(verdicts(kind)) for kind in ("process", "redis"))

    assert list(map(timeless, ours)) == list(map(timeless, theirs))


def timeless(verdict: Verdict) -> object:
    """Return what a verdict says, without waits: the real one's clock goes on."""
    refusal = verdict.refusal
    why = (refusal.limit, refusal.subject.place) if refusal else None
    stands = [
        (one.limit, one.remaining, one.reset > 0) if one else None
        for one in (verdict.requests, verdict.tokens)
    ]
    return why, stands


def test_a_walk_can_be_refused_for_every_reason() -> None:
    """The properties above would hold of a ledger that refuses nothing, or all."""
    names = set(msgspec.structs.asdict(Limits()))

    async def refusals() -> set[str]:
        found: set[str] = set()
        for name in names:
            async with ledger("process") as counting:
                amount = Amount(requests=1, tokens=1, money=1_000_000_000, streams=1)
                who = [subject("k", "key", **{name: 1})]
                granted = await counting.reserve(who, amount, "a")
                assert granted.refusal is None
                refused = await counting.reserve(who, amount, "b")
                assert refused.refusal is not None
                found.add(refused.refusal.limit)
        return found

    assert asyncio.run(refusals()) == names
