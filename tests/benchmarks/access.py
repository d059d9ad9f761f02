"""What it costs to know who asks and to count it, beside a service that is open."""

import statistics
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import redis
from msgspec import Struct

from app.access.books import Books
from app.access.limits import Amount, Limits, Subject
from tests.benchmarks import serving
from tests.benchmarks.corpora import help_centre, ingested
from tests.benchmarks.figures import Figure, Part, main
from tests.benchmarks.processes import cpu_seconds
from tests.command import frontdesk

_ASKED = 1.15
_CALLERS = 8
_REDIS = "redis://127.0.0.1:6379/0"
_PREFIX = "frontdesk-benchmark"
_LIMITS = {
    "TENANT_LIMIT_REQUESTS_PER_MINUTE": "1000000",
    "TENANT_LIMIT_TOKENS_PER_DAY": "1000000000",
    "TENANT_LIMIT_MONEY_PER_DAY": "1000000",
    "PRICE_TABLE": '{"*": {"input": 1, "output": 2}}',
}
"""What is never reached: counting is measured, not refusing."""


class Counted(Struct, frozen=True):
    """A service in one of the ways to count.

    Attributes:
        how: What it counts and where, as a person calls it; "" if nothing.
        served: The service.
        key: What opens it.
    """

    how: str
    served: serving.Served
    key: str


def measure(home: Path, *, quick: bool) -> Part:
    """Measure the processor time of a request in services that take turns."""
    corpus = help_centre()
    # Many short rounds: what else the machine does hits all of them alike.
    rounds = 3 if quick else 12
    count = 60 if quick else 100
    texts = serving.write_questions(home / "access.txt", corpus.questions, count)
    place = ingested(corpus, home)
    figures = []
    for pieces in (100, 5):
        figures += _by_length(place, texts, pieces, rounds, count)
    return Part(
        title="Keys and limits",
        figures=(*figures, _alone()),
        notes=(
            (
                "Keyed and limited: a key in the header; requests a minute, tokens and"
                " money a day of the tenant, and answers at the same time of the key;"
                " every question is recorded."
            ),
            "The services run at the same time and are asked in turn; medians of rounds.",
        ),
    )


def _by_length(
    place: Path, questions: Path, pieces: int, rounds: int, count: int
) -> list[Figure]:
    with ExitStack() as stack:
        upstream = stack.enter_context(
            serving.upstream(first_byte=0, gap=0, pieces=pieces)
        )
        services = _services(place, upstream, stack)
        taken: dict[str, list[float]] = {service.how: [] for service in services}
        for number in range(rounds + 1):
            # In turn forwards and backwards, so that none is always the first.
            for service in services if number % 2 else reversed(services):
                cpu = _cpu(service, questions, count)
                # The first round fills the caches of questions.
                if number:
                    taken[service.how].append(cpu)
    open_ = taken.pop("")
    return [_figure(how, pieces, ours, open_) for how, ours in taken.items()]


def _figure(
    how: str, pieces: int, ours: Sequence[float], open_: Sequence[float]
) -> Figure:
    ratios = [one / other for one, other in zip(ours, open_, strict=True)]
    return Figure(
        what=f"processor time a request, {pieces} pieces, authenticated and limited"
        f" {how}",
        unit="ms",
        ours=statistics.median(ours),
        baseline="open, nothing limited or recorded",
        theirs=statistics.median(open_),
        asked=_ASKED,
        low=min(ratios),
        high=max(ratios),
    )


def _services(place: Path, upstream: str, stack: ExitStack) -> list[Counted]:
    """Start an open service, and those that count; Redis where there is one."""
    ways = {"": {"CONVERSATIONS_RECORD": "off"}, "in the process": _LIMITS}
    if _answers():
        shared = {"REDIS_URL": _REDIS, "REDIS_PREFIX": _PREFIX, "REDIS_TIMEOUT": "5"}
        ways["in Redis"] = _LIMITS | shared
    services = []
    for number, (how, variables) in enumerate(ways.items()):
        database = place / f"access-{number}.db"
        database.unlink(missing_ok=True)
        given = {**variables, "DATABASE_URL": f"sqlite:///{database}"}
        key = _made(place, given) if how else ""
        opened = serving.ours(place, upstream, key=key, **given)
        services.append(Counted(how, stack.enter_context(opened), key))
    return services


def _made(place: Path, variables: dict[str, str]) -> str:
    done = frontdesk(
        place, "keys", "create", "--name", "bench", "--scope", "chat",
        "--streams", "1000", **variables,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return next(word for word in done.stdout.split() if word.startswith("rk_"))


def _cpu(service: Counted, questions: Path, count: int) -> float:
    served = service.served
    before = cpu_seconds(served.pid)
    serving.load(
        served.address, questions, callers=_CALLERS, requests=count, key=service.key
    )
    # One request more is asked before the run.
    return (cpu_seconds(served.pid) - before) * 1000 / (count + 1)


def _answers() -> bool:
    with redis.Redis.from_url(_REDIS) as client:
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _alone() -> Figure:
    """Measure one answer's counts in the process: begun, reserved, settled."""
    books, times = Books(60), 20_000
    limits = Limits(
        requests_per_minute=10**6, tokens_per_day=10**12, money_per_day=1000, streams=9
    )
    who = [
        Subject(kind="key", place="k", limits=limits),
        Subject(kind="tenant", place="t", limits=limits),
    ]
    begun = time.process_time()
    for number in range(times):
        now, holder = number / 1000, str(number)
        books.reserve(who, Amount(streams=1), holder, now)
        books.reserve(who, Amount(tokens=900, money=900), holder, now)
        books.settle(who, holder, Amount(tokens=90, money=90), now)
    taken = (time.process_time() - begun) / times
    return Figure(
        what="counting one answer of a key and its tenant in the process, three counts",
        unit="µs",
        ours=taken * 1e6,
    )


if __name__ == "__main__":
    main(measure)
