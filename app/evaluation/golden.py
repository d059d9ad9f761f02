"""Golden files: questions with what is known about their answers, one a line.

Each line is a JSON object; blank lines count as nothing. A line that cannot be used
is told with its number and the field at fault, and the others are used.
"""

import difflib
import hashlib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from app.errors import EvaluationImpossible
from app.evaluation.outcomes import KINDS, BrokenLine
from app.messages import Message

_BOM = b"\xef\xbb\xbf"


class Golden(Struct, frozen=True, kw_only=True):
    """A question with what is known about its answer.

    Attributes:
        id: Its name, unique in the file.
        kind: Whether the documents answer it; a "follow_up" is answered by them
            and stands on earlier turns.
        question: What is asked; "" when `messages` ends with it.
        messages: The conversation of a follow-up.
        documents: Paths of the documents that answer it, any of them.
        heading: Heading of the section that answers it, in the first document.
        facts: Short texts that an answer must hold.
        language: ISO 639-1 code, or "".
        standalone: A follow-up rewritten by hand to stand alone.
        labels: Access labels the one who asks holds beside those of everybody.
    """

    id: str
    kind: Literal["answerable", "follow_up", "unanswerable"]
    question: str = ""
    messages: tuple[Message, ...] = ()
    documents: tuple[str, ...] = ()
    heading: str = ""
    facts: tuple[str, ...] = ()
    language: str = ""
    standalone: str = ""
    labels: tuple[str, ...] = ()

    @property
    def conversation(self) -> tuple[Message, ...]:
        """The messages to send."""
        return self.messages or (Message(role="user", content=self.question),)

    @property
    def asked(self) -> str:
        """What is asked last, in words."""
        users = [m.text for m in self.conversation if m.role == "user"]
        return users[-1] if users else ""


class Numbered(Struct, frozen=True, kw_only=True):
    """A golden question and where it stands.

    Attributes:
        line: Number of its line, from 1.
        golden: The question.
    """

    line: int
    golden: Golden


class GoldenFile(Struct, frozen=True, kw_only=True):
    """What a golden file holds.

    Attributes:
        name: Name of the file, without its folder.
        digest: SHA-256 of its bytes, as 64 hex digits.
        questions: Questions that can be asked, in order.
        broken: Lines that need mending.
    """

    name: str
    digest: str
    questions: tuple[Numbered, ...]
    broken: tuple[BrokenLine, ...]


class _Fault(ValueError):
    """What is wrong with a line."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field


def read_golden(path: Path) -> GoldenFile:
    """Read the golden file at `path`.

    Raises:
        EvaluationImpossible: It cannot be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise EvaluationImpossible(f"{path}: {error.strerror or error}") from error
    questions: list[Numbered] = []
    broken: list[BrokenLine] = []
    lines: dict[str, int] = {}
    for number, line in _lines(data):
        try:
            golden = _golden(line, lines)
        except _Fault as fault:
            broken.append(BrokenLine(line=number, field=fault.field, reason=str(fault)))
        else:
            lines[golden.id] = number
            questions.append(Numbered(line=number, golden=golden))
    return GoldenFile(
        name=path.name,
        digest=hashlib.sha256(data).hexdigest(),
        questions=tuple(questions),
        broken=tuple(broken),
    )


def within(file: GoldenFile, held: Collection[str]) -> GoldenFile:
    """Return `file` with each path told that is not one of `held`.

    A question is left out when none of its documents is there: whatever is found
    would be wrong.
    """
    kept: list[Numbered] = []
    broken = list(file.broken)
    for numbered in file.questions:
        documents = numbered.golden.documents
        known = [path for path in documents if path in held]
        if known or not documents:
            kept.append(numbered)
        broken += [
            BrokenLine(
                line=numbered.line,
                field=f"documents[{position}]",
                reason=_unknown(path, held),
                asked=bool(known),
            )
            for position, path in enumerate(documents)
            if path not in held
        ]
    ordered = sorted(broken, key=lambda line: line.line)
    return msgspec.structs.replace(file, questions=tuple(kept), broken=tuple(ordered))


def _unknown(path: str, held: Collection[str]) -> str:
    close = difflib.get_close_matches(path, held, n=1, cutoff=0.8)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    return f"the index holds no document {path!r} for who asks{meant}"


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what is not blank, with its line number."""
    # Only \n ends a line: a JSON string may hold what Python calls a line end.
    for number, line in enumerate(data.removeprefix(_BOM).split(b"\n"), start=1):
        if line.strip():
            yield number, line.strip()


def _golden(line: bytes, lines: Mapping[str, int]) -> Golden:
    """Return the question that a line holds.

    Args:
        line: The line.
        lines: Numbers of the lines before it by the id of their question.

    Raises:
        _Fault: It holds none that can be asked.
    """
    try:
        found = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Fault("", f"not JSON: {error}") from error
    if not isinstance(found, dict):
        raise _Fault("", "not a JSON object")
    _refuse_misspelled(found)
    try:
        golden = msgspec.convert(found, Golden)
    except msgspec.ValidationError as error:
        raise _fault(error) from error
    if golden.id in lines:
        raise _Fault("id", f"{golden.id!r} is also on line {lines[golden.id]}")
    _check_question(golden)
    _check_answer(golden)
    return golden


def _refuse_misspelled(found: dict[str, Any]) -> None:
    """Refuse a field that is nearly one of ours; others are the file's own affair."""
    known = Golden.__struct_fields__
    for name in found.keys() - set(known):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if close:
            raise _Fault(name, f"unknown field; did you mean {close[0]!r}?")


def _fault(error: msgspec.ValidationError) -> _Fault:
    # msgspec says "... - at `$.kind`", and names a missing field in the sentence.
    message, _, field = str(error).partition(" - at `$")
    place = field.rstrip("`").removeprefix(".")
    if message.startswith("Object missing required field") and not place:
        return _Fault(message.split("`")[1], "missing")
    if place == "kind":
        return _Fault(place, f"{message}; use {', '.join(KINDS)}")
    return _Fault(place, message)


def _check_question(golden: Golden) -> None:
    if not golden.id.strip():
        raise _Fault("id", "empty")
    if not golden.messages and not golden.question.strip():
        raise _Fault("question", "nothing is asked")
    if golden.messages and not golden.asked.strip():
        raise _Fault("messages", "no user message asks anything")
    if golden.messages and golden.question not in ("", golden.asked):
        raise _Fault("question", "not what the last user message asks; leave one out")
    if golden.kind == "follow_up" and len(golden.messages) < 2:
        raise _Fault("messages", "a follow_up needs the turns before it")


def _check_answer(golden: Golden) -> None:
    if golden.kind == "unanswerable" and golden.documents:
        raise _Fault("documents", "an unanswerable question has none")
    if golden.kind != "unanswerable" and not golden.documents:
        raise _Fault("documents", "name at least one that answers it")
    for position, fact in enumerate(golden.facts):
        if not fact.strip():
            raise _Fault(f"facts[{position}]", "empty")
