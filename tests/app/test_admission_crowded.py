"""Whoever comes, stays, fails or leaves: no slot is ever lost or taken twice."""

import asyncio

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.admission import Admission

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["come", "again", "end", "fail", "leave", "turn"]),
        st.integers(0, 30),
    ),
    max_size=60,
)


@given(slots=st.integers(1, 4), steps=STEPS)
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=300)
def test_no_slot_is_lost_or_taken_twice_whatever_becomes_of_who_holds_it(
    slots: int, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_whatever(slots, steps))


class Crowd:
    """Whoever comes, with the end that each waits for."""

    def __init__(self, slots: int) -> None:
        self.admission = Admission(slots, patience=60)
        self.slots = slots
        self.running = self.most = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.ends: list[asyncio.Future[None]] = []

    async def one(self, end: "asyncio.Future[None]", *, again: bool) -> None:
        async with self.admission.work(again=again):
            self.running += 1
            self.most = max(self.most, self.running)
            try:
                await end
            finally:
                self.running -= 1

    def come(self, *, again: bool) -> None:
        end: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.tasks.append(asyncio.ensure_future(self.one(end, again=again)))
        self.ends.append(end)

    async def go_home(self) -> None:
        for end in self.ends:
            if not end.done():
                end.set_result(None)
        async with asyncio.timeout(30):
            await asyncio.gather(*self.tasks, return_exceptions=True)


async def _whatever(slots: int, steps: list[tuple[str, int]]) -> None:
    crowd = Crowd(slots)
    for step, number in steps:
        if step in ("come", "again"):
            crowd.come(again=step == "again")
        elif step == "turn":
            await asyncio.sleep(0)
        elif crowd.tasks:
            at = number % len(crowd.tasks)
            _do(step, crowd.tasks[at], crowd.ends[at])
    await crowd.go_home()

    assert crowd.most <= slots
    assert (crowd.admission.working, crowd.admission.waiting) == (0, 0)


def _do(step: str, task: "asyncio.Task[None]", end: "asyncio.Future[None]") -> None:
    if step == "leave":
        task.cancel()
    elif not end.done():
        if step == "end":
            end.set_result(None)
        else:
            end.set_exception(ValueError("it failed"))
            # Nobody waits for the end of a task that left before.
            end.exception()
