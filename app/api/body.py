"""Bytes of a request become JSON that nothing behind can stumble over."""

import asyncio
import re
from typing import Any, TypeVar

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException

from app.api.uploading import body_of
from app.errors import InvalidRequest

T = TypeVar("T")

MAX_DEPTH = 64

_LARGE = 256 * 1024
"""Bytes from which on a body is decoded in a thread."""

_JSON_TYPE = re.compile(r"application/(json|[a-z0-9.-]+\+json)\s*(;|$)")

_PLAINER = {"Invalid RFC3339 encoded date": "Expected a day such as 2026-01-31"}

# A string ends at its quote or at the end of the bytes, so that this runs over any
# bytes once; possessive, so that it never goes back.
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)


async def decode(request: Request[Any, Any, Any], cls: type[T]) -> T:
    """Read the request's body as a `cls`.

    Raises:
        InvalidRequest: It is none; `param` is the path of the field.
    """
    try:
        return msgspec.convert(await json_of(request), cls)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


async def json_of(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Read the request's body as a JSON object.

    Raises:
        InvalidRequest: It is none.
        HTTPException: It is announced as something else, too large or too slow.
        Overloaded: There is no room for it now.
        ClientGone: The caller left before it was whole.
    """
    if not _JSON_TYPE.match(request.headers.get("content-type", "").lower()):
        raise HTTPException(status_code=415)
    if request.headers.get("content-encoding", "").lower() not in ("", "identity"):
        raise HTTPException(status_code=415)
    body = await body_of(request)
    if len(body) > _LARGE:
        # The loop has other callers.
        return await asyncio.to_thread(read_json, body)
    return read_json(body)


async def require_nothing(request: Request[Any, Any, Any]) -> None:
    """Make sure that a request that needs no body has none, or an empty object.

    Raises:
        InvalidRequest: It has a field.
        HTTPException: It is announced as something else than JSON, too large or slow.
    """
    if await body_of(request):
        for name in await json_of(request):
            raise InvalidRequest(f"`{name}` is not known here.", param=name)


def refusal_of(error: msgspec.ValidationError) -> InvalidRequest:
    """Say what is wrong with which field, as the contract writes it."""
    reason, *place = re.split(r" - at (?:`key` in )?`\$", str(error), maxsplit=1)
    param = "".join(place).rstrip("`").replace("[...]", "").lstrip(".")
    named = re.fullmatch(
        r"Object (missing required|contains unknown) field `(.+)`", reason
    )
    if named:
        param = f"{param}.{named[2]}" if param else named[2]
    if not named:
        reason = _PLAINER.get(reason, reason)
        code = "invalid_type" if ", got `" in reason else "invalid_value"
        message = f"`{param}` is not valid: {reason.replace('`', '')}."
    elif named[1] == "missing required":
        code, message = "missing_required_parameter", f"`{param}` is required."
    else:
        code, message = "invalid_value", f"`{param}` is not known here."
    return InvalidRequest(message, param=param or None, code=code)


def read_json(body: bytes) -> dict[str, Any]:
    """Decode a body that must hold a JSON object.

    NUL characters are taken out: a database's text cannot hold them.

    Raises:
        InvalidRequest: It is no JSON, no object, or nested too deep.
    """
    if _too_deep(body):
        raise _invalid(f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        value = msgspec.json.decode(body)
    except UnicodeDecodeError as error:
        raise _invalid("The body is not valid UTF-8.") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise _invalid("The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise InvalidRequest("The body must be a JSON object.", code="invalid_type")
    return _without_nul(value) if rb"\u0000" in body else value


def _too_deep(body: bytes) -> bool:
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _TOKENS.finditer(body):
        mark = body[token.start()]
        if mark in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif mark in b"]}":
            depth -= 1
    return False


def _without_nul(value: Any) -> Any:  # noqa: ANN401 — any JSON value
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, list):
        return [_without_nul(item) for item in value]
    if isinstance(value, dict):
        return {_without_nul(k): _without_nul(v) for k, v in value.items()}
    return value


def _invalid(message: str) -> InvalidRequest:
    return InvalidRequest(message, code="invalid_json")
