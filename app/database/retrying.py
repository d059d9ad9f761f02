"""Tries transactions again that lost against others."""

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from app.errors import DatabaseConflict

P = ParamSpec("P")
T = TypeVar("T")

_TRIES = 3


def tried_again(work: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Return `work` tried up to three times while another transaction comes first.

    For work that is one transaction: what lost has written nothing.
    """

    @functools.wraps(work)
    async def trying(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(_TRIES - 1):
            try:
                return await work(*args, **kwargs)
            except DatabaseConflict:
                # Not at the same moment as whoever it lost against.
                await asyncio.sleep(random.uniform(0.005, 0.05))  # noqa: S311
        return await work(*args, **kwargs)

    return trying
