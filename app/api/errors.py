"""Which error has which status and code, and how it is told, in one table.

Callers learn why a request of theirs was refused. Of our own failures they learn
only the kind: a message may hold addresses, paths and names.

Source:
    The table of the API contract, section 1; ``ErrorResponse`` of the OpenAI API.
"""

import logging
import math
from collections.abc import Callable
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException
from msgspec import Struct

from app import errors
from app.api.routes import advice_for
from app.documents import errors as refusals
from ingest.errors import DiskFull, IndexUnusable

log = logging.getLogger(__name__)


class ClientGone(Exception):
    """The caller left; nobody reads what is answered."""


class ErrorObject(Struct, frozen=True, kw_only=True):
    """What is wrong, for a person and for a program.

    Attributes:
        message: One sentence a person can act on.
        type: Kind of error; decides what a client does.
        param: Path of the field that is meant, or None.
        code: A word of the contract's table.
    """

    message: str
    type: str
    param: str | None
    code: str | None


class ErrorBody(Struct, frozen=True):
    """The body of every answer that is no success."""

    error: ErrorObject


class Row(Struct, frozen=True):
    """How one class of error is told.

    Attributes:
        status: HTTP status.
        type: The error's type.
        code: Its code; "" takes the error's own.
        sentence: What the caller reads; "" takes the error's own message.
        wait: Seconds for ``Retry-After``, or None for no such header.
    """

    status: int
    type: str
    code: str
    sentence: str = ""
    wait: int | None = None


_INVALID = "invalid_request_error"
_SERVER = "server_error"
_AWAY = "service_unavailable_error"
_AGAIN = "Please try again."
_INTERNAL = Row(500, _SERVER, "internal_error", f"Something went wrong. {_AGAIN}")
_GONE = Row(499, _INVALID, "client_closed_request", "The caller left.")

TABLE: dict[type[Exception], Row] = {
    errors.InvalidRequest: Row(400, _INVALID, ""),
    errors.DatabaseUnavailable: Row(
        503, _AWAY, "database_unavailable",
        f"Keys and conversations cannot be read at the moment. {_AGAIN}", 5,
    ),
    errors.DatabaseBusy: Row(
        503, _AWAY, "overloaded", f"The service is overloaded. {_AGAIN}", 1
    ),
    errors.Forbidden: Row(403, "permission_error", ""),
    errors.LimitReached: Row(429, "rate_limit_error", ""),
    errors.QuotaSpent: Row(429, "insufficient_quota", ""),
    errors.ModelNotFound: Row(404, "not_found_error", "model_not_found"),
    errors.NotAuthenticated: Row(401, "authentication_error", ""),
    errors.NotFound: Row(404, "not_found_error", "not_found"),
    errors.Overloaded: Row(
        503, _AWAY, "overloaded", f"The service is overloaded. {_AGAIN}", 1
    ),
    errors.RequestInProgress: Row(
        409, _INVALID, "request_in_progress",
        "The same request is still being answered.", 1,
    ),
    errors.ConversationNotFound: Row(
        404, "not_found_error", "conversation_not_found"
    ),
    refusals.DocumentRefused: Row(409, _INVALID, "path_taken"),
    refusals.AlreadyThere: Row(412, _INVALID, "document_exists"),
    refusals.Conflict: Row(409, _INVALID, ""),
    refusals.NotReadable: Row(415, _INVALID, "unsupported_media_type"),
    refusals.NoRoom: Row(
        507, _SERVER, "disk_full",
        "The disk is nearly full (INDEX_DISK_FLOOR); its operator must make room.",
    ),
    errors.TooLarge: Row(413, _INVALID, "request_too_large"),
    errors.TooManyAttempts: Row(429, "rate_limit_error", "rate_limit_exceeded"),
    errors.RetrievalUnavailable: Row(
        503, _AWAY, "retrieval_unavailable",
        f"The documents cannot be searched at the moment. {_AGAIN}", 5,
    ),
    IndexUnusable: Row(
        503, _AWAY, "retrieval_unavailable",
        f"The documents cannot be searched at the moment. {_AGAIN}", 5,
    ),
    DiskFull: Row(
        503, _AWAY, "retrieval_unavailable",
        f"The documents cannot be searched at the moment. {_AGAIN}", 5,
    ),
    errors.ShuttingDown: Row(
        503, _AWAY, "shutting_down", f"The service is about to stop. {_AGAIN}", 5
    ),
    errors.UpstreamFailed: Row(
        502, _SERVER, "upstream_error", f"The model service failed. {_AGAIN}"
    ),
    errors.UpstreamUnavailable: Row(
        503, _AWAY, "upstream_unavailable",
        f"The model service cannot be reached. {_AGAIN}", 5,
    ),
    errors.UpstreamTimeout: Row(
        504, _SERVER, "upstream_timeout",
        f"The model service did not answer in time. {_AGAIN}",
    ),
    errors.UpstreamRefused: Row(
        502, _SERVER, "upstream_auth_error",
        "The model service refuses this service's key; its operator must act.",
    ),
    errors.UpstreamUnknownModel: Row(502, _SERVER, "upstream_error"),
    errors.UpstreamRejected: Row(400, _INVALID, ""),
    errors.UpstreamBusy: Row(
        429, "rate_limit_error", "rate_limit_exceeded",
        "The model service is busy. Please try again a little later.", 5,
    ),
    errors.UpstreamBroken: Row(
        502, _SERVER, "upstream_bad_response",
        f"The model service answered something that cannot be used. {_AGAIN}",
    ),
    errors.UpstreamInterrupted: Row(
        502, _SERVER, "upstream_stream_interrupted",
        f"The answer was interrupted by the model service. {_AGAIN}",
    ),
    errors.UpstreamStalled: Row(
        502, _SERVER, "upstream_stream_timeout",
        f"The model service fell silent in the middle of the answer. {_AGAIN}",
    ),
    errors.AnswerTooLong: Row(
        502, _SERVER, "answer_too_long", "The answer is longer than it may be."
    ),
    ClientGone: _GONE,
}  # fmt: skip
"""How each class is told; a subclass without a row takes its parent's."""

_HTTP: dict[int, Row] = {
    400: Row(400, _INVALID, "invalid_value"),
    401: Row(401, "authentication_error", "invalid_api_key"),
    403: Row(403, "permission_error", "insufficient_scope"),
    404: Row(404, "not_found_error", "not_found"),
    405: Row(405, _INVALID, "method_not_allowed"),
    408: Row(408, _INVALID, "request_timeout", "The body came too slowly."),
    413: Row(413, _INVALID, "request_too_large", "The body is too large."),
    415: Row(
        415, _INVALID, "unsupported_media_type",
        "This route takes JSON: send content-type application/json, uncompressed.",
    ),
    429: Row(429, "rate_limit_error", "rate_limit_exceeded", "", 1),
    503: Row(503, _AWAY, "overloaded", f"The service is overloaded. {_AGAIN}", 1),
}  # fmt: skip
"""How a refusal of the framework is told, by its status."""


def error_body(error: Exception) -> ErrorBody:
    """Describe `error` as the body of an answer, or of an event in a stream."""
    row = _row(error)
    return ErrorBody(
        ErrorObject(
            message=row.sentence or str(error),
            type=row.type,
            param=getattr(error, "param", None),
            code=row.code or getattr(error, "code", None),
        )
    )


def code_of(error: BaseException) -> str:
    """Return the contract's code for `error`."""
    return _row(error).code or str(getattr(error, "code", ""))


def error_response(error: Exception) -> Response[ErrorBody]:
    """Answer with `error`, its status, and what a client needs to know about retrying."""
    return Response(
        error_body(error), status_code=_row(error).status, headers=_headers(error)
    )


def _row(error: BaseException) -> Row:
    mro = type(error).__mro__
    return next((TABLE[cls] for cls in mro if cls in TABLE), _INTERNAL)


def _headers(error: Exception) -> dict[str, str]:
    headers = {}
    own = getattr(error, "retry_after", None)
    wait = _row(error).wait if own is None else own
    retry = getattr(error, "retry", True)
    # Of a spent quota it tells when there will be another; of an upstream, nothing.
    if wait is not None and (retry or isinstance(error, errors.LimitReached)):
        headers["retry-after"] = str(max(math.ceil(wait), 1))
    if _row(error).status == 401:
        headers["www-authenticate"] = "Bearer"
    if not retry and _row(error).status >= 429:
        headers["x-should-retry"] = "false"
    return headers


def _on_known(_: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    """Answer an error raised on purpose."""
    # That the database is away is told once, as a state, and not by every request;
    # what is refused as too much must cost next to nothing, and is counted.
    told = (errors.DatabaseUnavailable, errors.Overloaded)
    if _row(error).status >= 500 and not isinstance(error, told):
        log.warning("%s: %s", type(error).__name__, error)
    return error_response(error)


def _on_http(
    request: Request[Any, Any, Any], error: HTTPException
) -> Response[ErrorBody]:
    """Answer what the framework refuses: no route, wrong method, too large."""
    row = _HTTP.get(error.status_code)
    if row is None:
        return _on_unknown(request, error)
    body = ErrorObject(
        message=row.sentence or _message(request, error),
        type=row.type,
        param=_param(error),
        code=row.code,
    )
    waiting = {} if row.wait is None else {"retry-after": str(row.wait)}
    headers = {**waiting, **(error.headers or {})}
    return Response(ErrorBody(body), status_code=row.status, headers=headers)


def _on_unknown(_: Request[Any, Any, Any], error: Exception) -> Response[ErrorBody]:
    """Answer what nobody expected: our fault, told with no detail."""
    log.error("unexpected", exc_info=error)
    return error_response(Exception())


def _message(request: Request[Any, Any, Any], error: HTTPException) -> str:
    if error.status_code == 404:
        paths = {route.path for route in request.app.routes}
        return advice_for(request.scope["path"], paths)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("allow", "another method")
        return f"This route does not take {request.method}; it takes {allowed}."
    first = _first_complaint(error)
    return f"{first['message']}." if "message" in first else "The request is not valid."


def _param(error: HTTPException) -> str | None:
    return _first_complaint(error).get("key")


def _first_complaint(error: HTTPException) -> dict[str, str]:
    extra = error.extra if isinstance(error.extra, list) else []
    return next((e for e in extra if isinstance(e, dict)), {})


exception_handlers: dict[int | type[Exception], Callable[..., Response[Any]]] = {
    Exception: _on_unknown,
    HTTPException: _on_http,
    **dict.fromkeys(TABLE, _on_known),
}
"""For the service: every error, however it came about, has the contract's shape."""
