"""How much is searched for at once: never too much, never a slot lost."""

import asyncio
import contextvars

import numpy as np
import pytest

from app.admission import Admission
from app.chat.turns import embed_in_turn, in_turn
from app.errors import Overloaded
from app.messages import Filter, Findings, Queries
from ingest.documents import Principal, Vectors


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


async def test_searching_and_choosing_sentences_take_turns() -> None:
    admission = Admission(1, patience=60)

    async def retrieve(*_: object, **__: object) -> Findings:
        assert admission.working == 1
        return Findings(hits=(), confidence=0, queries=(), edition="")

    async def embed(*_: object) -> Vectors:
        assert admission.working == 1
        return np.zeros((1, 3), np.float32)

    asker = Principal(tenant="default", labels=())
    asked = Queries()
    found = in_turn(retrieve, admission)(asker, asked, limit=1, filter=Filter())
    chosen = embed_in_turn(embed, admission)(asker, ["a sentence"])
    over = asyncio.Event()

    tasks = await begun(work(admission, over), found, chosen)

    assert admission.waiting == 2
    over.set()
    await asyncio.gather(*tasks)


async def test_whoever_is_let_in_gets_their_turn_even_if_it_comes_later() -> None:
    clock = Clock()
    admission = Admission(1, patience=1.0, clock=clock)
    over = asyncio.Event()
    tasks = await begun(*(work(admission, over) for _ in range(2)))

    clock.now += 2.5
    over.set()

    assert await asyncio.gather(*tasks) == [None, None]


async def test_of_a_rush_no_more_are_let_in_than_find_room() -> None:
    admission = Admission(1, patience=1.0, clock=Clock())
    over = asyncio.Event()

    async def ask() -> None:
        with admission.coming():
            # All of them are here before one is further.
            await asyncio.sleep(0)
            await work(admission, over)

    # A question takes 0.05 s: one works, and 20 wait for a second.
    tasks = await begun(*(ask() for _ in range(100)))
    assert sum(task.done() for task in tasks) == 80
    assert (admission.working, admission.waiting) == (1, 19)

    over.set()
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(end is None for end in ends) == 20


async def test_a_question_on_its_way_counts_for_so_long() -> None:
    clock = Clock()
    admission = Admission(1, patience=0.0, clock=clock)

    with admission.coming():
        await refused(admission)
        clock.now += 1
        await let_in(admission)
        over = asyncio.Event()
        other = await begun(work(admission, over))
        # It is no longer known, and comes like any other.
        with pytest.raises(Overloaded):
            await work(admission, over)

    over.set()
    await asyncio.gather(*other)
    await let_in(admission)


async def test_a_rush_after_a_rest_is_a_burst() -> None:
    clock = Clock()
    admission = Admission(1, patience=1.0, standing=0.0, clock=clock)
    clock.now += 60

    with admission.coming():
        await let_in(admission)


async def let_in(admission: Admission) -> None:
    """Be another question that is let in."""
    context = contextvars.Context()
    await asyncio.create_task(_come(admission), context=context)


async def refused(admission: Admission) -> None:
    """Be another question that is refused."""
    with pytest.raises(Overloaded):
        await let_in(admission)


async def _come(admission: Admission) -> None:
    with admission.coming():
        pass


async def test_whose_turn_does_not_come_in_time_is_refused() -> None:
    admission = Admission(1, longest=0.1)
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
