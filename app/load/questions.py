"""The questions of a load test: lines of text, golden questions, or ours."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from app.errors import EvaluationImpossible, LoadImpossible
from app.evaluation.golden import read_golden
from app.messages import JSON

_OURS = (
    "How do I get started?",
    "How can I reset my password?",
    "What does it cost, and what is included?",
    "How do I invite a colleague to my account?",
    "Where do I find my invoices?",
    "How do I export my data?",
    "What should I do when the device does not connect?",
    "How do I contact support?",
)


class Questions(Struct, frozen=True, kw_only=True):
    """What is asked.

    Attributes:
        name: Name of the file; "" for ours.
        conversations: The messages of each question, as the API writes them.
        notes: What is wrong with lines that are left out, a sentence each.
    """

    name: str
    conversations: tuple[tuple[JSON, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of the conversations, as hex digits."""
        return hashlib.sha256(msgspec.json.encode(self.conversations)).hexdigest()

    @property
    def distinct(self) -> int:
        """How many of them are different."""
        return len({msgspec.json.encode(c) for c in self.conversations})


def marked(conversation: Sequence[JSON], mark: str) -> list[JSON]:
    """Return `conversation` with `mark` at the end of what is asked last."""
    *before, last = conversation
    content = last["content"]
    if isinstance(content, str):
        return [*before, last | {"content": f"{content} ({mark})"}]
    part = {"type": "text", "text": f"({mark})"}
    return [*before, last | {"content": [*(content or ()), part]}]


def read_questions(path: Path | None) -> Questions:
    """Read questions: one a line, or a golden file as of ``frontdesk eval``.

    Args:
        path: The file; a golden one ends in ``.jsonl``. None for questions of ours.

    Raises:
        LoadImpossible: It cannot be read, or holds no question.
    """
    if path is None:
        return Questions(name="", conversations=tuple(map(_asked, _OURS)))
    found = _golden(path) if path.suffix.lower() == ".jsonl" else _lines(path)
    if not found.conversations:
        first = f"; {found.notes[0]}" if found.notes else ""
        raise LoadImpossible(f"{path} holds no question{first}")
    return found


def _asked(text: str) -> tuple[JSON, ...]:
    return ({"role": "user", "content": text},)


def _lines(path: Path) -> Questions:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise LoadImpossible(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise LoadImpossible(f"{path} is not UTF-8 text: {error.reason}") from error
    lines = [line.strip() for line in text.split("\n")]
    asked = tuple(_asked(line) for line in lines if line)
    return Questions(name=path.name, conversations=asked)


def _golden(path: Path) -> Questions:
    try:
        file = read_golden(path)
    except EvaluationImpossible as error:
        raise LoadImpossible(str(error)) from error
    return Questions(
        name=path.name,
        conversations=tuple(
            tuple(message.as_json() for message in numbered.golden.conversation)
            for numbered in file.questions
        ),
        notes=tuple(
            f"{path.name}, line {b.line}: {b.field + ': ' if b.field else ''}{b.reason}"
            for b in file.broken
            if not b.asked
        ),
    )
