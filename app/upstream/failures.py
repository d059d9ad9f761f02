"""What a failed call of the upstream means: status or exception to error. Pure."""

import email.utils
import math
import re
import time
import traceback
from collections.abc import Mapping

import aiohttp
import msgspec
from msgspec import Struct

from app.errors import (
    UpstreamBroken,
    UpstreamBusy,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
    UpstreamUnknownModel,
)

_NAMELESS = "the upstream's name cannot be looked up: see OPENAI_BASE_URL"
_UNREACHABLE = (
    "the upstream cannot be reached: see OPENAI_BASE_URL, and whether it runs"
)
_CLOSED = "the upstream closed the connection"

QUOTA_CODES = frozenset(
    (
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "credit_balance_exhausted",
        "spend_limit_reached",
        "quota_exceeded",
    )
)
"""Codes of a 429 that waiting does not help against."""


_NOT_THEIRS = frozenset(
    ("auth", "bad_request", "not_found", "quota", "rate_limit", "too_long")
)
"""Reasons that do not say that an endpoint is unwell: it told us what is wrong."""

_REFUSED_US = frozenset(("auth", "quota"))
_UNREACHED = frozenset(("closed", "connect", "dns", "tls", "ttfb_timeout"))

MAX_TOLD = 86400.0
"""Seconds of the longest wait that is passed on; what is longer is no wait."""


class Failure(Struct, frozen=True):
    """One failed call.

    Attributes:
        reason: Label of the metric.
        error: What is raised when nothing else helps.
        retries: How often the same endpoint may be asked again.
        elsewhere: Another endpoint may answer.
        complaint: What the upstream wrote, for finding out which field it meant;
            never shown.
    """

    reason: str
    error: UpstreamFailed
    retries: int = 0
    elsewhere: bool = True
    complaint: bytes = b""

    @property
    def is_theirs(self) -> bool:
        """Whether it says that the endpoint is unwell."""
        return self.reason not in _NOT_THEIRS

    @property
    def is_unreached(self) -> bool:
        """Whether nobody answered at all."""
        return self.reason in _UNREACHED

    @property
    def refused_us(self) -> bool:
        """Whether the endpoint will refuse whatever this service asks."""
        return self.reason in _REFUSED_US


def failure_of_status(
    status: int, headers: Mapping[str, str], body: bytes, *, model: str
) -> Failure:
    """Tell what an answer other than 2xx means.

    Args:
        status: Its status.
        headers: Its header fields, names in lower case.
        body: The first bytes of its body.
        model: The model that was asked for.
    """
    error = _error_object(body)
    wait = wait_of(headers)
    if status == 429:
        return _limited(error, wait)
    if status in (400, 413, 422):
        return _rejected(error, body)
    if status in (401, 403):
        refused = UpstreamRefused(
            "the upstream does not take our key: see OPENAI_API_KEY", retry=False
        )
        return Failure("auth", refused)
    if status == 404:
        # A caller may have named the model: a long one is told in part.
        message = f"The model service does not know the model {model[:100]!r}."
        return Failure("not_found", UpstreamUnknownModel(message, retry=False))
    if status < 400:
        message = f"the upstream redirects (status {status})"
        return Failure("redirect", UpstreamFailed(message, retry=False))
    cls = UpstreamUnavailable if status in (503, 529) else UpstreamFailed
    gone = cls(f"the upstream answered with status {status}", retry_after=wait)
    return Failure("5xx", gone, retries=2 if status >= 500 else 0)


def failure_of_exception(error: BaseException) -> Failure:
    """Tell what a broken connection means, before the first byte of an answer."""
    causes = _causes(error)
    if any(_connecting(c) for c in causes):
        return _unconnected(causes)
    if any(isinstance(c, TimeoutError) for c in causes):
        return no_first_byte()
    refused = [c for c in causes if isinstance(c, aiohttp.ClientSSLError)]
    if refused:
        return Failure("tls", UpstreamFailed(f"TLS: {refused[0]}", retry=False))
    if any(_closing(c) for c in causes):
        return Failure("closed", UpstreamUnavailable(_CLOSED), retries=2)
    if any(isinstance(c, aiohttp.ClientResponseError) for c in causes):
        return Failure("bad_frame", UpstreamBroken("the upstream speaks no HTTP"))
    return _unconnected(causes)


def _unconnected(causes: list[BaseException]) -> Failure:
    # It may have had its three seconds: asking again would only take as long again.
    retries = 0 if any(_connecting(c) for c in causes) else 2
    if any(_looking_up(c) for c in causes):
        return Failure("dns", UpstreamUnavailable(_NAMELESS), retries=min(retries, 1))
    return Failure("connect", UpstreamUnavailable(_UNREACHABLE), retries=retries)


def no_first_byte() -> Failure:
    """Return the failure of a call that was not answered in time."""
    return Failure("ttfb_timeout", UpstreamTimeout("no first byte in time"))


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait, or None if it does not say.

    A number that is none, and a date that is none, say nothing.
    """
    asked: float | None
    try:
        if "retry-after-ms" in headers:
            asked = float(headers["retry-after-ms"]) / 1000
        else:
            asked = float(headers["retry-after"])
    except KeyError:
        return None
    except ValueError:
        asked = _until_date(headers.get("retry-after", ""))
    if asked is None or not math.isfinite(asked):
        return None
    return min(max(asked, 0.0), MAX_TOLD)


def _until_date(text: str) -> float | None:
    date = email.utils.parsedate_tz(text)
    try:
        return email.utils.mktime_tz(date) - time.time() if date else None
    except (ValueError, OverflowError):
        return None


def _limited(error: dict[str, object], wait: float | None) -> Failure:
    if QUOTA_CODES & {str(error.get("code")), str(error.get("type"))}:
        spent = UpstreamUnavailable("the upstream's quota is spent", retry=False)
        return Failure("quota", spent)
    busy = UpstreamBusy("the upstream limits our rate", retry_after=wait)
    return Failure("rate_limit", busy, retries=2)


def _rejected(error: dict[str, object], body: bytes) -> Failure:
    param, code = error.get("param"), error.get("code")
    named = (
        param
        if isinstance(param, str) and re.fullmatch(r"[\w.\[\]-]{1,100}", param)
        else None
    )
    given = (
        code if isinstance(code, str) and re.fullmatch(r"[a-z_]{1,64}", code) else None
    )
    message = "The model service called the request invalid"
    rejected = UpstreamRejected(
        f"{message}: check {named}." if named else f"{message}.",
        param=named,
        code=given or "invalid_value",
    )
    return Failure("bad_request", rejected, elsewhere=False, complaint=body)


def _error_object(body: bytes) -> dict[str, object]:
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    error = value.get("error", value) if isinstance(value, dict) else {}
    return error if isinstance(error, dict) else {}


def _causes(error: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while error is not None and len(causes) < 10:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes


def _connecting(error: BaseException) -> bool:
    """Whether `error` is a time-out of making the connection."""
    return isinstance(error, aiohttp.ConnectionTimeoutError)


def _looking_up(error: BaseException) -> bool:
    """Whether `error` came while a name was being looked up."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return True
    # aiohttp has one time-out for looking up and connecting; where it was is in the
    # trace alone.
    steps = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "_resolve_host" for frame, _ in steps)


def _closing(error: BaseException) -> bool:
    """Whether `error` is that a connection ended which had been there."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return False
    return isinstance(error, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError))
