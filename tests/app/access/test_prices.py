"""Money is whole billionths, and never less than what was taken."""

from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from app.access.prices import Prices
from app.budgets import BILLION, Price
from app.messages import Usage

MONEY = st.decimals(0, 1000, places=4).map(float)
PRICE = st.builds(Price, input=MONEY, output=MONEY, cached=st.none() | MONEY)
COUNT = st.integers(0, 2_000_000)


@given(PRICE, COUNT, COUNT, COUNT)
def test_the_cost_is_exact_and_rounded_up(
    price: Price, prompt: int, cached: int, completion: int
) -> None:
    cached = min(cached, prompt)
    usage = Usage(prompt=prompt, cached=cached, completion=completion)

    cost = Prices({"m": price}).cost("m", usage)

    def per_token(money: float | None) -> Fraction:
        return Fraction(round((money or 0) * BILLION), 1_000_000)

    of_cached = price.input if price.cached is None else price.cached
    whole = (
        (prompt - cached) * per_token(price.input)
        + cached * per_token(of_cached)
        + completion * per_token(price.output)
    )
    assert cost == ceil(whole)


@given(PRICE, COUNT, COUNT, COUNT, COUNT)
def test_no_call_costs_more_than_its_worst(
    price: Price, prompt: int, completion: int, sent: int, written: int
) -> None:
    prices = Prices({"*": price})
    most = Usage(prompt=prompt, completion=completion)
    worst = prices.worst("anything", most)
    sent, written = min(sent, prompt), min(written, completion)

    cost = prices.cost(
        "anything", Usage(prompt=sent, cached=sent // 3, completion=written)
    )

    assert cost is not None
    assert worst is not None
    assert cost <= worst


def test_a_model_without_a_row_has_no_price() -> None:
    prices = Prices({"m": Price(input=1, output=1)})

    assert prices.cost("n", Usage(prompt=1)) is None
    assert prices.worst("n", Usage(prompt=1)) is None
    assert not Prices({})
