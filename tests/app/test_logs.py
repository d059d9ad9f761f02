"""The log is JSON, one line an event, and holds no secrets."""

import io
import json
import logging
import queue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import logs
from app.losses import Losses


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
    losses = Losses()
    handler = logs.QueueHandler(queue.Queue(1), losses)

    for _ in range(3):
        handler.handle(logging.makeLogRecord({"msg": "x"}))

    assert losses.state()[0] == "degraded"
    assert losses.take() == {"queue": 2}
    assert losses.take() == {}


@pytest.mark.parametrize(
    "text",
    [
        "x" * 100_000,
        "\x01" * 100_000,
        "\N{GRINNING FACE}" * 100_000,
        "\udcff" * 10_000,
        "http://user:password-of-ours@host/" + "x" * 100_000,
    ],
    ids=["long", "control characters", "four bytes", "half characters", "an address"],
)
def test_no_line_is_longer_than_eight_kilobytes(text: str) -> None:
    stream = io.StringIO()
    fields = {"fields": {text[:50]: text, "listed": [text] * 5, "none": None, "n": 1}}
    with logs.logging_to(stream, "info"):
        logging.getLogger("desk").warning("said %s", text, extra=fields)

    (line,) = stream.getvalue().splitlines()
    assert len(line.encode()) < 8192
    assert json.loads(line)["level"] == "warning"
    assert "password-of-ours" not in line


def test_a_line_that_cannot_be_made_is_counted_and_not_printed(
    capfd: pytest.CaptureFixture[str],
) -> None:
    found = logged(lambda log: log.warning("%d of them", "what somebody said"))

    assert found[0]["lost"] == {"malformed": 1}
    assert "what somebody said" not in "".join(capfd.readouterr())


def test_a_burst_of_one_message_is_cut_and_told_and_others_pass() -> None:
    def burst(log: logging.Logger) -> None:
        for n in range(1000):
            log.warning("the same again: %d", n)
        log.warning("another")

    lines = logged(burst)

    # The second may change in the middle of it.
    same = [line for line in lines if "the same again" in str(line["message"])]
    (told,) = [line for line in lines if "lost" in line]
    assert 100 <= len(same) <= 200
    assert told["lost"] == {"sampled": 1000 - len(same)}
    assert "another" in [line["message"] for line in lines]


@given(name=st.text(st.characters(exclude_categories=()), max_size=2000))
def test_whatever_a_name_holds_a_line_is_one_line_without_control_characters(
    name: str,
) -> None:
    stream = io.StringIO()
    with logs.logging_to(stream, "info"):
        logging.getLogger("desk").info("%s", name, extra={"fields": {"name": name}})

    # What another test left behind may be told meanwhile.
    lines = stream.getvalue().removesuffix("\n").split("\n")
    (text,) = [line for line in lines if json.loads(line)["logger"] == "desk"]
    assert not any(ord(c) < 32 for c in text)


PASSWORDS = (
    "postgresql://desk:hunter2-Secret@db/x",
    "postgresql+asyncpg://desk:hunter2-Secret:@db:5432/x",
    "redis://:hunter2-Secret@cache:6379/0",
    "https://u:p@ss:hunter2-Secret@models.example/v1",
)


@pytest.mark.parametrize("address", PASSWORDS)
def test_a_password_in_an_address_is_cut(address: str) -> None:
    (line,) = logged(lambda log: log.error("no answer from %s, gave up", address))

    assert "hunter2-Secret" not in str(line["message"])
    assert str(line["message"]).endswith(", gave up")


def test_addresses_that_libraries_log_stay_out() -> None:
    assert logged(lambda _: logging.getLogger("httpx2").info("POST http://u:p@x")) == []
