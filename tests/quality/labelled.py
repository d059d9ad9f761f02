"""Labelled sets of documents: which of them answer which question.

A set is a folder with ``queries.jsonl`` (``_id``, ``text``), ``qrels.tsv`` (query,
document, grade) and documents in ``docs/`` or as lines of ``corpus.jsonl``; in several
languages ``queries.de.jsonl`` and so on. Or it has ``corpora/`` and ``questions.jsonl``,
where spans of a document answer.
"""

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from app.evaluation.metrics import ndcg


class Query(Struct, frozen=True, rename={"id": "_id"}):
    """A question of a set."""

    id: str
    text: str


class Passage(Struct, frozen=True, rename={"id": "_id"}):
    """A document of a corpus in one file."""

    id: str
    text: str
    title: str = ""


class Span(Struct, frozen=True):
    """Characters of a document."""

    start: int
    end: int


class _Excerpted(Struct, frozen=True, rename={"id": "_id"}):
    id: str
    text: str
    doc: str
    references: tuple[Span, ...]


class Question(Struct, frozen=True, kw_only=True):
    """A question and what answers it.

    Attributes:
        text: What is asked.
        right: File names, without their ending, of the documents that answer.
        spans: Where in the one document, if that is known.
    """

    text: str
    right: frozenset[str]
    spans: tuple[Span, ...] = ()


class LabelledSet(Struct, frozen=True, kw_only=True):
    """Documents and questions about them.

    Attributes:
        name: Its folder's name, and its language.
        documents: Folder of the documents.
        questions: What is asked.
    """

    name: str
    documents: Path
    questions: tuple[Question, ...]


def load_relevant(path: Path) -> dict[str, set[str]]:
    """Return the ids of the right documents by query id."""
    relevant: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return relevant


def load_sets(folder: Path, home: Path) -> list[LabelledSet]:
    """Return the sets in `folder`; passages of a corpus become files under `home`."""
    return [*_by_document(folder, home), *_by_span(folder)]


def write_corpus(corpus: Path, documents: Path) -> None:
    """Write each passage of `corpus` as a file."""
    documents.mkdir(parents=True, exist_ok=True)
    for line in corpus.read_text(encoding="utf-8").splitlines():
        passage = msgspec.json.decode(line, type=Passage)
        head = f"# {passage.title}\n\n" if passage.title else ""
        text = f"{head}{passage.text}\n"
        (documents / f"{passage.id}.md").write_text(text, encoding="utf-8")


def recall(ranked: Sequence[str], right: Collection[str], depth: int) -> float:
    """Return the share of `right` among the first `depth` of `ranked`."""
    return len(set(right).intersection(ranked[:depth])) / len(right)


def by_document(ranked: Sequence[str], question: Question) -> tuple[float, float]:
    """Return R@5 and nDCG@10 of a ranking of documents."""
    return recall(ranked, question.right, 5), ndcg(ranked, question.right)


def by_span(
    ranked: Sequence[tuple[str, Span]], question: Question, *, depth: int = 5
) -> tuple[float, float]:
    """Return recall and IoU of the first `depth` chunks, in characters.

    Source:
        Smith and Troynikov, "Evaluating Chunking Strategies for Retrieval", Chroma
        technical report, 2024: all that was fetched counts below the line, also of
        other documents and also twice; the answer counts once.
    """
    fetched = sum(span.end - span.start for _, span in ranked[:depth])
    own = _merged([span for name, span in ranked[:depth] if name in question.right])
    wanted = _merged(question.spans)
    found = sum(
        max(min(a.end, b.end) - max(a.start, b.start), 0) for a in wanted for b in own
    )
    whole = sum(span.end - span.start for span in question.spans)
    missed = sum(span.end - span.start for span in wanted) - found
    return found / whole, found / (fetched + missed)


def _by_document(folder: Path, home: Path) -> Iterator[LabelledSet]:
    for path in sorted(folder.glob("*/queries*.jsonl")):
        language = path.name.removeprefix("queries").removesuffix(".jsonl")
        name = path.parent.name + language
        documents = path.parent / "docs"
        corpus = path.parent / f"corpus{language}.jsonl"
        if corpus.exists():
            documents = home / name / "docs"
            write_corpus(corpus, documents)
        relevant = load_relevant(path.parent / "qrels.tsv")
        lines = path.read_text(encoding="utf-8").splitlines()
        asked = [msgspec.json.decode(line, type=Query) for line in lines]
        questions = tuple(
            Question(text=query.text, right=frozenset(map(_stem, relevant[query.id])))
            for query in asked
            if query.id in relevant
        )
        yield LabelledSet(name=name, documents=documents, questions=questions)


def _by_span(folder: Path) -> Iterator[LabelledSet]:
    for path in sorted(folder.glob("*/questions.jsonl")):
        lines = path.read_text(encoding="utf-8").splitlines()
        asked = [msgspec.json.decode(line, type=_Excerpted) for line in lines]
        questions = tuple(
            Question(
                text=one.text, right=frozenset({_stem(one.doc)}), spans=one.references
            )
            for one in asked
        )
        documents = path.parent / "corpora"
        yield LabelledSet(
            name=path.parent.name, documents=documents, questions=questions
        )


def _stem(document: str) -> str:
    return document.removesuffix(".md")


def _merged(spans: Sequence[Span]) -> list[Span]:
    """Return what `spans` cover, without overlaps."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if found and span.start <= found[-1].end:
            last = found.pop()
            found.append(Span(last.start, max(last.end, span.end)))
        else:
            found.append(span)
    return found
