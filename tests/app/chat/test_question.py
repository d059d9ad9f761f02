import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.question import asked, is_small_talk, queries
from app.messages import Message


def said(*turns: str) -> list[Message]:
    """Turns as ``role: text``."""
    pairs = (turn.split(": ", 1) for turn in turns)
    return [Message(role=role, content=text) for role, text in pairs]  # type: ignore[arg-type]  # roles are checked where requests come in


def test_a_first_question_is_searched_for_as_it_is() -> None:
    found = queries(said("user: how do I reset the hub?"))

    assert found.texts == (("how do I reset the hub?", 1.0),)
    assert found.keywords == (("how do I reset the hub?", 1.0),)
    assert not found.follow_up


def test_a_follow_up_is_also_searched_for_with_the_answer_before_it() -> None:
    answer = "The Team plan costs 29 euros a month [1]. " + "More words follow. " * 20
    talk = said("user: price of Team?", f"assistant: {answer}", "user: and yearly?")

    found = queries(talk)

    (alone, share), (both, other) = found.texts
    assert (alone, share + other) == ("and yearly?", 1.0)
    assert both.startswith("and yearly? The Team plan costs 29 euros a month. More")
    assert len(both.split()) == 2 + 25
    assert found.follow_up


def test_older_questions_count_less() -> None:
    talk = said("user: hub", "assistant: a", "user: leaf", "assistant: b", "user: now?")

    weights = dict(queries(talk).keywords)

    assert weights["now?"] == 1.0 > weights["leaf"] > weights["hub"] > 0


def test_system_messages_are_never_searched_for() -> None:
    talk = said("system: SECRET", "developer: SECRET", "user: hub", "system: SECRET")

    assert "SECRET" not in str(queries(talk))


def test_a_tool_result_leaves_the_question_as_it_was() -> None:
    talk = said("user: is it warm?", "assistant: I look.", "tool: 21 degrees")

    assert queries(talk).words == ("is it warm?",)


def test_no_words_are_no_query() -> None:
    picture = Message(role="user", content=({"type": "image_url"},))

    assert queries([picture]).texts == ()
    assert queries(said("system: x")).texts == ()


@pytest.mark.parametrize("text", ["?!.,;:", "🙂🙂🙂", "。。。", "\u200b", " \n "])
def test_signs_without_a_word_are_no_query(text: str) -> None:
    talk = said("user: price of Team?", "assistant: 29 euros.", f"user: {text}")

    assert queries(talk).texts == ()


def test_a_long_message_keeps_both_ends() -> None:
    text = "Why? " + "log line " * 5000 + "What does E-104 mean?"

    (query,) = queries([Message(role="user", content=text)]).words

    assert query.startswith("Why?")
    assert query.endswith("What does E-104 mean?")
    assert len(query) < 2000


def test_a_long_message_without_spaces_is_cut_too() -> None:
    (query,) = queries([Message(role="user", content="湿" * 9000)]).words

    assert len(query) < 400


def test_a_follow_up_keeps_the_language_of_the_talk() -> None:
    talk = said("user: Wie setze ich den Hub zurück?", "assistant: So.", "user: H1?")

    assert queries(talk).language == "de"


@given(
    st.lists(
        st.builds(
            Message,
            role=st.sampled_from(["user", "assistant", "system", "tool"]),
            content=st.text(max_size=300),
        ),
        max_size=8,
    )
)
def test_shares_sum_to_one_and_the_question_comes_first(talk: list[Message]) -> None:
    found = queries(talk)

    assert not found.texts or sum(s for _, s in found.texts) == pytest.approx(1)
    assert found.words[:1] == tuple(text for text, _ in found.keywords[:1])


def test_the_last_user_message_is_what_is_asked() -> None:
    assert asked(said("user: a", "assistant: b", "user: c", "tool: d")) == 2
    assert asked(said("system: a")) is None


@pytest.mark.parametrize(
    "text",
    ["hello", "Hi there!", "thanks a lot", "Vielen Dank!", "merci", "ありがとう"],
)
def test_greetings_and_thanks_are_small_talk(text: str) -> None:
    assert is_small_talk(text)


@pytest.mark.parametrize(
    "text", ["hello, how do I reset it?", "hub", "", "a lot", "thanks, and E 104"]
)
def test_questions_are_no_small_talk(text: str) -> None:
    assert not is_small_talk(text)
