"""The nouns of an evaluation; its JSON is these structs as they are.

    GoldenQuestion --ask--> Outcome --figures--> Figures --+--> Evaluation
                                                           +--> gate, comparison

A figure without a basis is None: of no unanswerable question none was missed, and
that is no merit. This module imports nothing from the project.
"""

from msgspec import Struct, field

ALL = "all"
"""The group of every question."""

STANDALONE = "standalone"
"""The group of follow-ups in the form that somebody wrote to stand alone."""

KINDS = ("answerable", "follow_up", "unanswerable")
"""What a golden question may be."""

CONSIDERED = 10
"""Documents of a ranking that are looked at."""


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one golden question.

    Attributes:
        id: Name of the question in its file.
        kind: One of `KINDS`.
        language: ISO 639-1 code of the question.
        question: What was asked last, in words.
        expected: Paths of the documents that answer it; () for unanswerable ones.
        found: Distinct paths of the documents found, best first, at most
            `CONSIDERED`.
        rank: Place of the first expected path in `found`, from 1; 0 for none.
        standalone_found: `found` for the question rewritten by hand to stand alone;
            None where nobody rewrote it.
        answered: Whether the answer claims to know: the service says so, and where
            a model wrote it, it cites a source. What cites nothing states nothing
            from the documents.
        answer: What was answered.
        confidence: How likely the hits hold an answer, in [0, 1], as told.
        facts: Share of the key facts that the answer holds, in [0, 1]; None where
            the question names none.
        missing_facts: Key facts that the answer does not hold.
        citations: Markers in the answer that point to a source.
        supported: Those of them that open a place of a document which holds the
            text they stand behind, see `app.evaluation.citing`.
        sent: Tokens sent to the model; 0 where none was asked.
        stuffed: Tokens that sending the sources' documents whole would have taken.
        stages: Milliseconds by stage of the answer.
        milliseconds: Milliseconds from the question to the end of the answer.
        error: Why there is no answer; "" where there is one.
    """

    id: str
    kind: str
    language: str
    question: str
    expected: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    rank: int = 0
    standalone_found: tuple[str, ...] | None = None
    answered: bool = False
    answer: str = ""
    confidence: float = 0.0
    facts: float | None = None
    missing_facts: tuple[str, ...] = ()
    citations: int = 0
    supported: int = 0
    sent: int = 0
    stuffed: int = 0
    stages: dict[str, float] = field(default_factory=dict)
    milliseconds: float = 0.0
    error: str = ""


class Figures(
    Struct,
    frozen=True,
    kw_only=True,
    rename={
        "recall_1": "recall@1",
        "recall_3": "recall@3",
        "recall_5": "recall@5",
        "recall_10": "recall@10",
        "ndcg_10": "ndcg@10",
    },
):
    """A group of outcomes in numbers. None where there is nothing to judge by.

    Errors count in `questions` and `errors` alone. Shares lie in [0, 1].

    Attributes:
        questions: Questions of the group, those with an error included.
        errors: Questions that got an error instead of an answer.
        recall_1: Share of questions with a right document in first place.
        recall_3: The same among the first 3 distinct documents.
        recall_5: The same among the first 5.
        recall_10: The same among the first 10.
        mrr: Mean reciprocal rank of the first right document, 0 beyond 10.
        ndcg_10: Mean normalised discounted cumulative gain of the first 10.
        balanced_accuracy: Mean of the shares answered of the answerable and
            refused of the unanswerable questions; None unless there are both.
        false_refusals: Share of answerable questions that were refused.
        missed_refusals: Share of unanswerable questions that were answered.
        facts: Mean share of key facts held, of the questions that name some.
        facts_whole: Share of these whose every key fact is held.
        citations: Share of citations whose document holds the cited text.
        sent: Mean tokens sent to the model, of questions for which one was asked.
        stuffed: Mean tokens that whole documents would have taken, of questions
            with sources.
        saved: ``1 - sent / stuffed`` in sum, where a model was asked.
        p50: Median milliseconds of a question.
        p95: 95th percentile of these.
    """

    questions: int = 0
    errors: int = 0
    recall_1: float | None = None
    recall_3: float | None = None
    recall_5: float | None = None
    recall_10: float | None = None
    mrr: float | None = None
    ndcg_10: float | None = None
    balanced_accuracy: float | None = None
    false_refusals: float | None = None
    missed_refusals: float | None = None
    facts: float | None = None
    facts_whole: float | None = None
    citations: float | None = None
    sent: float | None = None
    stuffed: float | None = None
    saved: float | None = None
    p50: float | None = None
    p95: float | None = None


class Latency(Struct, frozen=True, kw_only=True):
    """How long a stage took, over all questions that went through it.

    Attributes:
        questions: How many went through it.
        p50: Median in milliseconds.
        p95: 95th percentile in milliseconds.
    """

    questions: int
    p50: float
    p95: float


class BrokenLine(Struct, frozen=True, kw_only=True):
    """A line of a golden file that needs mending.

    Attributes:
        line: Its number, from 1.
        field: The field at fault, or "" where it is the whole line.
        reason: What is wrong with it.
        asked: Whether its question can be asked all the same.
    """

    line: int
    field: str
    reason: str
    asked: bool = False


class Evaluation(Struct, frozen=True, kw_only=True):
    """One run over a golden file.

    Attributes:
        golden: Name of the golden file.
        digest: SHA-256 of its bytes, as 64 hex digits.
        date: When the run began, ISO 8601 in UTC, to the second.
        version: Version of frontdesk that asked.
        edition: Edition of the index that answered.
        road: "embedded", or the address of the service that answered.
        settings: Settings that shape an answer, by variable; of a service behind
            an address they are not known, and it is empty.
        given: Questions that the file holds and that can be asked.
        asked: Questions that were asked, errors included.
        complete: Whether all were asked; False when interrupted.
        broken: Lines of the golden file that need mending.
        notes: What else a reader of the figures should know, a sentence each.
        outcomes: In the order of the file.
        figures: By group: `ALL`, each kind there is, and `STANDALONE` where
            follow-ups were rewritten by hand.
        languages: By ISO 639-1 code; empty where there is only one.
        stages: By stage, in the order they were met.
    """

    golden: str
    digest: str
    date: str
    version: str
    edition: str
    road: str
    settings: dict[str, str | int | float] = field(default_factory=dict)
    given: int = 0
    asked: int = 0
    complete: bool = True
    broken: tuple[BrokenLine, ...] = ()
    notes: tuple[str, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    figures: dict[str, Figures] = field(default_factory=dict)
    languages: dict[str, Figures] = field(default_factory=dict)
    stages: dict[str, Latency] = field(default_factory=dict)
