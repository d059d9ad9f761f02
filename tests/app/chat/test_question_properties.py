"""What holds of what is searched for, whatever the conversation."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.question import asked, is_small_talk, queries
from app.messages import Message

WORDS = st.text(st.sampled_from("abc ABC 19é-/.?!\n\t«湿度のกขคעבר🙂"), max_size=120)
PARTS = st.lists(
    st.one_of(
        st.builds(lambda text: {"type": "text", "text": text}, WORDS),
        st.just({"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}),
    ),
    max_size=3,
).map(tuple)
CONTENT: st.SearchStrategy[Any] = st.one_of(
    WORDS, st.text(max_size=400), PARTS, st.none()
)
ROLES = ("user", "assistant", "system", "developer", "tool", "function")
MESSAGES = st.builds(Message, role=st.sampled_from(ROLES), content=CONTENT)
TALKS = st.lists(MESSAGES, max_size=10)
QUESTIONS = WORDS.filter(lambda text: any(map(str.isalnum, text)))


def user(text: str) -> Message:
    return Message(role="user", content=text)


@given(TALKS)
def test_shares_and_weights_are_what_they_say(talk: list[Message]) -> None:
    found = queries(talk)

    assert bool(found.texts) == bool(found.keywords)
    if found.texts:
        assert sum(share for _, share in found.texts) == pytest.approx(1)
        assert all(0 < share <= 1 for _, share in found.texts)
        assert all(0 < weight <= 1 for _, weight in found.keywords)
        assert found.keywords[0] == (found.words[0], 1.0)


@given(TALKS)
def test_what_is_searched_for_is_bounded(talk: list[Message]) -> None:
    long = [Message(role=m.role, content=m.text * 50) for m in talk]

    found = queries(long)

    assert len(found.texts) <= 2
    # A word counts as at most 24 signs; blanks between words stay.
    assert all(len(text.split()) <= 400 for text in found.words)


@given(TALKS, QUESTIONS)
def test_the_last_turns_words_are_in_all_that_is_embedded(
    talk: list[Message], text: str
) -> None:
    found = queries([*talk, user(text)])

    assert found.words[0] == text.strip()
    assert all(said.startswith(text.strip()) for said in found.words)


@given(TALKS, QUESTIONS, st.sampled_from(["system", "developer", "tool", "function"]))
def test_only_what_people_and_answers_said_is_searched_for(
    talk: list[Message], text: str, role: Any
) -> None:
    other = Message(role=role, content="SECRETWORD of nobody")

    for at in range(len(talk) + 1):
        found = queries([*talk[:at], other, *talk[at:], user(text)])
        assert found == queries([*talk, user(text)])


@given(TALKS, QUESTIONS)
def test_a_newer_turn_never_weighs_less_than_an_older_one(
    talk: list[Message], text: str
) -> None:
    weights = [weight for _, weight in queries([*talk, user(text)]).keywords]

    assert weights == sorted(weights, reverse=True)


@given(TALKS, QUESTIONS, WORDS)
def test_an_older_turn_changes_nothing_about_newer_ones(
    talk: list[Message], text: str, older: str
) -> None:
    now = queries([*talk, user(text)])
    longer = queries([user(older), *talk, user(text)])

    assert longer.keywords[: len(now.keywords)] == now.keywords
    assert longer.texts == now.texts


@given(TALKS, QUESTIONS, TALKS)
def test_an_answer_begun_after_the_question_changes_nothing(
    talk: list[Message], text: str, later: list[Message]
) -> None:
    begun = [m for m in later if m.role != "user"]

    assert queries([*talk, user(text), *begun]) == queries([*talk, user(text)])


@given(TALKS)
def test_a_talk_of_one_question_is_no_follow_up(talk: list[Message]) -> None:
    alone = [m for m in talk if m.role not in ("user", "assistant")]

    found = queries([*alone, user("how do I reset the hub?")])

    assert not found.follow_up
    assert found.words == ("how do I reset the hub?",)


@given(TALKS)
def test_it_is_asked_where_the_last_user_speaks(talk: list[Message]) -> None:
    position = asked(talk)

    if position is None:
        assert all(m.role != "user" for m in talk)
    else:
        assert talk[position].role == "user"
        assert all(m.role != "user" for m in talk[position + 1 :])


@given(WORDS)
def test_what_asks_or_counts_is_no_small_talk(text: str) -> None:
    assert not is_small_talk(f"{text}?")
    assert not is_small_talk(f"hello {text} 7")


def test_of_a_long_conversation_only_the_last_turns_count() -> None:
    said = [Message(role="user", content=f"turn {n}") for n in range(300)]

    assert len(queries(said).keywords) == 9
