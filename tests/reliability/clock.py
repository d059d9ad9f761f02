"""An event loop whose clock jumps: what waits for a minute has waited at once.

    run(main())

Its time stands still while anything is to do, sockets of this machine included, and
jumps to the next timer when nothing is.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_GRACE = 0.01
"""Seconds of real time in which a socket or a thread may still have something."""


class _Selector(selectors.DefaultSelector):
    """Waits for sockets for a moment, and lets the clock jump over the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.jumped = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Return what is ready; the clock has jumped if nothing is."""
        if timeout is None or timeout <= _GRACE:
            return super().select(timeout)
        ready = super().select(_GRACE)
        if not ready:
            self.jumped += timeout - _GRACE
        return ready


class JumpingLoop(asyncio.SelectorEventLoop):
    """The loop."""

    def __init__(self) -> None:
        self._jumping = _Selector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the loop's time in seconds."""
        return super().time() + self._jumping.jumped


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end, however long it waits."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)
