"""A request's JSON becomes a Question, or a refusal that names the field. Pure."""

import hashlib
import hmac

import msgspec
from msgspec import Struct

from app import metrics
from app.api.body import refusal_of
from app.api.content import check_messages
from app.api.filtering import filter_of, require_known
from app.api.schema import KNOWN, OFTEN_SENT, OURS, ChatRequest, Page, Rag
from app.errors import InvalidRequest
from app.messages import JSON, Message, PageHint, Question, RagOptions

_TOOL_CHOICES = ("none", "auto", "required")


class RequestRules(Struct, frozen=True, kw_only=True):
    """What decides about a request besides its own fields.

    Attributes:
        max_n: Most answers to one question.
        pseudonym_key: Key under which ``user`` is hashed before it goes on.
    """

    max_n: int
    pseudonym_key: bytes


def question_of(body: JSON, rules: RequestRules) -> Question:
    """Check a chat request and return what it asks.

    Raises:
        InvalidRequest: A field is missing, of the wrong type or out of range.
    """
    given = {name: value for name, value in body.items() if value is not None}
    _count_unknown(given)
    _check_n(given.get("n"), rules)
    if isinstance(given.get("rag"), dict):
        require_known(given["rag"].get("filter"), "rag.filter")
    request = _convert(given)
    _check_combinations(request)
    check_messages(request.messages)
    options = request.stream_options
    return Question(
        model=request.model,
        messages=tuple(message_of(message) for message in given["messages"]),
        stream=request.stream,
        include_usage=bool(options and options.include_usage),
        rag=_options(request.rag),
        parameters=_parameters(given, rules),
        user=request.user or "",
    )


def _convert(given: JSON) -> ChatRequest:
    try:
        return msgspec.convert(given, ChatRequest)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def _options(rag: Rag) -> RagOptions:
    return RagOptions(
        enabled=rag.enabled,
        top_k=rag.top_k,
        filter=filter_of(rag.filter, "rag.filter"),
        include_sources=rag.include_sources,
        page=_page(rag.page),
    )


def _page(page: Page | None) -> PageHint:
    if page is None:
        return PageHint()
    return PageHint(url=page.url or "", title=page.title or "")


def _check_n(n: object, rules: RequestRules) -> None:
    # Before anything is made n times.
    if isinstance(n, int) and not isinstance(n, bool) and not 1 <= n <= rules.max_n:
        raise InvalidRequest(f"`n` must be between 1 and {rules.max_n}.", param="n")


def _check_combinations(request: ChatRequest) -> None:
    tokens = {request.max_tokens, request.max_completion_tokens} - {None}
    if len(tokens) > 1:
        raise InvalidRequest(
            "`max_tokens` and `max_completion_tokens` differ; send one of them.",
            param="max_tokens",
        )
    if request.stream_options and not request.stream:
        raise InvalidRequest(
            "`stream_options` needs `stream: true`.", param="stream_options"
        )
    if request.top_logprobs is not None and not request.logprobs:
        raise InvalidRequest(
            "`top_logprobs` needs `logprobs: true`.", param="top_logprobs"
        )
    _check_tools(request)
    shape = request.response_format
    if shape and shape.type == "json_schema" and not shape.json_schema:
        raise InvalidRequest(
            "`response_format.json_schema` is required.",
            param="response_format.json_schema",
            code="missing_required_parameter",
        )


def _check_tools(request: ChatRequest) -> None:
    for position, tool in enumerate(request.tools or ()):
        if getattr(tool, tool.type) is None:
            raise InvalidRequest(
                f"`tools[{position}].{tool.type}` is required.",
                param=f"tools[{position}].{tool.type}",
                code="missing_required_parameter",
            )
    choice = request.tool_choice
    known = choice is None or (
        choice in _TOOL_CHOICES
        if isinstance(choice, str)
        else choice.get("type") in ("function", "custom", "allowed_tools")
    )
    if not known:
        raise InvalidRequest(
            "`tool_choice` must be none, auto, required or an object that names tools.",
            param="tool_choice",
        )


def message_of(given: JSON) -> Message:
    """Return a checked message, with every field the caller sent."""
    content = given.get("content")
    ours = ("role", "content")
    return Message(
        role=given["role"],
        content=tuple(content) if isinstance(content, list) else content,
        rest={k: v for k, v in given.items() if k not in ours and v is not None},
    )


def _parameters(given: JSON, rules: RequestRules) -> JSON:
    passed = {k: v for k, v in given.items() if k in KNOWN and k not in OURS}
    if "max_completion_tokens" in passed:
        passed.pop("max_tokens", None)
    if passed.get("n") == 1:
        passed.pop("n")
    options = {
        name: value
        for name, value in (given.get("stream_options") or {}).items()
        if name == "include_obfuscation" and value is not None
    }
    if options:
        passed["stream_options"] = options
    if "user" in passed:
        passed["user"] = _pseudonym(passed["user"], rules.pseudonym_key)
    return passed


def _pseudonym(user: str, key: bytes) -> str:
    return hmac.new(key, user.encode(), hashlib.sha256).hexdigest()[:32]


def _count_unknown(given: JSON) -> None:
    for name in given.keys() - KNOWN:
        known = name if name in OFTEN_SENT else "other"
        metrics.IGNORED_FIELDS.labels(known).inc()
