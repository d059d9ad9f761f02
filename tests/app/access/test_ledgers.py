"""Both ledgers keep the same rules: in this process, and in Redis."""

import asyncio

import pytest

from app.access.limits import Amount, Standing
from app.budgets import BILLION
from tests.app.access.ledgers import KINDS, LEASE, ledger, subject

REQUEST = Amount(requests=1)
STREAM = Amount(streams=1)

both = pytest.mark.parametrize("kind", KINDS)


@both
async def test_within_one_minute_as_many_requests_are_granted_as_the_limit_says(
    kind: str,
) -> None:
    who = [subject(requests_per_minute=10)]
    async with ledger(kind) as counting:
        asked = [counting.reserve(who, REQUEST, "") for _ in range(50)]
        verdicts = await asyncio.gather(*asked)

    granted = [v for v in verdicts if v.refusal is None]
    assert len(granted) == 10
    refusals = {v.refusal.limit for v in verdicts if v.refusal}
    assert refusals == {"requests_per_minute"}


@both
async def test_a_minute_begins_with_the_first_request_in_it(kind: str) -> None:
    who = [subject(requests_per_minute=2)]
    async with ledger(kind) as counting:
        await counting.reserve(who, REQUEST, "")
        await counting.passes(50)
        await counting.reserve(who, REQUEST, "")
        refused = await counting.reserve(who, REQUEST, "")
        await counting.passes(11)
        granted = [await counting.reserve(who, REQUEST, "") for _ in range(3)]

    assert refused.refusal is not None
    assert 8 < refused.refusal.wait <= 10
    assert [v.refusal is None for v in granted] == [True, True, False]


@both
async def test_how_requests_stand_is_told_of_the_tightest(kind: str) -> None:
    key = subject("k1", requests_per_minute=3)
    tenant = subject("", "tenant", requests_per_minute=100)
    async with ledger(kind) as counting:
        first = await counting.reserve([key, tenant], REQUEST, "")
        await counting.reserve([key, tenant], REQUEST, "")
        last = await counting.reserve([tenant], REQUEST, "")

    assert first.requests is not None
    assert (first.requests.limit, first.requests.remaining) == (3, 2)
    assert 58 < first.requests.reset <= 60
    assert last.requests is not None
    assert (last.requests.limit, last.requests.remaining) == (100, 97)


@both
async def test_all_of_the_subjects_are_granted_or_none(kind: str) -> None:
    key = subject("k1", requests_per_minute=5, streams=5, tokens_per_minute=50)
    tenant = subject("", "tenant", requests_per_minute=1, streams=1)
    amount = Amount(requests=1, streams=1, tokens=10)
    async with ledger(kind) as counting:
        await counting.reserve([key, tenant], amount, "a")
        refused = await counting.reserve([key, tenant], amount, "b")
        left = await counting.reserve([key], Amount(), "")

    assert refused.refusal is not None
    assert (refused.refusal.limit, refused.refusal.subject) == ("streams", tenant)
    assert left.requests is not None
    assert left.requests.remaining == 4
    assert left.tokens is not None
    assert left.tokens.remaining == 40


@both
async def test_what_is_reserved_counts_until_less_is_settled(kind: str) -> None:
    who = [subject(tokens_per_minute=100)]
    async with ledger(kind) as counting:
        first = await counting.reserve(who, Amount(tokens=80), "a")
        over = await counting.reserve(who, Amount(tokens=30), "b")
        await counting.settle(who, "a", Amount(tokens=20))
        after = await counting.reserve(who, Amount(tokens=30), "b")

    assert first.tokens is not None
    assert first.tokens.remaining == 20
    assert over.refusal is not None
    assert over.refusal.limit == "tokens_per_minute"
    assert after.refusal is None
    assert after.tokens is not None
    assert after.tokens.remaining == 50


@both
async def test_what_was_taken_beyond_the_reservation_counts_too(kind: str) -> None:
    who = [subject(tokens_per_minute=100)]
    async with ledger(kind) as counting:
        await counting.reserve(who, Amount(tokens=50), "a")
        await counting.settle(who, "a", Amount(tokens=120))
        more = await counting.reserve(who, Amount(tokens=1), "b")

    assert more.refusal is not None
    assert more.tokens is not None
    assert more.tokens.remaining == 0


@both
async def test_one_holder_can_hold_more_and_gives_all_of_it_back_at_once(
    kind: str,
) -> None:
    who = [subject(tokens_per_minute=100, streams=1)]
    async with ledger(kind) as counting:
        await counting.reserve(who, STREAM, "a")
        await counting.reserve(who, Amount(tokens=40), "a")
        held = await counting.reserve(who, Amount(tokens=60), "a")
        await counting.settle(who, "a", Amount())
        after = await counting.reserve(who, STREAM, "b")

    assert held.tokens is not None
    assert held.tokens.remaining == 0
    assert after.refusal is None
    assert after.tokens is not None
    assert after.tokens.remaining == 100


@both
@pytest.mark.parametrize(
    ("limits", "amount"),
    [
        ({"tokens_per_day": 100}, Amount(tokens=60)),
        ({"money_per_day": 0.0001}, Amount(money=60_000)),
    ],
)
async def test_a_day_is_spent_until_the_next(
    kind: str, limits: dict[str, float], amount: Amount
) -> None:
    who = [subject("k1", "key", **limits)]
    async with ledger(kind) as counting:
        await counting.reserve(who, amount, "a")
        await counting.settle(who, "a", amount)
        await counting.passes(100)
        refused = await counting.reserve(who, amount, "b")
        await counting.passes(86_400)
        granted = await counting.reserve(who, amount, "b")
        # What the new day has spent is not on top of the day before.
        await counting.settle(who, "b", Amount(tokens=10, money=10))
        more = await counting.reserve(who, amount, "c")

    assert refused.refusal is not None
    assert refused.refusal.limit == next(iter(limits))
    assert 0 < refused.refusal.wait <= 86_400
    assert granted.refusal is None
    assert more.refusal is None


@both
async def test_what_a_dead_process_held_is_free_after_its_lease(kind: str) -> None:
    who = [subject(streams=1, tokens_per_day=100, money_per_day=1)]
    all_ = Amount(streams=1, tokens=100, money=BILLION)
    async with ledger(kind) as counting:
        await counting.reserve(who, all_, "dead")
        await counting.passes(LEASE - 2)
        early = await counting.reserve(who, all_, "b")
        await counting.passes(3)
        late = await counting.reserve(who, all_, "b")

    assert early.refusal is not None
    assert late.refusal is None


@both
async def test_a_renewed_lease_holds_on(kind: str) -> None:
    who = [subject(streams=1)]
    async with ledger(kind) as counting:
        await counting.reserve(who, STREAM, "a")
        for _ in range(4):
            await counting.passes(LEASE - 5)
            await counting.renew(who, "a", STREAM)
        refused = await counting.reserve(who, STREAM, "b")
        await counting.settle(who, "a", Amount())
        granted = await counting.reserve(who, STREAM, "b")

    assert refused.refusal is not None
    assert granted.refusal is None


@both
async def test_a_lease_that_ran_out_while_its_answer_lives_is_taken_again(
    kind: str,
) -> None:
    who = [subject(streams=1)]
    async with ledger(kind) as counting:
        await counting.reserve(who, STREAM, "a")
        await counting.passes(LEASE + 1)
        await counting.renew(who, "a", STREAM)
        refused = await counting.reserve(who, STREAM, "b")

    assert refused.refusal is not None


@both
async def test_large_sums_of_money_are_exact(kind: str) -> None:
    who = [subject(money_per_day=9_000_000)]
    whole = 9_000_000 * BILLION
    async with ledger(kind) as counting:
        await counting.reserve(who, Amount(money=whole - 1), "a")
        await counting.settle(who, "a", Amount(money=whole - 1))
        last = await counting.reserve(who, Amount(money=1), "b")
        over = await counting.reserve(who, Amount(money=1), "c")

    assert last.refusal is None
    assert over.refusal is not None


@both
async def test_one_subject_leaves_another_alone(kind: str) -> None:
    async with ledger(kind) as counting:
        await counting.reserve([subject("a", requests_per_minute=1)], REQUEST, "")
        other = await counting.reserve(
            [subject("b", requests_per_minute=1)], REQUEST, ""
        )

    assert other.refusal is None
    assert other.requests is not None
    assert other.requests.remaining == 0


@both
async def test_looking_begins_no_minute(kind: str) -> None:
    who = [subject(requests_per_minute=5, tokens_per_minute=50)]
    async with ledger(kind) as counting:
        seen = await counting.reserve(who, Amount(), "")

    assert seen.requests == Standing(limit=5, remaining=5, reset=0)
    assert seen.tokens == Standing(limit=50, remaining=50, reset=0)
