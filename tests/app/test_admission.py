"""How much is searched for at once: never too much, never a slot lost."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.admission import Admission
from app.errors import Overloaded


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


async def work(admission: Admission, until: asyncio.Event) -> None:
    async with admission.work():
        await until.wait()


async def begun(*coroutines: object) -> list["asyncio.Task[None]"]:
    tasks = [asyncio.ensure_future(one) for one in coroutines]  # type: ignore[call-overload] # coroutines
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_as_many_work_as_there_are_slots_and_the_rest_wait_in_turn() -> None:
    admission = Admission(2, patience=60)
    events = [asyncio.Event() for _ in range(4)]
    tasks = await begun(*(work(admission, event) for event in events))
    assert (admission.working, admission.waiting) == (2, 2)

    events[1].set()
    events[2].set()
    await asyncio.wait({tasks[2]})

    assert (admission.working, admission.waiting) == (2, 0)
    events[0].set()
    events[3].set()
    await asyncio.gather(*tasks)
    assert (admission.working, admission.waiting) == (0, 0)


async def test_who_would_wait_too_long_is_refused_at_once() -> None:
    clock = Clock()
    admission = Admission(1, patience=1.0, clock=clock)
    # Questions take 0.6 s: with one in work, the next waits 0.6 s, and another 1.2 s.
    for _ in range(200):
        async with admission.work():
            clock.now += 0.6
    admission.refuse_if_full()
    over = asyncio.Event()
    tasks = await begun(work(admission, over))
    admission.refuse_if_full()
    tasks += await begun(work(admission, over))

    with pytest.raises(Overloaded):
        admission.refuse_if_full()
    with pytest.raises(Overloaded):
        await work(admission, over)

    over.set()
    await asyncio.gather(*tasks)
    admission.refuse_if_full()


async def test_where_the_queue_never_empties_it_is_kept_short() -> None:
    clock = Clock()
    admission = Admission(1, patience=1.0, standing=0.1, clock=clock)
    over = asyncio.Event()
    tasks = await begun(*(work(admission, over) for _ in range(3)))
    # A question takes 0.05 s: 0.15 s is not too long in a burst.
    admission.refuse_if_full()

    clock.now += 1.5
    tasks += await begun(work(admission, over))

    assert isinstance(tasks[3].exception(), Overloaded)
    over.set()
    await asyncio.wait(tasks)


async def test_whose_turn_does_not_come_in_time_is_refused() -> None:
    admission = Admission(1, patience=0.1)
    over = asyncio.Event()
    tasks = await begun(work(admission, over))

    async with asyncio.timeout(20):
        with pytest.raises(Overloaded):
            await work(admission, over)

    assert (admission.working, admission.waiting) == (1, 0)
    over.set()
    await asyncio.gather(*tasks)


async def test_who_leaves_as_its_turn_comes_passes_it_on() -> None:
    admission = Admission(1, patience=60)
    over = asyncio.Event()
    holding = admission.work()
    await holding.__aenter__()
    leaver, other = await begun(work(admission, over), work(admission, over))

    # The slot is the leaver's as of here, who learns of it only later.
    await holding.__aexit__(None, None, None)
    leaver.cancel()
    over.set()
    async with asyncio.timeout(20):
        await asyncio.wait({leaver, other})

    assert leaver.cancelled()
    assert not other.cancelled()
    assert (admission.working, admission.waiting) == (0, 0)


async def test_who_had_a_turn_already_goes_first_and_is_not_refused() -> None:
    admission = Admission(1, patience=60)
    order: list[str] = []

    async def note(name: str, *, again: bool) -> None:
        async with admission.work(again=again):
            order.append(name)

    over = asyncio.Event()
    tasks = await begun(work(admission, over), note("new", again=False))
    tasks += await begun(note("again", again=True))

    over.set()
    await asyncio.gather(*tasks)

    assert order == ["again", "new"]


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
