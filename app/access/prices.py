"""What calls of a model cost, in whole billionths of the currency. Pure."""

from collections.abc import Mapping

from msgspec.structs import replace

from app.budgets import ANY_MODEL, BILLION, Price
from app.messages import Usage

_MILLION = 1_000_000


class Prices:
    """Prices by model, kept as whole numbers: sums of money have no rounding."""

    def __init__(self, table: Mapping[str, Price]) -> None:
        """Take the prices of a million tokens."""
        self._rows = {model: _row(price) for model, price in table.items()}

    def __bool__(self) -> bool:
        """Return whether there is any price at all."""
        return bool(self._rows)

    def cost(self, model: str, usage: Usage) -> int | None:
        """Return what `usage` costs, rounded up; None if the model has no price."""
        row = self._rows.get(model) or self._rows.get(ANY_MODEL)
        if row is None:
            return None
        input_, cached, output = row
        fresh = max(usage.prompt - usage.cached, 0)
        whole = fresh * input_ + usage.cached * cached + usage.completion * output
        return -(-whole // _MILLION)

    def worst(self, model: str, most: Usage) -> int | None:
        """Return the most that up to `most` tokens cost; None if there is no price."""
        cached = replace(most, cached=most.prompt)
        costs = (self.cost(model, most), self.cost(model, cached))
        return max((cost for cost in costs if cost is not None), default=None)


def _row(price: Price) -> tuple[int, int, int]:
    cached = price.input if price.cached is None else price.cached
    whole = (price.input, cached, price.output)
    input_, cached_, output = (round(money * BILLION) for money in whole)
    return input_, cached_, output
