import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.question import queries
from app.messages import Message, Queries
from app.retrieval.confidence import confidence, signals
from ingest.documents import Hit
from tests.app.hits import hit

RIGHT = hit(
    "E-104 means that the hub cannot reach the cloud. Open TCP port 8883.",
    path="errors.md",
    similarity=0.6,
)
OTHERS = tuple(
    hit(f"The hub number {n} is white and has a light.", path=f"{n}.md", similarity=0.4)
    for n in range(6)
)


def asked(text: str) -> Queries:
    return queries([Message(role="user", content=text)])


def sure(text: str, *hits: Hit, readable: bool = True) -> float:
    return confidence(asked(text), hits, readable=readable)


def test_a_question_whose_words_stand_together_is_sure() -> None:
    near = sure("which port does E-104 mean on the hub?", RIGHT, *OTHERS)
    far = sure("which discount does a school get for the hub?", RIGHT, *OTHERS)

    assert near > 0.5 > far


@pytest.mark.parametrize("name", ["E-599", "LoRaWAN", "CO2", "BACnet"])
def test_a_name_that_no_hit_holds_lowers_confidence(name: str) -> None:
    text = "does the hub open the cloud port"

    with_name = signals(asked(f"{text} {name}"), (RIGHT, *OTHERS), readable=True)

    assert with_name.unnamed == 1
    assert sure(f"{text} {name}", RIGHT, *OTHERS) < 0.7 * sure(text, RIGHT, *OTHERS)


@pytest.mark.parametrize("name", ["E-104", "e104", "TCP"])
def test_a_name_that_a_hit_holds_does_not(name: str) -> None:
    found = signals(asked(f"what is {name} on a hub"), (RIGHT, *OTHERS), readable=True)

    assert found.unnamed == 0


@pytest.mark.parametrize("text", ["WHY IS MY HUB RED NOW", "how does this reach US"])
def test_capitals_that_name_nothing_are_ignored(text: str) -> None:
    assert signals(asked(text), (RIGHT, *OTHERS), readable=True).unnamed == 0


def test_a_follow_up_is_judged_with_what_was_said_before() -> None:
    talk = queries(
        [
            Message(role="user", content="the hub shows E-104"),
            Message(role="assistant", content="I see."),
            Message(role="user", content="what now?"),
        ]
    )

    alone = signals(asked("what now?"), (RIGHT, *OTHERS), readable=True)
    together = signals(talk, (RIGHT, *OTHERS), readable=True)

    assert together.coverage > alone.coverage


def test_in_a_script_the_model_cannot_read_the_cosine_says_nothing() -> None:
    near = priced(0.9)
    far = priced(0.1)

    assert sure("ハブの価格", near, readable=False) == sure(
        "ハブの価格", far, readable=False
    )


def priced(value: float) -> Hit:
    return hit("ハブの価格は9ユーロです。", language="ja", similarity=value)


def test_nothing_found_is_no_confidence() -> None:
    assert sure("anything") == 0.0
    assert confidence(Queries(), [RIGHT], readable=True) == 0.0


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=5))
def test_confidence_is_a_probability(question: str, texts: list[str]) -> None:
    hits = [hit(text, path=f"{n}.md") for n, text in enumerate(texts)]

    assert 0 <= sure(question, *hits) <= 1


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_more_similar_is_never_less_sure(one: float, other: float) -> None:
    low, high = sorted((one, other))

    def at(similarity: float) -> float:
        return sure("port of the hub", hit("port", similarity=similarity))

    assert at(low) <= at(high)
