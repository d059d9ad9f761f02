"""What the chat route needs of whoever answers, and how it waits for an answer."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, Protocol, TypeVar, runtime_checkable

from litestar.types import Receive

from app import metrics
from app.api.errors import ClientGone
from app.chat.remembered import Written
from app.errors import ShuttingDown
from app.messages import Question
from ingest.documents import Principal

T = TypeVar("T")


class Answer(Written, Protocol):
    """An answer being written; must be closed.

    `app.chat.remembered.Remembered` is what the service has; see there.
    """

    @property
    def id(self) -> str:
        """The completion's id."""
        ...

    @property
    def conversation_id(self) -> str:
        """The stored conversation it is in, or ""."""
        ...

    @property
    def saved(self) -> bool:
        """Whether that conversation has it; final after the end."""
        ...


@runtime_checkable
class Answerer(Protocol):
    """Answers questions. The framework checks what it hands over at run time."""

    async def answer(self, principal: Principal, question: Question) -> Answer:
        """Begin to answer; what can be refused is refused before this returns."""
        ...


class Opening:
    """An answer that is being begun; must be closed."""

    def __init__(self, beginning: Coroutine[Any, Any, Answer]) -> None:
        self._task = asyncio.ensure_future(beginning)

    async def settle(
        self, receive: Receive, closing: asyncio.Event, *, seconds: float
    ) -> None:
        """Wait until it is begun or refused, at most `seconds`.

        Raises:
            ClientGone: The caller left meanwhile.
            ShuttingDown: The service ends meanwhile: `closing` is set.
            AppError: It was refused.
        """
        waiting = asyncio.wait({self._task}, timeout=seconds)
        await unless_over(receive, closing, waiting)
        if self._task.done():
            self._task.result()

    async def answer(self) -> Answer:
        """Return the answer, waiting for it to begin."""
        return await self._task

    async def aclose(self) -> None:
        """Stop it, begun or not."""
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled() and self._task.exception() is None:
            await self._task.result().aclose()


async def unless_over(
    receive: Receive, closing: asyncio.Event, work: Awaitable[T]
) -> T:
    """Return what `work` returns, or stop it: when the caller leaves, or we must end.

    The framework watches for callers that leave in streams only.

    Raises:
        ClientGone: The caller left.
        ShuttingDown: `closing` is set.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(gone(receive))
    ending = asyncio.ensure_future(closing.wait())
    everything = (working, leaving, ending)
    try:
        await asyncio.wait(everything, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        if not leaving.done():
            raise ShuttingDown("the service stops")
        metrics.CANCELLED.inc()
        raise ClientGone
    finally:
        await stop(*everything)


async def gone(receive: Receive) -> None:
    """Return when the caller has left."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def stop(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel `tasks` and wait until they have ended."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
