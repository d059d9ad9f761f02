"""Questions on what the sample's documents never mention, in many languages."""

from pathlib import Path

import msgspec
import pytest

from app.evaluation.golden import read_golden
from app.evaluation.outcomes import Outcome
from tests.quality.golden import run

ABSENT = {
    "en": (
        "how do I bake a sourdough bread?",
        "who won the football world cup in 1986?",
        "what is the capital of Mongolia",
        "which vaccinations does my dog need before travelling to Spain?",
    ),
    "de": (
        "Wie backe ich einen Apfelkuchen mit Streuseln?",
        "Wer gewann 1986 die Fußballweltmeisterschaft?",
        "Welche Steuerklasse gilt nach der Hochzeit?",
    ),
    "fr": (
        "Combien de licornes violettes dansent sur la tour Eiffel ?",
        "Comment préparer une ratatouille pour six personnes ?",
        "Qui a peint la Joconde ?",
    ),
    "es": (
        "¿Quién pintó Las Meninas?",
        "¿Cómo se prepara una tortilla de patatas?",
    ),
    "it": ("Come si prepara la carbonara senza panna?",),
    "pt": ("Quem descobriu o caminho marítimo para a Índia?",),
    "nl": ("Hoe bak ik pannenkoeken voor twintig kinderen?",),
    "ja": ("東京タワーの高さは何メートルですか", "源氏物語の作者は誰ですか"),
    "zh": ("长城有多长?", "怎么做红烧肉?"),
    "ru": ("Кто написал «Войну и мир»?", "Как испечь блины на молоке?"),
    "ar": ("من كتب رواية زقاق المدق؟",),
    "hi": ("ताजमहल किसने बनवाया था?",),
    "th": ("วัดพระแก้วสร้างเมื่อไหร่",),
    "ko": ("세종대왕은 언제 태어났나요?",),
}
FOLLOWING = (
    ("how do I reset the hub?", "Hold the button.", "and who painted the Mona Lisa?"),
    ("what does Team cost?", "29 euros a month.", "which poets lived in Weimar then?"),
    ("Was kostet Team?", "29 Euro im Monat.", "Und wie backe ich Pfannkuchen?"),
)


@pytest.fixture(scope="module")
def outcomes(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Outcome, ...]:
    asked: list[dict[str, object]] = [
        {"question": text, "language": language}
        for language, texts in ABSENT.items()
        for text in texts
    ]
    for before, answer, question in FOLLOWING:
        said = (("user", before), ("assistant", answer), ("user", question))
        messages = [{"role": role, "content": text} for role, text in said]
        asked.append({"messages": messages})
    lines = [
        msgspec.json.encode({"id": f"q{n}", "kind": "unanswerable", **one})
        for n, one in enumerate(asked)
    ]
    file = tmp_path_factory.mktemp("absent") / "golden.jsonl"
    file.write_bytes(b"\n".join(lines))
    return run(sample_home, read_golden(file)).outcomes


def test_topics_that_are_wholly_absent_are_refused(
    outcomes: tuple[Outcome, ...],
) -> None:
    answered = [o.question for o in outcomes if o.answered]

    # An odd word that some document holds too may mislead: "capital", "klasse".
    assert len(answered) <= 0.15 * len(outcomes), answered


@pytest.mark.parametrize("language", ["zh", "ja", "ru", "ar", "hi", "th", "ko"])
def test_in_a_script_the_model_cannot_read_an_absent_topic_is_refused(
    language: str, outcomes: tuple[Outcome, ...]
) -> None:
    own = [o for o in outcomes if o.language == language]

    assert own
    assert not any(o.answered for o in own)
