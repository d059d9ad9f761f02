"""What a failed call of the upstream means: status or exception to error. Pure."""

import email.utils
import random
import re
import time
from collections.abc import Mapping

import aiohttp
import msgspec
from msgspec import Struct

from app.errors import (
    UpstreamBusy,
    UpstreamFailed,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)

MAX_WAIT = 3.0
"""Seconds an upstream may ask to wait; more is passed on to the caller.

All waits of a question together are shorter than a stream's status is held back:
else a refusal could only be a frame of a stream that looks begun.
"""

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


class Failure(Struct, frozen=True):
    """One failed call.

    Attributes:
        reason: Label of the metric.
        error: What is raised when nothing else helps.
        again: The same endpoint may answer if asked again.
        elsewhere: Another endpoint may answer.
        complaint: What the upstream wrote, for finding out which field it meant;
            never shown.
    """

    reason: str
    error: UpstreamFailed
    again: bool = False
    elsewhere: bool = True
    complaint: str = ""

    def wait(self, number: int, *, endpoints: int, tries: int) -> float | None:
        """Return the seconds to wait before the next try, or None to give up.

        Args:
            number: The try that failed, from 0; tries go round the endpoints.
            endpoints: How many endpoints there are.
            tries: How many tries there are in all.
        """
        if number + 1 < endpoints and self.elsewhere:
            return 0.0
        if number + 1 >= tries or not self.again:
            return None
        asked = self.error.retry_after
        if asked is not None:
            return asked if asked <= MAX_WAIT else None
        if self.reason == "stale_socket":
            return 0.0
        return random.uniform(0.2, min(2.0, 0.4 * 2.0**number))  # noqa: S311 — no secret


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
    code = str(error.get("code") or error.get("type") or "")
    if status == 429:
        return _limited(code, wait)
    if status in (400, 413, 422):
        return _rejected(error, body)
    if status in (401, 403):
        refused = UpstreamRefused(
            "the upstream does not take our key: see OPENAI_API_KEY", retry=False
        )
        return Failure("auth", refused)
    if status == 404:
        message = f"the upstream does not know the model {model!r} or the route"
        return Failure("not_found", UpstreamFailed(message, retry=False))
    if status < 400:
        message = f"the upstream redirects (status {status})"
        return Failure("redirect", UpstreamFailed(message, retry=False))
    cls = UpstreamUnavailable if status in (503, 529) else UpstreamFailed
    gone = cls(f"the upstream answered with status {status}", retry_after=wait)
    return Failure("5xx", gone, again=status >= 500)


def failure_of_exception(error: BaseException) -> Failure:
    """Tell what a broken connection means, before the first byte of an answer."""
    causes = _causes(error)
    if any(isinstance(c, TimeoutError) and not _connecting(c) for c in causes):
        return Failure("ttfb_timeout", UpstreamTimeout("no first byte in time"))
    if any(isinstance(c, aiohttp.ClientSSLError) for c in causes):
        told = next(str(c) for c in causes if isinstance(c, aiohttp.ClientSSLError))
        return Failure("tls", UpstreamFailed(f"TLS: {told}", retry=False))
    if any(isinstance(c, aiohttp.ClientConnectorDNSError) for c in causes):
        gone = UpstreamUnavailable(
            "the upstream's name cannot be looked up: see OPENAI_BASE_URL"
        )
        return Failure("dns", gone, again=True)
    if any(isinstance(c, aiohttp.ServerDisconnectedError) for c in causes):
        gone = UpstreamUnavailable("the upstream closed the connection")
        return Failure("stale_socket", gone, again=True)
    gone = UpstreamUnavailable(
        "the upstream cannot be reached: see OPENAI_BASE_URL, and whether it runs"
    )
    return Failure("connect", gone, again=True)


def wait_of(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a server asks to wait, or None if it does not say."""
    try:
        if "retry-after-ms" in headers:
            return max(float(headers["retry-after-ms"]) / 1000, 0.0)
        return max(float(headers["retry-after"]), 0.0)
    except KeyError:
        return None
    except ValueError:
        date = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return max(email.utils.mktime_tz(date) - time.time(), 0.0) if date else None


def _limited(code: str, wait: float | None) -> Failure:
    if code in QUOTA_CODES:
        spent = UpstreamUnavailable("the upstream's quota is spent", retry=False)
        return Failure("quota", spent)
    busy = UpstreamBusy("the upstream limits our rate", retry_after=wait)
    return Failure("rate_limit", busy, again=True)


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
    complaint = body.decode("utf-8", "replace")
    return Failure("bad_request", rejected, elsewhere=False, complaint=complaint)


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
