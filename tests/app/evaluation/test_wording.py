"""Headings in the words of somebody who asks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.wording import Topic, ask_about, ask_meaning, plain

TEXT = """reset pair use log back up restore install change create your the sensor
hub order temperature measure what how it where when probe a battery codes light
alarms"""
WORDS = frozenset(TEXT.split())


def asked(heading: str, language: str = "en", title: str = "", **fields: bool) -> str:
    topic = Topic(heading=heading, title=title, language=language, **fields)
    question, _ = ask_about(topic, WORDS)
    return question


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Resetting the sensor", "How do I reset the sensor?"),
        ("3.2 Resetting the sensor", "How do I reset the sensor?"),
        ("**Using** your own hub", "How do I use my own hub?"),
        ("Backing up and restoring Ostrel", "How do I back up and restore Ostrel?"),
        ("Create your workspace", "How do I create my workspace?"),
        ("How to pair a sensor", "How do I pair a sensor?"),
        ("Where to put the hub", "Where should I put the hub?"),
        ("How the hub reports", "Can you tell me how the hub reports?"),
        ("What we send", "Can you tell me what you send?"),
        ("When a probe fails", "What do I do when a probe fails?"),
        ("What does it cost?", "What does it cost?"),
        ("Measuring temperature range", "Measuring temperature range"),
        ("Without the sensor", "“Without the sensor”"),
        ("Alarms that fall silent", "alarms that fall silent"),
        ("Sensor light codes", "sensor light codes"),
        ("Ostrel light codes", "Ostrel light codes"),
    ],
)
def test_an_english_heading_becomes_what_a_person_asks(
    heading: str, question: str
) -> None:
    topic = not question.endswith("?")

    assert asked(heading) == (
        f"What should I know about {question}?" if topic else question
    )


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("Eine Regel anlegen", "Wie kann ich eine Regel anlegen?"),
        ("Alarme neu einrichten", "Wie kann ich Alarme neu einrichten?"),
        ("Was Sie vorher brauchen", "Was muss ich zum Thema „Was Sie vorher brauchen“ wissen?"),
        ("Der letzte Messwert", "Was muss ich zum Thema „Der letzte Messwert“ wissen?"),
        ("Was kostet das?", "Was kostet das?"),
    ],
)  # fmt: skip
def test_a_german_heading_is_asked_in_german(heading: str, question: str) -> None:
    assert asked(heading, "de") == question


@pytest.mark.parametrize(
    ("language", "heading", "question"),
    [
        ("fr", "Remplacer la pile du capteur", "Remplacer la pile du capteur?"),
        ("es", "Cambiar la pila del sensor", "¿Cambiar la pila del sensor?"),
        ("ja", "ハブをリセットする手順について", "ハブをリセットする手順について？"),
        ("", "Patrones de luz del aparato", "Patrones de luz del aparato?"),
    ],
)
def test_other_languages_get_a_question_mark_and_no_made_up_grammar(
    language: str, heading: str, question: str
) -> None:
    assert asked(heading, language) == question


@pytest.mark.parametrize(
    ("heading", "shared"),
    [("Testing", False), ("What happens when it expires", False)],
)
def test_a_heading_that_says_little_alone_is_asked_with_its_title(
    heading: str, shared: bool
) -> None:
    assert asked(heading, title="Drip sensor", shared=shared).startswith("Drip sensor:")


def test_headings_that_documents_share_are_told_apart_by_title() -> None:
    heading = "Resetting the sensor by hand"

    assert asked(heading, title="Drip") == "How do I reset the sensor by hand?"
    assert asked(heading, title="Leaf", shared=True) == (
        "Leaf: how do I reset the sensor by hand?"
    )


def test_a_code_is_asked_for_in_the_language_of_its_document() -> None:
    assert ask_meaning("E-417", "en") == "What does E-417 mean?"
    assert ask_meaning("E-417", "de") == "Was bedeutet E-417?"
    assert ask_meaning("E-417", "ja") == "E-417？"


@given(
    heading=st.text(max_size=80),
    title=st.text(max_size=100),
    language=st.sampled_from(["", "en", "de", "ja", "es"]),
)
def test_whatever_the_heading_something_is_asked_on_one_line(
    heading: str, title: str, language: str
) -> None:
    question = asked(heading, language, title)

    assert question.strip()
    assert plain(heading) == heading or "\n" not in plain(heading)
