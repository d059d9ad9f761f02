"""Every error, however it came about, has the contract's shape, status and code."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app import errors
from app.api.errors import TABLE, error_body, error_response
from app.api.routes import advice_for
from ingest.errors import IndexMissing
from tests.app.api.relaying import QUESTION, relaying
from tests.scripted_upstream import either

KINDS = {
    "invalid_request_error",
    "authentication_error",
    "permission_error",
    "not_found_error",
    "rate_limit_error",
    "insufficient_quota",
    "server_error",
    "service_unavailable_error",
}


OF_THE_CALLER = (
    errors.LimitReached,
    errors.TooManyAttempts,
    errors.UpstreamUnknownModel,
)
"""Failures of 429 and more that tell the caller something of its own: which limit it
reached, or which model it named."""


def app_errors(cls: type[Exception] = errors.AppError) -> Iterator[type[Exception]]:
    for child in cls.__subclasses__():
        # What only commands raise is never answered with.
        if child is not errors.CommandFailed:
            yield child
            yield from app_errors(child)


@pytest.mark.parametrize("cls", [*app_errors()], ids=lambda cls: cls.__name__)
def test_every_error_of_the_tree_has_a_row_of_its_own_or_its_parents(
    cls: type[Exception],
) -> None:
    assert any(parent in TABLE for parent in cls.__mro__)


@pytest.mark.parametrize(
    ("error", "status", "kind", "code", "headers"),
    [
        (errors.InvalidRequest("no", param="n"), 400, "invalid_request_error", "invalid_value", {}),
        (errors.UnsupportedParameter("no", param="x"), 400, "invalid_request_error", "unsupported_parameter", {}),
        (errors.ContextTooLong("no"), 400, "invalid_request_error", "context_length_exceeded", {}),
        (errors.LimitReached("no", retry_after=3.2), 429, "rate_limit_error", "rate_limit_exceeded", {"retry-after": "4"}),
        (errors.LimitReached("no", retry_after=0, retry=False), 429, "rate_limit_error", "rate_limit_exceeded", {"retry-after": "1", "x-should-retry": "false"}),
        (errors.QuotaSpent("no", retry_after=7200), 429, "insufficient_quota", "tenant_quota_exceeded", {"retry-after": "7200", "x-should-retry": "false"}),
        (errors.ModelNotFound("no"), 404, "not_found_error", "model_not_found", {}),
        (errors.NotFound("no"), 404, "not_found_error", "not_found", {}),
        (errors.TooLarge("no"), 413, "invalid_request_error", "request_too_large", {}),
        (errors.RetrievalUnavailable("no"), 503, "service_unavailable_error", "retrieval_unavailable", {"retry-after": "5"}),
        (IndexMissing("no"), 503, "service_unavailable_error", "retrieval_unavailable", {"retry-after": "5"}),
        (errors.ShuttingDown("no"), 503, "service_unavailable_error", "shutting_down", {"retry-after": "5"}),
        (errors.UpstreamFailed("no"), 502, "server_error", "upstream_error", {}),
        (errors.UpstreamFailed("no", retry=False), 502, "server_error", "upstream_error", {"x-should-retry": "false"}),
        (errors.UpstreamUnavailable("no"), 503, "service_unavailable_error", "upstream_unavailable", {"retry-after": "5"}),
        (errors.UpstreamUnavailable("no", retry=False), 503, "service_unavailable_error", "upstream_unavailable", {"x-should-retry": "false"}),
        (errors.UpstreamTimeout("no"), 504, "server_error", "upstream_timeout", {}),
        (errors.UpstreamRefused("no", retry=False), 502, "server_error", "upstream_auth_error", {"x-should-retry": "false"}),
        (errors.UpstreamRejected("no", param="stop"), 400, "invalid_request_error", "invalid_value", {}),
        (errors.UpstreamBusy("no"), 429, "rate_limit_error", "rate_limit_exceeded", {"retry-after": "5"}),
        (errors.UpstreamBusy("no", retry_after=0.2), 429, "rate_limit_error", "rate_limit_exceeded", {"retry-after": "1"}),
        (errors.UpstreamBusy("no", retry_after=90.5), 429, "rate_limit_error", "rate_limit_exceeded", {"retry-after": "91"}),
        (errors.UpstreamBroken("no"), 502, "server_error", "upstream_bad_response", {}),
        (errors.UpstreamInterrupted("no"), 502, "server_error", "upstream_stream_interrupted", {}),
        (errors.UpstreamStalled("no"), 502, "server_error", "upstream_stream_timeout", {}),
        (errors.AnswerTooLong("no"), 502, "server_error", "answer_too_long", {}),
        (ZeroDivisionError("no"), 500, "server_error", "internal_error", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_status_type_code_and_headers_are_those_of_the_contract(
    error: Exception, status: int, kind: str, code: str, headers: dict[str, str]
) -> None:
    response = error_response(error)
    told = error_body(error).error

    assert (response.status_code, told.type, told.code) == (status, kind, code)
    assert dict(response.headers) == headers
    assert told.type in KINDS
    assert (told.message == "no") is (status < 429 or isinstance(error, OF_THE_CALLER))


@pytest.mark.parametrize("cls", [*TABLE], ids=lambda cls: cls.__name__)
def test_our_own_failures_tell_only_their_kind(cls: type[Exception]) -> None:
    row = TABLE[cls]

    assert row.sentence or row.status < 429 or issubclass(cls, OF_THE_CALLER)
    assert re.fullmatch(r"([A-Z].*\.)?", row.sentence)


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("/chat/completions", "/v1/chat/completions?"),
        ("/v1/v1/chat/completions", "/v1/chat/completions?"),
        ("/api/v1/models", "/v1/models?"),
        ("/models", "/v1/models?"),
        ("/v1/completions", "/v1/chat/completions."),
        ("/v1/responses", "/v1/chat/completions."),
        ("/completions", "/completions here."),
        ("/", "/ here."),
        ("/x" * 1000, "… here."),
    ],
)
def test_a_path_that_does_not_exist_is_told_what_was_meant(
    path: str, advice: str
) -> None:
    assert advice_for(path, {"/v1/chat/completions", "/v1/models"}).endswith(advice)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with (
        relaying(either("Hello")) as (address, _),
        httpx.Client(base_url=address) as client,
    ):
        yield client


CHAT = "/v1/chat/completions"
BODY = {"model": "frontdesk", "messages": QUESTION}
JSON_TYPE = {"content-type": "application/json"}


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("GET", "/nothing", {}, 404, "not_found"),
        ("POST", "/chat/completions", {"json": BODY}, 404, "not_found"),
        ("GET", "/v1/models/none", {}, 404, "model_not_found"),
        ("GET", CHAT, {}, 405, "method_not_allowed"),
        ("DELETE", "/v1/models", {}, 405, "method_not_allowed"),
        ("POST", CHAT, {"content": b"x" * 200_000, "headers": JSON_TYPE}, 413, "request_too_large"),
        ("POST", CHAT, {"content": b"{}", "headers": {"content-type": "text/plain"}}, 415, "unsupported_media_type"),
        ("POST", CHAT, {"content": b"{}"}, 415, "unsupported_media_type"),
        ("POST", CHAT, {"content": b"x", "headers": JSON_TYPE | {"content-encoding": "gzip"}}, 415, "unsupported_media_type"),
        ("POST", CHAT, {"data": {"a": "b"}}, 415, "unsupported_media_type"),
        ("POST", CHAT, {"json": {}}, 400, "missing_required_parameter"),
    ],
)  # fmt: skip
def test_what_the_framework_refuses_has_our_shape(
    http: httpx.Client,
    method: str,
    path: str,
    options: dict[str, Any],
    status: int,
    code: str,
) -> None:
    reply = http.request(method, path, **options)

    assert reply.status_code == status
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}
    assert reply.json()["error"]["code"] == code
    assert reply.json()["error"]["type"] in KINDS
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["x-request-id"].startswith("req_")
    assert ("allow" in reply.headers) is (status == 405)


def test_the_list_of_models_answers_head_and_options(http: httpx.Client) -> None:
    assert http.head("/v1/models").status_code == 200
    assert http.head("/v1/models/none").status_code == 404
    assert http.options("/v1/models").status_code == 204
    assert http.get("/v1/models/").json()["object"] == "list"


def test_a_trouble_nobody_expected_is_told_without_detail() -> None:
    with (
        relaying(either("x"), refusal=RuntimeError("/etc/secret")) as (address, _),
        httpx.Client(base_url=address) as client,
    ):
        reply = client.post(CHAT, json=BODY)

    assert reply.status_code == 500
    assert reply.json()["error"]["code"] == "internal_error"
    assert "secret" not in reply.text
