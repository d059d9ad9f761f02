"""Turns of a conversation, kept in a file and on a server."""

import asyncio
import time

import pytest
from msgspec.structs import replace
from sqlalchemy import select, update

from app.conversations.history import LEASE_SECONDS
from app.conversations.sweeping import sweep
from app.conversations.turns import Cited, KeptCitation, KeptHit, Rag
from app.database.tables import turns
from app.errors import ConversationNotFound, NotFound
from app.messages import Usage
from tests.app.conversations.made import ACME, Opened, end_of, opened, principal, turn

HIT = KeptHit(
    id="c1", number=1, title="Hub", heading_path=("A", "B"), page=3, score=0.5,
    snippet="Hold the pin.", span=(4, 9),
)  # fmt: skip


async def move_lease(here: Opened, seconds: float) -> None:
    async with here.database.writing() as connection:
        lease = time.time() + seconds
        await connection.execute(update(turns).values(lease=lease))


async def test_a_turn_is_there_before_it_is_answered(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await here.kept.history.begin(
            ACME, turn(conversation_id=begun.id, question="Why?")
        )

        assert await here.texts(begun) == [("Why?", "", "running")]


async def test_a_turn_is_read_as_it_ended(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin(user="ann")
        said = await here.say(
            begun,
            "Why?",
            asked=({"role": "user", "content": [{"type": "text", "text": "Why?"}]},),
            said={"tool_calls": [{"id": "1"}]},
            cited=Cited(
                hits=(HIT,), citations=(KeptCitation(number=1, start=2, end=5),)
            ),
            rag=Rag(edition="e", queries=("q",), usage=Usage(prompt=9, cost=4)),
            usage=Usage(prompt=9, cost=4),
            answered=True,
            confidence=0.5,
            documents=("a.md", "b.md"),
            model="m",
        )
        (found,) = await here.kept.history.page(ACME, begun.id, limit=5)

        # What was asked is written when it is asked, the rest when it ends.
        assert found == replace(said, asked=(), seconds=0.1)
        assert found.user == "ann"


async def test_what_is_recalled_is_whole_and_in_order(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await here.say(begun, "one")
        await here.say(begun, "two", status="incomplete", error="shutting_down")
        await here.say(begun, "three", status="failed")
        await here.say(begun, "four", status="cancelled")
        await here.say(begun, "five")
        _, before = await here.kept.history.begin(ACME, turn(conversation_id=begun.id))

        assert [t.question for t in before] == ["one", "five"]


async def test_only_the_newest_turns_are_recalled(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        for number in range(53):
            await here.say(begun, str(number))
        _, before = await here.kept.history.begin(ACME, turn(conversation_id=begun.id))

        assert [t.question for t in before] == [str(n) for n in range(3, 53)]


async def test_more_than_any_model_reads_is_not_recalled(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        for name in ("one", "two", "three"):
            await here.say(begun, name, answer="x" * 450_000)
        _, before = await here.kept.history.begin(ACME, turn(conversation_id=begun.id))

        assert [t.question for t in before] == ["two", "three"]


async def test_turns_begun_at_once_are_all_kept_in_places_of_their_own(
    url: str,
) -> None:
    async with opened(url) as here:
        begun = await here.begin()

        async def ask(name: str) -> None:
            await here.kept.history.begin(
                ACME, turn(conversation_id=begun.id, question=name)
            )

        names = [str(n) for n in range(12)]
        await asyncio.gather(*map(ask, names))

        found = await here.texts(begun)
        assert sorted(q for q, _, _ in found) == sorted(names)


@pytest.mark.parametrize(
    "stranger",
    [principal("other"), principal(session="s2"), principal("other", session="s1")],
)
async def test_nobody_adds_to_somebody_elses_conversation(
    url: str, stranger: object
) -> None:
    owner = principal(session="s1")
    async with opened(url) as here:
        begun = await here.begin(owner)

        with pytest.raises(ConversationNotFound):
            await here.kept.history.begin(stranger, turn(conversation_id=begun.id))  # type: ignore[arg-type]
        assert await here.texts(begun, owner) == []


async def test_a_key_that_goes_on_for_a_visitor_leaves_it_theirs(url: str) -> None:
    visitor = principal(session="s1")
    async with opened(url) as here:
        begun = await here.begin(visitor)
        await here.say(begun, "Can I help?")

        assert await here.texts(begun, visitor) == [("Can I help?", "So.", "complete")]


async def test_a_turn_whose_process_died_is_incomplete(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await here.kept.history.begin(ACME, turn(conversation_id=begun.id))
        await move_lease(here, -1)

        assert await here.texts(begun) == [("", "", "incomplete")]
        await sweep(here.database, days=0)
        await move_lease(here, 100)
        assert await here.texts(begun) == [("", "", "incomplete")]


async def test_a_turn_that_was_taken_for_dead_can_still_end(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        asked, _ = await here.kept.history.begin(ACME, turn(conversation_id=begun.id))
        await move_lease(here, -1)
        await sweep(here.database, days=0)
        ended = replace(asked, status="complete", answer="Late.")
        await here.kept.recorder.save(end_of(ended))

        assert await here.texts(begun) == [("", "Late.", "complete")]


@pytest.mark.row(
    "C3", "without a key, a client's second try", "the history has it once"
)
async def test_a_second_try_takes_the_place_of_the_first(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await here.say(begun, "one")
        for answer in ("First.", "Second."):
            tried = turn(conversation_id=begun.id, question="two", digest="d")
            asked, before = await here.kept.history.begin(ACME, tried, retried=True)
            ended = replace(asked, status="complete", answer=answer)
            await here.kept.recorder.save(end_of(ended))
            assert [t.question for t in before] == ["one"]

        assert await here.texts(begun) == [
            ("one", "So.", "complete"),
            ("two", "Second.", "complete"),
        ]


@pytest.mark.row(
    "C3", "without a key, the first try ends late", "the history has the second"
)
async def test_the_late_end_of_a_first_try_changes_nothing(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        tries = []
        for _ in range(2):
            tried = turn(conversation_id=begun.id, digest="d")
            asked, _ = await here.kept.history.begin(ACME, tried, retried=True)
            tries.append(asked)
        for asked, answer in zip(tries[::-1], ("Second.", "First."), strict=True):
            ended = replace(asked, status="complete", answer=answer)
            await here.kept.recorder.save(end_of(ended))

        assert await here.texts(begun) == [("", "Second.", "complete")]


@pytest.mark.row("C3", "without a key, what is no second try", "a turn of its own")
@pytest.mark.parametrize(
    ("retried", "digest", "age", "who"),
    [
        (False, "d", 0, ACME),
        (True, "other", 0, ACME),
        (True, "d", 70, ACME),
        (True, "d", 0, principal(key_id="k2")),
    ],
    ids=["not retried", "another body", "too long ago", "another key"],
)
async def test_what_is_no_second_try_is_a_turn_of_its_own(
    url: str, retried: bool, digest: str, age: float, who: object
) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        old = turn(conversation_id=begun.id, digest="d", created=time.time() - age)
        asked, _ = await here.kept.history.begin(ACME, old)
        await here.kept.recorder.save(end_of(replace(asked, status="complete")))
        key_id = getattr(who, "key_id", "")
        new = turn(conversation_id=begun.id, digest=digest, key_id=key_id)
        await here.kept.history.begin(ACME, new, retried=retried)

        assert len(await here.texts(begun)) == 2


async def test_pages_of_turns_follow_each_other(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        said = [await here.say(begun, str(n)) for n in range(5)]
        page = here.kept.history.page

        first = await page(ACME, begun.id, limit=2)
        rest = await page(ACME, begun.id, limit=9, after=said[2].id)

        assert [t.question for t in (*first, *rest)] == list("01234")


@pytest.mark.parametrize("after", ["chatcmpl-" + "a" * 24, "x", "\0"])
async def test_turns_cannot_begin_where_there_is_none(url: str, after: str) -> None:
    async with opened(url) as here:
        begun, other = await here.begin(), await here.begin()
        elsewhere = await here.say(other, "Why?")

        for wanted in (after, elsewhere.id):
            with pytest.raises(NotFound):
                await here.kept.history.page(ACME, begun.id, limit=5, after=wanted)


async def test_the_lease_of_a_turn_lies_a_minute_ahead(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        before = time.time()
        await here.kept.history.begin(ACME, turn(conversation_id=begun.id))
        async with here.database.reading() as connection:
            lease = (await connection.execute(select(turns.c.lease))).scalar_one()

        assert before + LEASE_SECONDS <= lease <= time.time() + LEASE_SECONDS
