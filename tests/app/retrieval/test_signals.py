import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.question import queries
from app.messages import Message, Queries
from app.retrieval.signals import Signals, best_cosine, signals, telling_sentences
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


def measured(text: str, *hits: Hit, readable: bool = True) -> Signals:
    return signals(
        asked(text),
        hits or (RIGHT, *OTHERS),
        known=readable,
        readable=readable,
        sentence=0.5,
    )


def test_words_that_stand_together_cover_more_than_words_that_do_not() -> None:
    together = measured("which port does E-104 mean on the hub?")
    apart = measured("which discount does a school get for the hub?")

    assert together.lead >= apart.lead
    assert together.absent < apart.absent


@pytest.mark.parametrize("name", ["E-599", "LoRaWAN", "CO2", "BACnet"])
def test_a_name_that_no_hit_holds_is_unnamed(name: str) -> None:
    assert measured(f"does the hub open the cloud port {name}").unnamed == 1


@pytest.mark.parametrize("name", ["E-104", "e104", "TCP"])
def test_a_name_that_a_hit_holds_is_not(name: str) -> None:
    assert measured(f"what is {name} on a hub").unnamed == 0


@pytest.mark.parametrize("text", ["WHY IS MY HUB RED NOW", "how does this reach US"])
def test_capitals_that_name_nothing_are_ignored(text: str) -> None:
    assert measured(text).unnamed == 0


def test_a_follow_up_is_measured_with_what_was_said_before() -> None:
    talk = queries(
        [
            Message(role="user", content="the hub shows E-104"),
            Message(role="assistant", content="I see."),
            Message(role="user", content="what now?"),
        ]
    )

    together = signals(talk, (RIGHT, *OTHERS), known=True, readable=True, sentence=0.5)

    assert together.absent < measured("what E-599 now?").absent


def test_in_a_script_the_model_cannot_read_the_cosine_says_nothing() -> None:
    near, far = (
        hit("ハブの価格は9ユーロです。", language="ja", similarity=value)
        for value in (0.9, 0.1)
    )

    assert measured("ハブの価格", near, readable=False) == measured(
        "ハブの価格", far, readable=False
    )


def test_a_hit_alone_among_many_leads() -> None:
    def scored(*scores: float) -> list[Hit]:
        return [
            hit("port", path=f"{n}.md", keyword_score=score)
            for n, score in enumerate(scores)
        ]

    alone = measured("port", *scored(9, 1, 1, 1, 1))
    pressed = measured("port", *scored(9, 8, 7, 2, 1))

    assert alone.lead > pressed.lead
    assert measured("port", *scored(90, 80, 70, 20, 10)).lead == pytest.approx(
        pressed.lead
    )


def test_of_many_sentences_those_about_the_question_are_kept() -> None:
    text = "\n\n".join(
        f"Sentence number {n} says a lot about something else, which nobody here "
        "has asked for, and goes on about it for a while."
        for n in range(12)
    )
    long = hit(f"{text}\n\nThe port of the cloud is 8883, and it must be open.")

    kept = telling_sentences(asked("which port does the cloud need?"), long)

    assert len(kept) < 12
    assert any("8883" in sentence for sentence in kept)


def test_without_a_sentence_the_best_cosine_is_nought() -> None:
    assert best_cosine(np.ones(2, np.float32), np.zeros((0, 2), np.float32)) == 0


@given(
    st.text(max_size=60),
    st.lists(st.text(max_size=60), min_size=1, max_size=5),
    st.booleans(),
    st.booleans(),
)
def test_every_signal_is_a_share(
    question: str, texts: list[str], known: bool, readable: bool
) -> None:
    words = asked(question)
    if not words.texts:
        return
    hits = [hit(text, path=f"{n}.md") for n, text in enumerate(texts)]

    found = signals(words, hits, known=known, readable=readable, sentence=0.5)

    assert all(
        0 <= getattr(found, name) <= 1 + 1e-9 for name in Signals.__struct_fields__
    )


def test_a_filter_that_leaves_one_hit_does_not_make_it_worse() -> None:
    question = "which port does E-104 mean on the hub?"

    alone, among = measured(question, RIGHT), measured(question)

    assert alone.absent <= among.absent + 0.1
    assert alone.lead >= among.lead
