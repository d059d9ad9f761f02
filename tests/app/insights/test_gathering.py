"""Insights are of one tenant, of some days, and complete about both."""

from collections.abc import Sequence

from sqlalchemy import insert

from app.database.engine import Database
from app.database.tables import turns
from app.insights.figures import Insights, Nearest
from app.insights.gathering import Gatherer
from app.insights.reading import NEWEST
from ingest.documents import Principal, Vectors
from tests.app.insights.conftest import Opened
from tests.app.insights.made_turns import (
    DAY,
    NOON,
    TODAY,
    keep_conversation,
    keep_thumb,
    keep_turns,
    turn,
)
from tests.app.shelf import Letters

ME = Principal(tenant="acme", labels=("public",))


async def insights(
    database: Database, principal: Principal = ME, days: int = 30
) -> Insights:
    async def embed(principal: Principal, texts: Sequence[str]) -> Vectors:
        return await Letters().embed_sentences(principal, texts)

    async def nearest(principal: Principal, question: str) -> Nearest | None:
        path = f"{principal.tenant}/{question[:5]}.md"
        return Nearest(path=path, title=path, similarity=0.4)

    async def paths(principal: Principal) -> list[str]:
        return ["a.md", "b.md"]

    gatherer = Gatherer(database=database, embed=embed, nearest=nearest, paths=paths)
    return await gatherer.gather(principal, days=days, today=TODAY)


async def test_unanswered_and_down_voted_questions_become_topics(
    opened: Opened,
) -> None:
    async with opened() as database:
        refused = [
            turn(question="xyzzy xyzzy", answered=False, created=NOON - n)
            for n in range(3)
        ]
        bad = turn(question="Xyzzy xyzzy?")
        both = turn(question="qqqqq", answered=False)
        fine = turn(question="fine")
        failed = turn(question="failed", answered=None, status="failed")
        await keep_turns(database, *refused, bad, both, fine, failed)
        await keep_thumb(database, bad, comment="old", author="a")
        await keep_thumb(database, bad, comment="wrong", author="b", updated=NOON + 900)
        await keep_thumb(database, both)
        await keep_thumb(database, fine, "up")

        found = await insights(database)

    first, second = found.topics
    assert (first.question, first.count) == ("xyzzy xyzzy", 4)
    assert (first.unanswered, first.down_voted) == (3, 1)
    assert (second.question, second.unanswered, second.down_voted) == ("qqqqq", 1, 1)
    assert first.nearest == Nearest(
        path="acme/xyzzy.md", title="acme/xyzzy.md", similarity=0.4
    )
    assert [example.comment for example in first.examples] == ["wrong"]
    assert (found.topics_total, found.unrecorded, found.left_out) == (2, 0, 0)
    assert (found.total.questions, found.total.refused) == (7, 4)
    assert (found.total.up, found.total.down) == (1, 3)


async def test_twenty_tenants_with_the_same_questions_see_their_own_counts(
    opened: Opened,
) -> None:
    tenants = [f"tenant-{number}" for number in range(20)]
    async with opened() as database:
        for number, tenant in enumerate(tenants, start=1):
            rows = [turn(tenant, answered=False) for _ in range(number)]
            rows += [turn(tenant, documents=["a.md"])] * 1
            await keep_turns(database, *rows)
            await keep_thumb(database, rows[0], comment=f"canary-{tenant}")

        for number, tenant in enumerate(tenants, start=1):
            found = await insights(database, Principal(tenant=tenant, labels=()))

            (topic,) = found.topics
            assert (topic.count, topic.down_voted) == (number, 1)
            assert topic.examples[0].comment == f"canary-{tenant}"
            assert found.total.questions == number + 1
            assert (found.total.refused, found.total.down) == (number, 1)
            assert found.documents.most_used[0].answers == 1
            assert topic.nearest is not None
            assert topic.nearest.path.startswith(f"{tenant}/")


async def test_only_the_days_that_are_looked_at_count(opened: Opened) -> None:
    async with opened() as database:
        ages = (0, 1, 2, 3, 400)
        rows = [turn(created=NOON - age * DAY, answered=False) for age in ages]
        await keep_turns(database, *rows, turn(created=NOON + DAY, answered=False))
        for row in rows:
            await keep_thumb(database, row)

        found = await insights(database, days=3)

    assert [day.day for day in found.by_day] == [
        "2026-11-28", "2026-11-29", "2026-11-30",
    ]  # fmt: skip
    assert [day.questions for day in found.by_day] == [1, 1, 1]
    assert [day.down for day in found.by_day] == [1, 1, 1]
    assert found.topics[0].count == found.total.questions == 3


async def test_questions_whose_text_is_not_kept_are_counted_and_told(
    opened: Opened,
) -> None:
    async with opened() as database:
        rows = [turn(question=text, answered=False) for text in ("", "", " ", "why")]
        await keep_turns(database, *rows)

        found = await insights(database)

    assert (found.unrecorded, len(found.topics)) == (3, 1)
    assert found.total.refused == 4


async def test_the_newest_are_looked_at_and_the_rest_is_counted(
    opened: Opened,
) -> None:
    async with opened() as database:
        rows = [
            turn(question="old" if n >= NEWEST else "new", answered=False,
                 created=NOON - n / 10)
            for n in range(NEWEST + 5)
        ]  # fmt: skip
        await keep_turns(database, *rows)

        found = await insights(database)

    (topic,) = found.topics
    assert (topic.question, topic.count, found.left_out) == ("new", NEWEST, 5)


async def test_turns_of_conversations_count_too(opened: Opened) -> None:
    async with opened() as database:
        await keep_conversation(database, "conv_1", "acme")
        await keep_turns(
            database,
            *(turn(conversation_id="conv_1", position=n) for n in range(2)),
            turn(),
        )

        assert (await insights(database)).total.questions == 3


async def test_nothing_asked_is_told_as_nothing(opened: Opened) -> None:
    async with opened() as database:
        found = await insights(database)

    assert (found.topics, found.total.questions) == ((), 0)
    assert found.documents.never_used == ("a.md", "b.md")
    assert len(found.by_day) == 30


async def test_more_turns_than_are_read_at_a_time_are_counted_once(
    opened: Opened,
) -> None:
    async with opened() as database:
        # Many of one moment: where a page ends, the id alone tells them apart.
        rows = [turn(created=NOON - n // 1500, documents=["a.md"]) for n in range(4500)]
        async with database.writing() as connection:
            await connection.execute(insert(turns), rows)

        found = await insights(database)

    assert found.total.questions == found.documents.most_used[0].answers == 4500
