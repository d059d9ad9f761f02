"""Conversations, kept in a file and on a server: each shows itself to its owner."""

import pytest

from app.conversations.store import Draft
from app.conversations.turns import Page
from app.errors import ConversationNotFound
from tests.app.conversations.made import ACME, opened, principal

OTHER = principal("other")


async def test_a_conversation_is_read_as_it_was_begun(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin(title="Hub", metadata={"a": "b"}, user="ann")

        assert await here.kept.conversations.read(ACME, begun.id) == begun
        assert (begun.title, begun.metadata, begun.user) == ("Hub", {"a": "b"}, "ann")


@pytest.mark.parametrize(
    "text", ["a\0b", "naïve 🧊", "\u202e\ufffe", "';--", "x" * 9000]
)
async def test_any_text_is_kept(url: str, text: str) -> None:
    async with opened(url) as here:
        begun = await here.begin(title=text, metadata={text: text}, user=text)
        found = await here.kept.conversations.read(ACME, begun.id)
        (listed,), _ = await here.kept.conversations.page(ACME, Page(), user=text)

        assert found == listed == begun
        assert found.title == found.user == text.replace("\0", "")


@pytest.mark.parametrize(
    "malformed",
    [
        "",
        "conv_",
        "conv_" + "a" * 25,
        "conv_" + "a" * 23 + "\0",
        "x' OR 1=1 --",
        "ü" * 9,
    ],
)
async def test_what_is_no_id_is_not_found_like_what_is_not_there(
    url: str, malformed: str
) -> None:
    async with opened(url) as here:
        said = []
        for wanted in (malformed, "conv_" + "a" * 24):
            with pytest.raises(ConversationNotFound) as caught:
                await here.kept.conversations.read(ACME, wanted)
            said.append(str(caught.value))

        assert said[0] == said[1]


async def test_nobody_else_can_read_change_or_delete_one(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin(title="Ours")
        kept = here.kept.conversations

        with pytest.raises(ConversationNotFound):
            await kept.read(OTHER, begun.id)
        with pytest.raises(ConversationNotFound):
            await kept.change(OTHER, begun.id, Draft(title="Theirs"))
        with pytest.raises(ConversationNotFound):
            await kept.delete(OTHER, begun.id)
        with pytest.raises(ConversationNotFound):
            await here.kept.history.page(OTHER, begun.id, limit=5)

        assert await kept.read(ACME, begun.id) == begun


async def test_a_session_sees_its_own_and_a_key_all_of_its_tenant(url: str) -> None:
    first, second = principal(session="s1"), principal(session="s2")
    async with opened(url) as here:
        kept = here.kept.conversations
        own = await here.begin(first)
        staff = await here.begin(ACME)

        with pytest.raises(ConversationNotFound):
            await kept.read(second, own.id)
        with pytest.raises(ConversationNotFound):
            await kept.read(first, staff.id)
        seen, _ = await kept.page(first, Page())
        everything, _ = await kept.page(ACME, Page())

        assert seen == [own]
        assert {c.id for c in everything} == {own.id, staff.id}
        assert await kept.page(second, Page()) == ([], False)


async def test_pages_show_every_conversation_once_newest_first(url: str) -> None:
    async with opened(url) as here:
        begun = [await here.begin(title=str(n)) for n in range(7)]
        await here.begin(OTHER)
        found, after, more = [], "", True
        while more:
            page = Page(limit=3, after=after)
            part, more = await here.kept.conversations.page(ACME, page)
            found += part
            after = part[-1].id

        assert found == begun[::-1]


async def test_a_full_last_page_has_nothing_after_it(url: str) -> None:
    async with opened(url) as here:
        last, first = await here.begin(), await here.begin()
        kept = here.kept.conversations

        assert await kept.page(ACME, Page(limit=2)) == ([first, last], False)
        assert await kept.page(ACME, Page(limit=1)) == ([first], True)
        assert await kept.page(ACME, Page(after=last.id)) == ([], False)


async def test_a_page_cannot_begin_after_somebody_elses(url: str) -> None:
    async with opened(url) as here:
        theirs = await here.begin(OTHER)

        with pytest.raises(ConversationNotFound):
            await here.kept.conversations.page(ACME, Page(after=theirs.id))


async def test_a_list_is_narrowed_to_one_user(url: str) -> None:
    async with opened(url) as here:
        hers = await here.begin(user="ann")
        await here.begin(user="bob")

        found, more = await here.kept.conversations.page(ACME, Page(), user="ann")

        assert (found, more) == ([hers], False)


async def test_a_change_leaves_what_is_not_given(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin(title="Old", metadata={"a": "b"}, user="ann")
        kept = here.kept.conversations

        titled = await kept.change(ACME, begun.id, Draft(title="New"))
        noted = await kept.change(ACME, begun.id, Draft(metadata={}))

        assert (titled.title, titled.metadata) == ("New", {"a": "b"})
        assert (noted.title, noted.metadata, noted.user) == ("New", {}, "ann")
        assert noted.updated > begun.updated
        assert noted.created == begun.created


async def test_a_deleted_conversation_is_gone_with_its_turns(url: str) -> None:
    async with opened(url) as here:
        begun = await here.begin()
        await here.say(begun, "Why?")
        await here.kept.conversations.delete(ACME, begun.id)

        with pytest.raises(ConversationNotFound):
            await here.kept.conversations.read(ACME, begun.id)
        with pytest.raises(ConversationNotFound):
            await here.kept.conversations.delete(ACME, begun.id)
        left = [told async for told in here.kept.personal.export(ACME, None)]
        assert left == [
            {"object": "end", "conversations": 0, "turns": 0, "feedback": 0}
        ]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hub", {"title", "question"}),
        ("RESET hub", {"question"}),
        ("grün", {"title"}),
        ("100%", {"question"}),
        ("%", {"question"}),
        ("_", set()),
        ("\\", set()),
        ("' OR 1=1 --", set()),
        ("answered", set()),
        ("\0hub", {"title", "question"}),
        ("  ", {"title", "question", "neither"}),
    ],
)
async def test_words_are_looked_for_in_titles_and_questions(
    url: str, words: str, found: set[str]
) -> None:
    async with opened(url) as here:
        await here.begin(title="Der GRÜNE Hub", user="title")
        asked = await here.begin(title="", user="question")
        await here.say(asked, "How do I reset", "It is answered.")
        await here.say(asked, "the HUB to 100%?")
        await here.begin(title="Other", user="neither")
        theirs = await here.begin(OTHER, title="hub")
        await here.say(theirs, "reset hub 100%", who=OTHER)

        page, _ = await here.kept.conversations.page(ACME, Page(), words=words)

        assert {c.user for c in page} == found


async def test_a_session_finds_words_in_its_own_conversations_only(url: str) -> None:
    first, second = principal(session="s1"), principal(session="s2")
    async with opened(url) as here:
        own = await here.begin(first, title="hub")
        await here.begin(second, title="hub")
        await here.begin(ACME, title="hub")

        page, more = await here.kept.conversations.page(
            first, Page(limit=1), words="hub"
        )

        assert (page, more) == ([own], False)
