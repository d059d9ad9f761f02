"""The log is JSON, one line an event, and holds no secrets."""

import io
import json
import logging

import pytest

from app import logs


def logged(say: object) -> list[dict[str, object]]:
    stream = io.StringIO()
    with logs.logging_to(stream, "info"):
        say(logging.getLogger("desk"))  # type: ignore[operator]  # a function of a logger
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_the_id_of_its_request() -> None:
    token = logs.request_id.set("req_1")
    try:
        (line,) = logged(lambda log: log.info("request", extra={"fields": {"n": 1}}))
    finally:
        logs.request_id.reset(token)

    assert line["message"] == "request"
    assert (line["level"], line["logger"]) == ("info", "desk")
    assert (line["request_id"], line["n"]) == ("req_1", 1)


def test_control_characters_and_line_ends_stay_inside_the_line() -> None:
    (line,) = logged(lambda log: log.warning("a\r\nb \x1b[31m"))

    assert line["message"] == "a\r\nb \x1b[31m"


SECRETS = (
    "sk-abcdefgh12345678",
    "Bearer abcdefgh12345678",
    "bearer abcdefgh12345678",
    "rk_abcdefghijklmnopqrstuvwx_12345678",
    "wk_abcdefghijklmnopqrstuvwx_12345678",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_12345678",
    "authorization: abcdefgh12345678",
    "Authorization: Basic dXNlcjpwYXNz12345678==",
    "X-API-Key=abcdefgh12345678",
    "{'x-api-key': 'abcdefgh12345678'}",
    '{"authorization": "Bearer abcdefgh12345678"}',
    "(b'authorization', b'Bearer abcdefgh12345678')",
)


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_key_is_cut_wherever_it_stands(secret: str) -> None:
    fields = {"fields": {"client_request_id": secret, "more": {"deep": [secret]}}}

    (line,) = logged(lambda log: log.error("refused %s", secret, extra=fields))

    assert "12345678" not in json.dumps(line)
    assert str(line["message"]).startswith("refused ")


def test_what_only_reminds_of_a_key_stays() -> None:
    said = "the ark_builder asked for a bearer of news: x-api-key is missing, eyJ too"

    (line,) = logged(lambda log: log.error(said))

    assert line["message"] == said


def test_an_exception_is_told_by_class_and_place_not_by_its_text() -> None:
    def fail(log: logging.Logger) -> None:
        try:
            answers: dict[str, str] = {}
            answers["what somebody asked"]
        except KeyError:
            log.exception("unexpected")

    (line,) = logged(fail)

    assert line["error"] == "KeyError"
    assert "what somebody asked" not in json.dumps(line)
    assert "fail" in str(line["frames"])


def test_a_queue_that_is_full_drops_lines_and_counts_them() -> None:
    import queue

    handler = logs.DroppingQueueHandler(queue.Queue(1))
    record = logging.makeLogRecord({"msg": "x"})

    for _ in range(3):
        handler.handle(record)

    assert handler.dropped == 2


def test_addresses_that_libraries_log_stay_out() -> None:
    assert logged(lambda _: logging.getLogger("httpx2").info("POST http://u:p@x")) == []
