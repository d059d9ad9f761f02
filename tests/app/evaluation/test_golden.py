import json
from pathlib import Path
from typing import Any

import pytest

from app.errors import EvaluationImpossible
from app.evaluation.golden import read_golden, within

ASKED = {
    "id": "q1",
    "kind": "answerable",
    "question": "How do I reset it?",
    "documents": ["reset.md"],
}
TURNS = [
    {"role": "user", "content": "How do I reset it?"},
    {"role": "assistant", "content": "Hold the button."},
    {"role": "user", "content": "And then?"},
]


def line(**fields: Any) -> bytes:
    return json.dumps({**ASKED, **fields}, ensure_ascii=False).encode()


def file(folder: Path, *lines: bytes, end: bytes = b"\n") -> Path:
    path = folder / "golden.jsonl"
    path.write_bytes(end.join(lines) + end)
    return path


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b"\n \t\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_blank_lines_and_a_mark_at_the_start_change_nothing(
    tmp_path: Path, end: bytes, mark: bytes
) -> None:
    # U+2028 ends a line for Python, and stands as it is in a JSON string.
    path = file(tmp_path, mark + line(), line(id="q2", question="A\u2028B?"), end=end)

    found = read_golden(path)

    assert found.broken == ()
    assert [n.golden.id for n in found.questions] == ["q1", "q2"]
    assert found.questions[1].golden.question == "A\u2028B?"


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        (b'{"id": "q1", ', "", "not JSON"),
        (b'{"id": "\xff"}', "", "not JSON"),
        (b"[" * 100_000, "", "not JSON"),
        (b'"q1"', "", "not a JSON object"),
        (b'{"kind": "answerable"}', "id", "missing"),
        (b'{"id": "q1"}', "kind", "missing"),
        (line(kind="answerble"), "kind", "use answerable, follow_up, unanswerable"),
        (line(question=3), "question", "Expected `str`, got `int`"),
        (line(documents="reset.md"), "documents", "Expected `array`"),
        (line(documents=["a.md", 2]), "documents[1]", "Expected `str`"),
        (line(fact=["x"]), "fact", "did you mean 'facts'?"),
        (line(id=" "), "id", "empty"),
        (line(question=" "), "question", "nothing is asked"),
        (line(documents=[]), "documents", "at least one"),
        (line(kind="unanswerable"), "documents", "has none"),
        (line(kind="follow_up"), "messages", "needs the turns before it"),
        (line(facts=["x", " "]), "facts[1]", "empty"),
        (line(messages=TURNS), "question", "leave one out"),
        (line(question="", messages=TURNS[1:2]), "messages", "no user message"),
        (
            line(question="", messages=[{"role": "nobody"}]),
            "messages[0].role",
            "Invalid enum",
        ),
    ],
)
def test_a_line_that_cannot_be_used_is_told_and_the_others_are_used(
    tmp_path: Path, wrong: bytes, field: str, reason: str
) -> None:
    path = file(tmp_path, line(id="before"), wrong, line(id="after"))

    found = read_golden(path)

    (broken,) = found.broken
    assert (broken.line, broken.field) == (2, field)
    assert reason in broken.reason
    assert not broken.asked
    assert [n.golden.id for n in found.questions] == ["before", "after"]


def test_an_id_that_is_there_twice_is_told_with_the_first_line(tmp_path: Path) -> None:
    found = read_golden(file(tmp_path, line(), line(id="q2"), line()))

    (broken,) = found.broken
    assert (broken.line, broken.field) == (3, "id")
    assert "'q1' is also on line 1" in broken.reason
    assert len(found.questions) == 2


def test_a_follow_up_asks_its_last_message_and_fields_of_others_are_theirs(
    tmp_path: Path,
) -> None:
    asked = line(kind="follow_up", question="And then?", messages=TURNS, author="Kim")

    (numbered,) = read_golden(file(tmp_path, asked)).questions

    assert numbered.golden.asked == "And then?"
    assert len(numbered.golden.conversation) == 3


def test_a_question_none_of_whose_documents_is_there_is_left_out(
    tmp_path: Path,
) -> None:
    path = file(
        tmp_path,
        line(id="here"),
        line(id="half", documents=["gone.md", "reset.md"]),
        line(id="gone", documents=["resets.md"]),
        line(id="none", kind="unanswerable", documents=[]),
    )

    found = within(read_golden(path), {"reset.md"})

    assert [n.golden.id for n in found.questions] == ["here", "half", "none"]
    half, gone = found.broken
    assert (half.line, half.field, half.asked) == (2, "documents[0]", True)
    assert (gone.line, gone.field, gone.asked) == (3, "documents[0]", False)
    assert "did you mean 'reset.md'?" in gone.reason


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(EvaluationImpossible, match=str(tmp_path)):
        read_golden(tmp_path / name)
