"""What a tenant's questions tell: the nouns of insights.

    turns --> Day, Used      unanswered and down-voted questions --> Topic

Days are days of UTC. Costs are billionths of the price table's currency.
"""

from msgspec import Struct


class Example(Struct, frozen=True, kw_only=True):
    """A question as it was asked.

    Attributes:
        id: Id of its completion.
        question: Its text; a long one is shortened.
        asked: When, in seconds since the epoch.
        comment: What somebody wrote beside a thumb down, or "".
    """

    id: str
    question: str
    asked: int
    comment: str = ""


class Nearest(Struct, frozen=True, kw_only=True):
    """The document nearest to a topic.

    Attributes:
        path: Its path in the ingested folder.
        title: What people call it.
        similarity: Cosine of question and chunk, in [-1, 1]; None if only keywords
            found it.
    """

    path: str
    title: str
    similarity: float | None


class Topic(Struct, frozen=True, kw_only=True):
    """Questions that ask alike and were not answered, or not well.

    Attributes:
        question: The one asked most often.
        count: Times that one of them was asked.
        unanswered: How many of these got no answer.
        down_voted: How many got a thumb down.
        last_asked: When one of them was asked last, in seconds since the epoch.
        examples: Some of them, the newest of each wording.
        nearest: The document nearest to `question`; None if none was found.
    """

    question: str
    count: int
    unanswered: int
    down_voted: int
    last_asked: int
    examples: tuple[Example, ...]
    nearest: Nearest | None = None


class Used(Struct, frozen=True, kw_only=True):
    """How often a document was offered to an answer."""

    path: str
    answers: int


class Documents(Struct, frozen=True, kw_only=True):
    """Which documents answers come from.

    Attributes:
        total: Documents that the caller may see.
        most_used: Those offered to most answers, the most first.
        never_used: Paths of some that were offered to none.
        never_used_total: How many there are of these.
        elsewhere: Answers that were offered documents which are gone, or which the
            caller may not see.
    """

    total: int
    most_used: tuple[Used, ...]
    never_used: tuple[str, ...]
    never_used_total: int
    elsewhere: int


class Day(Struct, frozen=True, kw_only=True):
    """The questions of one day.

    Attributes:
        day: The day, such as ``2026-09-02``.
        questions: How many were asked.
        refused: How many were told that the answer is not known.
        failed: How many ended with an error.
        refusal_rate: Share of `refused` in those that were told anything, in [0, 1];
            None without any.
        p50: Seconds that half of the answers took at most; None without any.
        p95: Seconds that 95 of 100 took at most.
        tokens: Tokens sent to the model and written by it.
        cost: What they cost; None where no price is known.
        up: Thumbs up on answers of this day.
        down: Thumbs down.
    """

    day: str
    questions: int = 0
    refused: int = 0
    failed: int = 0
    refusal_rate: float | None = None
    p50: float | None = None
    p95: float | None = None
    tokens: int = 0
    cost: int | None = None
    up: int = 0
    down: int = 0


class Insights(Struct, frozen=True, kw_only=True):
    """What the questions of one tenant tell, over some days.

    Attributes:
        object: Always "insights".
        tenant: Whose they are.
        days: Days looked at, today among them.
        total: All of these days as one, under the first one's name.
        topics: What was not answered, or not well, the most frequent first.
        topics_total: Topics there are, of which `topics` are the first.
        unrecorded: Unanswered and down-voted questions whose text is not kept, so
            that they belong to no topic.
        left_out: Such questions that are older than the newest ones looked at.
        documents: Which documents answers come from.
        by_day: Each of the days, the first one first.
    """

    object: str
    tenant: str
    days: int
    total: Day
    topics: tuple[Topic, ...]
    topics_total: int
    unrecorded: int
    left_out: int
    documents: Documents
    by_day: tuple[Day, ...]
