"""Whose limits hold for whom, what an answer costs, and that nothing leaks."""

import asyncio

import pytest

from app.access.limits import Limits, overriding
from app.access.meter import Meter
from app.budgets import BILLION, KeyLimits, PriceSettings, SessionLimits, price_table
from app.errors import LimitReached, QuotaSpent, UpstreamTimeout, UpstreamUnavailable
from app.messages import Usage
from app.settings import load_settings
from ingest.documents import Principal
from ingest.errors import SettingsError
from tests.app.access.metering import CALLER, NOBODY, PRICES, meter


async def counted(metering: Meter, principal: Principal, times: int) -> int:
    granted = 0
    for _ in range(times):
        try:
            await metering.count(principal)
        except LimitReached:
            continue
        granted += 1
    return granted


async def test_a_limit_of_the_key_wins_over_the_usual_one_field_by_field() -> None:
    own = {"requests_per_minute": 3}
    usual = {"KEY_LIMIT_REQUESTS_PER_MINUTE": "5", "KEY_LIMIT_STREAMS": "1"}
    counting = meter(own, **usual)
    other = Principal(tenant="acme", labels=("public",), key_id="k2")

    assert await counted(counting, CALLER, 9) == 3
    assert await counted(counting, other, 9) == 5
    first = await counting.open(CALLER)
    with pytest.raises(LimitReached):
        await counting.open(CALLER)
    await first.aclose()


async def test_without_a_key_only_the_limits_of_the_tenant_hold() -> None:
    counting = meter(
        KEY_LIMIT_REQUESTS_PER_MINUTE="1", TENANT_LIMIT_REQUESTS_PER_MINUTE="4"
    )

    assert await counted(counting, NOBODY, 9) == 4


async def test_keys_share_the_limit_of_their_tenant_and_tenants_share_none() -> None:
    counting = meter(TENANT_LIMIT_REQUESTS_PER_MINUTE="4")
    other = Principal(tenant="acme", labels=("public",), key_id="k2")
    # A name that would end the braces of another one's.
    stranger = Principal(tenant="acme}:tenant:", labels=("public",), key_id="k3")

    assert await counted(counting, CALLER, 3) == 3
    assert await counted(counting, other, 3) == 1
    assert await counted(counting, stranger, 9) == 4


async def test_a_session_has_limits_beside_those_of_its_key() -> None:
    counting = meter({"requests_per_minute": 30}, SESSION_LIMIT_REQUESTS_PER_MINUTE="2")
    sessions = [
        Principal(tenant="acme", labels=("public",), key_id="k1", session=f"s{i}")
        for i in range(20)
    ]

    granted = [await counted(counting, session, 5) for session in sessions]

    assert granted[:15] == [2] * 15
    assert sum(granted) == 30


async def test_a_refusal_says_which_limit_and_whose_and_no_number() -> None:
    counting = meter({"requests_per_minute": 77}, TENANT_LIMIT_STREAMS="1")
    await counted(counting, CALLER, 77)
    with pytest.raises(LimitReached) as requests:
        await counting.count(CALLER)
    running = await counting.open(CALLER)
    with pytest.raises(LimitReached) as streams:
        await counting.open(CALLER)
    await running.aclose()

    assert "requests a minute of this key" in str(requests.value)
    assert requests.value.code == "rate_limit_exceeded"
    assert 0 < requests.value.retry_after <= 60
    assert "answers at the same time of this tenant" in str(streams.value)
    assert streams.value.code == "concurrency_limit_exceeded"
    assert not any(c.isdigit() for e in (requests, streams) for c in str(e.value))


async def test_an_answer_reserves_the_worst_and_is_charged_what_it_took() -> None:
    counting = meter({"tokens_per_day": 1000, "money_per_day": 1}, PRICE_TABLE=PRICES)
    first = await counting.open(CALLER)
    call = await first.reserve("m", prompt=300, completion=600)
    second = await counting.open(CALLER)
    with pytest.raises(QuotaSpent):
        await second.reserve("m", prompt=100, completion=100)

    call.settle(Usage(prompt=200, completion=50, cached=100))
    await first.aclose()
    await second.reserve("m", prompt=300, completion=450)
    await second.aclose()

    # In millionths: 100 at 1, 100 at a half, 50 at 4.
    assert first.cost == 350 * BILLION // 1_000_000
    third = await counting.open(CALLER)
    with pytest.raises(QuotaSpent):
        await third.reserve("m", prompt=1, completion=0)
    await third.aclose()


async def test_usage_that_nobody_tells_costs_the_whole_reservation() -> None:
    counting = meter({"tokens_per_day": 100})
    tab = await counting.open(CALLER)
    call = await tab.reserve("m", prompt=40, completion=50)
    call.settle(Usage())
    await tab.aclose()

    after = await counting.open(CALLER)
    with pytest.raises(QuotaSpent):
        await after.reserve("m", prompt=11, completion=0)
    await after.reserve("m", prompt=10, completion=0)
    await after.aclose()


@pytest.mark.parametrize(
    ("error", "left"),
    [(UpstreamUnavailable("refused"), 100), (UpstreamTimeout("late"), 10)],
)
async def test_a_call_that_never_reached_a_model_costs_nothing(
    error: UpstreamUnavailable | UpstreamTimeout, left: int
) -> None:
    counting = meter({"tokens_per_day": 100})
    tab = await counting.open(CALLER)
    call = await tab.reserve("m", prompt=40, completion=50)
    call.fail(error)
    await tab.aclose()

    after = await counting.open(CALLER)
    with pytest.raises(QuotaSpent):
        await after.reserve("m", prompt=left + 1, completion=0)
    await after.reserve("m", prompt=left, completion=0)
    await after.aclose()


async def test_closing_twice_counts_once() -> None:
    counting = meter({"tokens_per_day": 100})
    tab = await counting.open(CALLER)
    await tab.reserve("m", prompt=40, completion=10)
    await asyncio.gather(tab.aclose(), tab.aclose())
    await tab.aclose()

    after = await counting.open(CALLER)
    with pytest.raises(QuotaSpent):
        await after.reserve("m", prompt=51, completion=0)
    await after.reserve("m", prompt=50, completion=0)
    await after.aclose()


async def test_a_limit_of_money_and_a_model_without_a_price_are_refused() -> None:
    counting = meter(TENANT_LIMIT_MONEY_PER_DAY="5", PRICE_TABLE=PRICES)
    tab = await counting.open(CALLER)
    with pytest.raises(QuotaSpent) as refused:
        await tab.reserve("unheard-of", prompt=1, completion=1)
    await tab.reserve("m", prompt=1, completion=1)
    await tab.aclose()

    assert "'unheard-of' has no price" in str(refused.value)
    assert "this tenant" in str(refused.value)


async def test_a_question_too_large_for_the_limit_is_told_so() -> None:
    counting = meter({"tokens_per_minute": 1000})
    tab = await counting.open(CALLER)
    with pytest.raises(LimitReached) as refused:
        await tab.reserve("m", prompt=900, completion=200)
    await tab.aclose()

    assert "may take 1100 tokens" in str(refused.value)
    assert refused.value.retry is False


async def test_without_a_price_table_no_cost_is_told() -> None:
    free, known = meter(), meter(PRICE_TABLE=PRICES)
    tabs = [await counting.open(CALLER) for counting in (free, known, known)]
    await tabs[0].reserve("m", prompt=1, completion=1)
    await tabs[1].reserve("other", prompt=1, completion=1)
    costs = [tab.cost for tab in tabs]
    for tab in tabs:
        await tab.aclose()

    assert costs == [None, None, 0]


async def test_a_running_answer_outlives_its_lease() -> None:
    counting = meter({"streams": 1}, LIMITS_LEASE="1")
    async with counting.renewing(every=0.05):
        tab = await counting.open(CALLER)
        await asyncio.sleep(1.3)
        with pytest.raises(LimitReached):
            await counting.open(CALLER)
        await tab.aclose()
        again = await counting.open(CALLER)
        await again.aclose()


def test_every_other_model_has_the_price_of_the_star() -> None:
    table = price_table(PriceSettings(table='{"*": {"input": 2, "output": 2}}'))

    assert table["*"].input == 2


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("{", "PRICE_TABLE"),
        ("[]", "PRICE_TABLE"),
        ('{"gpt-4o": {"input": 1}}', "PRICE_TABLE: gpt-4o: "),
        ('{"gpt-4o": {"input": -1, "output": 2}}', "PRICE_TABLE: gpt-4o: "),
        ('{"a": {"input": 1, "output": 2, "inptu": 3}}', "PRICE_TABLE: a: "),
    ],
)
def test_a_price_table_is_checked_at_start(table: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        load_settings({"PRICE_TABLE": table})


def test_a_misspelled_limit_is_no_limit_that_is_missed() -> None:
    with pytest.raises(SettingsError, match="KEY_LIMIT_STREAM"):
        load_settings({"KEY_LIMIT_STREAM": "3"})
    with pytest.raises(SettingsError, match="REDIS_URL"):
        load_settings({"REDIS_URL": "localhost:6379"})


def test_limits_there_are_without_any_setting() -> None:
    assert KeyLimits().streams == 8
    assert (SessionLimits().requests_per_minute, SessionLimits().streams) == (20, 2)
    assert overriding(Limits(streams=3), KeyLimits()).streams == 3
