"""Turns that are asked anew: they leave the conversation, and stay their people's."""

import pytest

from app.conversations.turns import Page, Turn
from app.errors import ConversationNotFound, NotFound
from tests.app.conversations.made import ACME, Opened, end_of, opened, principal, turn

OTHER = principal("other")


async def three(here: Opened) -> tuple[str, list[Turn]]:
    begun = await here.begin(user="ann")
    said = [await here.say(begun, text, f"{text}!") for text in ("one", "two", "three")]
    return begun.id, said


async def test_that_turn_and_all_after_it_are_no_part_of_the_conversation(
    url: str,
) -> None:
    async with opened(url) as here:
        conversation, said = await three(here)
        new = turn(conversation_id=conversation, question="deux")
        begun, before = await here.kept.history.begin(ACME, new, replaces=said[1].id)
        assert [t.question for t in before] == ["one"]
        await here.kept.recorder.save(end_of(begun))

        shown = await here.kept.history.page(ACME, conversation, limit=9)
        assert [t.question for t in shown] == ["one", "deux"]
        with pytest.raises(NotFound):
            await here.kept.history.page(ACME, conversation, limit=9, after=said[2].id)
        again = turn(conversation_id=conversation, question="four")
        _, recalled = await here.kept.history.begin(ACME, again)
        assert "three" not in [t.question for t in recalled]
        page, _ = await here.kept.conversations.page(ACME, Page(), words="three")
        assert page == []


async def test_the_first_turn_can_be_asked_anew(url: str) -> None:
    async with opened(url) as here:
        conversation, said = await three(here)
        new = turn(conversation_id=conversation, question="un")

        _, before = await here.kept.history.begin(ACME, new, replaces=said[0].id)

        assert before == ()
        shown = await here.kept.history.page(ACME, conversation, limit=9)
        assert [t.question for t in shown] == ["un"]


async def test_what_was_replaced_is_still_exported_and_erased(url: str) -> None:
    async with opened(url) as here:
        conversation, said = await three(here)
        new = turn(conversation_id=conversation, question="deux")
        await here.kept.history.begin(ACME, new, replaces=said[1].id)

        told = [line async for line in here.kept.personal.export(ACME, "ann")]
        assert [(t["question"], t["replaced"] is None) for t in told[0]["turns"]] == [
            ("one", True), ("two", False), ("three", False), ("deux", True),
        ]  # fmt: skip
        assert (await here.kept.personal.erase(ACME, "ann")).turns == 4


async def test_what_does_not_stand_there_cannot_be_replaced(url: str) -> None:
    async with opened(url) as here:
        conversation, said = await three(here)
        _, elsewhere = await three(here)
        mine = turn(conversation_id=conversation, question="again")
        for wanted in (elsewhere[1].id, "chatcmpl-" + "a" * 24, "' OR 1=1 --"):
            with pytest.raises(NotFound):
                await here.kept.history.begin(ACME, mine, replaces=wanted)
        for stranger in (OTHER, principal(session="s1")):
            with pytest.raises(ConversationNotFound):
                await here.kept.history.begin(stranger, mine, replaces=said[0].id)
        shown = await here.kept.history.page(ACME, conversation, limit=9)
        assert [t.question for t in shown] == ["one", "two", "three"]

        await here.kept.history.begin(ACME, mine, replaces=said[0].id)
        twice = turn(conversation_id=conversation, question="and again")
        with pytest.raises(NotFound):
            await here.kept.history.begin(ACME, twice, replaces=said[0].id)


async def test_a_second_try_of_it_takes_its_place(url: str) -> None:
    async with opened(url) as here:
        conversation, said = await three(here)
        for _ in range(2):
            tried = turn(conversation_id=conversation, question="deux", digest="d")
            await here.kept.history.begin(
                ACME, tried, retried=True, replaces=said[1].id
            )

        shown = await here.kept.history.page(ACME, conversation, limit=9)
        assert [t.question for t in shown] == ["one", "deux"]


async def test_an_answer_still_being_written_stays_away_when_it_ends(url: str) -> None:
    async with opened(url) as here:
        conversation, _ = await three(here)
        slow, _ = await here.kept.history.begin(
            ACME, turn(conversation_id=conversation, question="slow")
        )
        new = turn(conversation_id=conversation, question="quick")
        await here.kept.history.begin(ACME, new, replaces=slow.id)
        await here.kept.recorder.save(end_of(slow))

        shown = await here.kept.history.page(ACME, conversation, limit=9)
        assert [t.question for t in shown] == ["one", "two", "three", "quick"]
