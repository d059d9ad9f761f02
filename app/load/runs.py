"""What a load test is made of. The nouns: this imports nothing of ours.

    Plan --generate--> Exchange, one a request --figures--> Run

Times are milliseconds; those of an exchange count from the start of the run.
"""

from msgspec import Struct


class Plan(Struct, frozen=True, kw_only=True):
    """How much is asked, and how.

    Attributes:
        concurrency: Callers that ask one request after the other; with a `rate`,
            most requests that are live at once.
        rate: Requests a second, begun whether earlier ones have ended or not; None
            lets each caller ask again as soon as it is answered.
        requests: Most requests; None for no such bound.
        seconds: Seconds after which no request is begun; None for no such bound.
        stream: Whether answers are streamed.
        distinct: Whether each question is asked once only: a running number is added.
    """

    concurrency: int
    rate: float | None
    requests: int | None
    seconds: float | None
    stream: bool
    distinct: bool = False


class Exchange(Struct, frozen=True, kw_only=True, gc=False):
    """One request and what became of it.

    Attributes:
        question: Place of its question in the file, from 0.
        due: When it was meant to begin.
        began: When it was sent.
        ended: When its answer was over.
        first: When the first token arrived; None where none did or none was streamed.
        silence: Longest silence between two arrivals after the first token.
        pieces: Frames that carried text, or 1 for a whole answer with text.
        tokens: Tokens of the answer as the service tells them, or None.
        error: Why there is no answer, in few words; "" where there is one.
        faults: What the answer lacked to be complete.
        retry_after: Seconds the service asked to wait, or None.
    """

    question: int
    due: float
    began: float
    ended: float
    first: float | None = None
    silence: float = 0.0
    pieces: int = 0
    tokens: int | None = None
    error: str = ""
    faults: tuple[str, ...] = ()
    retry_after: float | None = None

    @property
    def complete(self) -> bool:
        """Whether it was answered, with nothing missing."""
        return not self.error and not self.faults


class Quantile(Struct, frozen=True, kw_only=True):
    """A quantile of a sample, and how sure it is.

    Attributes:
        value: The quantile.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float


class Spread(Struct, frozen=True, kw_only=True):
    """How values spread.

    Attributes:
        count: Values, at least 1.
        mean: Their mean.
        p50: The median.
        p95: What 95 of 100 stay below.
        p99: What 99 of 100 stay below.
        most: The largest.
    """

    count: int
    mean: float
    p50: Quantile
    p95: Quantile
    p99: Quantile
    most: float


class Figures(Struct, frozen=True, kw_only=True):
    """A run in numbers. Times are of complete answers, from when they were due.

    Attributes:
        requests: Requests that ended.
        complete: Those answered with nothing missing.
        seconds: From the start to the last end.
        requests_per_second: Complete answers a second.
        tokens_per_second: Tokens of all answers a second.
        tokens: Tokens of all answers.
        tokens_told: Whether the service told all of them; else pieces are counted.
        first: Milliseconds to the first token; None where nothing was streamed.
        total: Milliseconds to the end of the answer; None where none was complete.
        silence: Longest silence within each stream, in milliseconds.
        wait: Milliseconds from when a request was due to when it was sent.
        live: Most requests that were live at once.
        errors: Requests without an answer by kind, the commonest first.
        faults: Answers by what they lacked, the commonest first.
        retry_after: Longest time in seconds the service asked to wait, or None.
    """

    requests: int
    complete: int
    seconds: float
    requests_per_second: float
    tokens_per_second: float
    tokens: int
    tokens_told: bool
    first: Spread | None
    total: Spread | None
    silence: Spread | None
    wait: Spread | None
    live: int
    errors: dict[str, int]
    faults: dict[str, int]
    retry_after: float | None


class Machine(Struct, frozen=True, kw_only=True):
    """The machine that asks, before and during a run.

    Shares are of all its cores, in [0, 1]; None where the system does not tell.

    Attributes:
        cores: Cores this process may use.
        load_before: Processes that ran or waited, averaged over the minute before.
        busy_before: Share of the processor time that was in use before.
        busy: Share that was in use during the run, by whomever.
        steal: Share that the host took away during the run.
        own: Processor time of this process a second, in cores.
        lag_p99: Milliseconds by which this process came late, 99 of 100 times less.
        lag_most: The most it came late.
    """

    cores: int
    load_before: float | None = None
    busy_before: float | None = None
    busy: float | None = None
    steal: float | None = None
    own: float = 0.0
    lag_p99: float = 0.0
    lag_most: float = 0.0


class Run(Struct, frozen=True, kw_only=True):
    """A load test: all that is shown of it, and what ``--json`` writes.

    Attributes:
        url: Address that was asked, without a password.
        model: The model that was asked.
        date: When it began, ISO 8601 in UTC.
        version: Version of frontdesk.
        plan: What was asked for.
        questions: Name of the file of questions.
        digest: SHA-256 of the questions, as hex digits.
        distinct: Different questions.
        finished: Whether it was not interrupted.
        unsent: Requests of a rate that were due and never sent, because as many as
            may be were live until the time was up.
        cut: Requests that were live when the run was interrupted; not in `exchanges`.
        machine: The machine that asked.
        warnings: Reasons to distrust the figures, a sentence each.
        figures: The figures.
        exchanges: Every request, in order of their ends.
    """

    url: str
    model: str
    date: str
    version: str
    plan: Plan
    questions: str
    digest: str
    distinct: int
    finished: bool
    unsent: int
    cut: int
    machine: Machine
    warnings: tuple[str, ...]
    figures: Figures
    exchanges: tuple[Exchange, ...]
