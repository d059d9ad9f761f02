"""What is counted and timed; the prometheus_client door.

Labels take their values from code or from fixed sets, never from a request.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)

STAGE_SECONDS = Histogram(
    "frontdesk_stage_seconds", "Seconds in a stage of an answer.", ["stage"],
    buckets=_SECONDS,
)  # fmt: skip
REQUESTS = Counter(
    "frontdesk_requests_total", "Requests answered.", ["route", "status"]
)
REQUEST_SECONDS = Histogram(
    "frontdesk_request_seconds", "Seconds until the last byte.", ["route"],
    buckets=_SECONDS,
)  # fmt: skip
ANSWERS = Gauge("frontdesk_answers", "Answers being written now.")
SEARCHING = Gauge("frontdesk_searching", "Questions being searched for now.")
WAITING = Gauge("frontdesk_waiting", "Questions that wait to be searched for.")
OVERLOAD_REFUSALS = Counter(
    "frontdesk_overload_refusals_total", "Requests refused as too many.", ["reason"]
)
OPEN_STREAMS = Gauge("frontdesk_open_streams", "Answers being streamed now.")
CANCELLED = Counter("frontdesk_cancelled_total", "Answers whose caller left.")
UPSTREAM_ERRORS = Counter(
    "frontdesk_upstream_errors_total", "Failed calls of the upstream.", ["reason"]
)
UPSTREAM_RETRIES = Counter(
    "frontdesk_upstream_retries_total", "Calls made again, or not.", ["outcome"]
)
BREAKER_STATE = Gauge(
    "frontdesk_breaker_state",
    "0 while an endpoint of the upstream is asked, 1 while one call probes it, 2 while"
    " it is not asked.",
    ["endpoint"],
)
RERANKS = Counter(
    "frontdesk_reranks_total", "Rankings given to the reranker.", ["outcome"]
)
REWRITES = Counter(
    "frontdesk_rewrites_total", "Follow-ups given to the upstream.", ["outcome"]
)
REPAIRS = Counter(
    "frontdesk_repairs_total", "Fields of the upstream put right.", ["field"]
)
DROPPED_CALLS = Counter(
    "frontdesk_dropped_calls_total", "Tool calls that no caller had declared."
)
TURNS = Counter(
    "frontdesk_turns_total", "Turns that ended, by what keeps them.", ["kept"]
)
IGNORED_FIELDS = Counter(
    "frontdesk_ignored_fields_total", "Unknown request fields.", ["field"]
)
PART_STATE = Gauge(
    "frontdesk_part_state", "0 while a part is up, 1 degraded, 2 down.", ["part"]
)
LOG_LINES_DROPPED = Counter(
    "frontdesk_log_lines_dropped_total", "Log lines that were not written.", ["why"]
)
LIMIT_REFUSALS = Counter(
    "frontdesk_limit_refusals_total", "Requests over a limit.", ["limit", "subject"]
)
RESERVED_TOKENS = Counter(
    "frontdesk_reserved_tokens_total", "Most tokens that calls upstream could take."
)
SPENT_TOKENS = Counter(
    "frontdesk_spent_tokens_total", "Tokens that calls upstream took."
)
SPENT_MONEY = Counter(
    "frontdesk_spent_money_total", "What they cost, in the price table's currency."
)

DOCUMENTS = Gauge(
    "frontdesk_documents", "Documents in the service's keeping, by state.", ["state"]
)
INGEST_OK = Gauge("frontdesk_ingest_ok", "1 if the last ingest ended well, else 0.")
INGEST_END = Gauge(
    "frontdesk_ingest_end_seconds", "When the last ingest ended, since the epoch."
)

LOOP_LAG_SECONDS = Histogram(
    "frontdesk_loop_lag_seconds", "Seconds by which the event loop came late.",
    buckets=_SECONDS,
)  # fmt: skip

LOOP_STALLS = Counter(
    "frontdesk_loop_stalls_total", "Times the event loop stood still for too long."
)
TASKS = Gauge("frontdesk_tasks", "Tasks on the event loop.")


class Stage(Struct, frozen=True):
    """One timed part of a request.

    Attributes:
        name: What was done, such as ``embed``.
        seconds: How long it took.
        start: When it began, by `time.perf_counter`.
    """

    name: str
    seconds: float
    start: float


_stages: ContextVar[list[Stage] | None] = ContextVar("stages", default=None)


@contextmanager
def collect() -> Iterator[list[Stage]]:
    """Gather the stages of the request that runs inside, in the order they end."""
    stages: list[Stage] = []
    token = _stages.set(stages)
    try:
        yield stages
    finally:
        _stages.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time what runs inside: for the histogram, and for the request's own list."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds = time.perf_counter() - start
        STAGE_SECONDS.labels(name).observe(seconds)
        stages = _stages.get()
        if stages is not None:
            stages.append(Stage(name, seconds, start))


def exposition() -> tuple[bytes, str]:
    """Return every metric in the format that Prometheus reads, and its media type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
