"""``frontdesk bench`` as people run it."""

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app.load.questions import marked
from app.load.runs import Run
from tests.command import ROOT, frontdesk, start
from tests.scripted_upstream import (
    DONE,
    Cut,
    Recorded,
    Reply,
    Script,
    ScriptedUpstream,
    Wait,
    chunk,
    either,
    event,
    refused,
    spoken,
)

MODELS = [{"id": "scripted"}, {"id": "other"}]
TEXT = event(chunk({"role": "assistant", "content": "Hello"}))
END = event(chunk(finish="stop"))


def benched(home: Path, url: str, *options: str) -> tuple[int, Run, str]:
    """Return the exit code, the run and what was said of troubles."""
    file = home / "run.json"
    file.unlink(missing_ok=True)
    done = frontdesk(home, "bench", url, "--json", str(file), *options)
    assert "Traceback" not in done.stderr
    run = msgspec.json.decode(file.read_bytes(), type=Run)
    return done.returncode, run, done.stderr


@pytest.mark.parametrize("stream", ["--stream", "--no-stream"])
@pytest.mark.parametrize("load", [["--concurrency=4"], ["--rate=100"]])
def test_a_run_is_measured_whole(
    tmp_path: Path, fake: str, stream: str, load: list[str]
) -> None:
    code, run, _ = benched(tmp_path, fake, stream, "--requests=20", *load)

    assert code == 0
    assert (run.figures.requests, run.figures.complete) == (20, 20)
    assert run.figures.tokens == 200
    assert run.figures.tokens_told
    assert run.model == "fake"
    assert run.figures.total is not None
    # 20 ms to the first piece, nine gaps of 5 ms.
    assert 60 < run.figures.total.p50.value < 160
    if stream == "--stream":
        assert run.figures.first is not None
        assert 18 < run.figures.first.p50.value < 100
        assert all(e.pieces == 10 for e in run.exchanges)
    else:
        assert run.figures.first is None


def test_the_table_the_page_and_the_comparison_tell_the_same(
    tmp_path: Path, fake: str
) -> None:
    benched(tmp_path, fake, "--requests=10")
    page = tmp_path / "run.html"

    done = frontdesk(
        tmp_path, "bench", f"{fake}/", "--requests=12", "--html", str(page),
        "--compare", "run.json",
    )  # fmt: skip

    html = page.read_text(encoding="utf-8")
    assert done.returncode == 0
    for word in ("first token, ms", "whole answer, ms", "12 in", "compared with"):
        assert word in done.stdout
    assert html.count("<svg") == 3  # under two seconds have no answers a second
    assert "Content-Security-Policy" in html
    assert "http://" not in html.replace(fake, "")
    assert "Compared with" in html


def test_lines_are_asked_in_turns_with_the_key_and_the_model(tmp_path: Path) -> None:
    file = tmp_path / "questions.txt"
    file.write_text("first?\n\n second? \n", encoding="utf-8")
    with ScriptedUpstream(either("Yes."), models=MODELS) as upstream:
        code, run, _ = benched(
            tmp_path, upstream.url, "--questions", str(file), "--key=secret",
            "--requests=4", "--concurrency=1", "--model=other",
        )  # fmt: skip

    # The first was asked before the run, and is not counted.
    asked = [r.body["messages"][-1]["content"] for r in upstream.requests]
    assert code == 0
    assert asked == ["first?", "first?", "second?", "first?", "second?"]
    assert {r.headers["authorization"] for r in upstream.requests} == {"Bearer secret"}
    assert {r.body["model"] for r in upstream.requests} == {"other"}
    assert (run.distinct, run.questions) == (2, "questions.txt")
    assert "secret" not in (tmp_path / "run.json").read_text()


def test_distinct_questions_repeat_in_no_request_and_no_run(tmp_path: Path) -> None:
    with ScriptedUpstream(either("Yes."), models=MODELS) as upstream:
        runs = [
            benched(tmp_path, upstream.url, "--distinct", "--requests=20")[1]
            for _ in range(2)
        ]

    asked = [r.body["messages"][-1]["content"] for r in upstream.requests]
    assert len(set(asked)) == len(asked) == 42
    assert all(re.fullmatch(r"[A-Z].*\? \(\d+\)", text) for text in asked)
    assert [run.distinct for run in runs] == [20, 20]
    assert runs[0].digest == runs[1].digest


def test_a_number_goes_behind_parts_of_a_question() -> None:
    parts = [{"type": "text", "text": "Why?"}]

    (said,) = marked(({"role": "user", "content": parts},), "7")

    assert said["content"] == [*parts, {"type": "text", "text": "(7)"}]


def test_golden_questions_are_asked_with_their_conversation(tmp_path: Path) -> None:
    golden = ROOT / "data" / "golden.jsonl"
    with ScriptedUpstream(either("Yes."), models=MODELS) as upstream:
        code, run, _ = benched(
            tmp_path, upstream.url, "--questions", str(golden), "--requests=192"
        )

    longest = max(len(r.body["messages"]) for r in upstream.requests)
    assert (code, longest > 1, run.distinct > 150) == (0, True, True)


def kinds(request: Recorded, replies: Iterator[Script]) -> Reply:
    reply = next(replies)
    return reply if isinstance(reply, Reply) else reply(request)


@pytest.mark.parametrize(
    ("reply", "error", "fault"),
    [
        (Reply((TEXT, Cut())), "cut in the middle of the answer", ""),
        (Reply((TEXT, Cut(reset=True))), "cut in the middle of the answer", ""),
        (Reply(before=(Cut(),)), "cut before the answer", ""),
        (Reply((TEXT, END)), "", "no [DONE]"),
        (Reply((TEXT, DONE)), "", "a choice without finish_reason"),
        (Reply((TEXT, END, END, DONE)), "", "a choice with two finish_reasons"),
        (Reply((TEXT, event({"error": {"code": "boom"}}), DONE)),
         "error in the stream: boom", ""),
        (refused(429, "rate_limit_exceeded", retry_after="7"),
         "429 rate_limit_exceeded", ""),
        (refused(500, "internal_error"), "500 internal_error", ""),
        (Reply((b"<p>Hi", ), headers={"content-type": "text/html"}),
         "not streamed, but text/html", ""),
        (Reply((TEXT, Wait(3), END, DONE)),
         "too late: the answer did not end in time", ""),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_counted_by_kind(
    tmp_path: Path, reply: Reply, error: str, fault: str
) -> None:
    # The one that is asked before, then good and bad ones.
    replies = iter((spoken("Hi"), spoken("Hi"), reply, spoken("Hi"), reply))
    script = [lambda request: kinds(request, replies)]
    with ScriptedUpstream(*script, models=MODELS) as upstream:
        code, run, said = benched(
            tmp_path, upstream.url, "--requests=4", "--concurrency=1", "--timeout=0.8"
        )

    assert code == 1
    assert run.figures.complete == 2
    assert run.figures.errors == ({error: 2} if error else {})
    assert run.figures.faults == ({fault: 2} if fault else {})
    assert f"2 × {error or fault}" in said
    assert run.figures.retry_after == (7.0 if "429" in error else None)


def test_a_service_that_knows_no_stream_options_is_asked_without(
    tmp_path: Path,
) -> None:
    def old(request: Recorded) -> Reply:
        known = "stream_options" not in request.body
        no = refused(400, "unknown", "Unknown field stream_options.")
        return Reply((TEXT, TEXT, END, DONE)) if known else no

    with ScriptedUpstream(old, models=MODELS) as upstream:
        code, run, _ = benched(tmp_path, upstream.url, "--requests=3")

    assert code == 0
    assert (run.figures.tokens, run.figures.tokens_told) == (6, False)


def test_a_slow_first_byte_is_time_to_the_first_token(tmp_path: Path) -> None:
    slow = Reply((TEXT, Wait(0.1), END, DONE), before=(Wait(0.3),))
    with ScriptedUpstream(slow, models=MODELS) as upstream:
        _, run, _ = benched(tmp_path, upstream.url, "--requests=2")

    assert run.figures.first is not None
    assert run.figures.silence is not None
    assert 290 < run.figures.first.p50.value < 390
    assert 95 < run.figures.silence.most < 190


def test_the_real_service_answers_whole_under_load(
    tmp_path: Path, sample_service: str
) -> None:
    golden = ROOT / "data" / "golden.jsonl"

    code, run, _ = benched(
        tmp_path, sample_service, "--questions", str(golden), "--requests=40"
    )

    assert code == 0
    assert run.figures.complete == 40
    assert run.model == "frontdesk"
    assert run.figures.first is not None


def test_an_interrupted_run_keeps_what_it_has(tmp_path: Path, fake: str) -> None:
    file = tmp_path / "run.json"
    process = start(
        tmp_path, "bench", fake, "--seconds=60", "--concurrency=4", "--json", str(file)
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)

    run = msgspec.json.decode(file.read_bytes(), type=Run)
    assert process.returncode == 130
    assert "interrupted" in said
    assert not run.finished
    assert run.figures.complete == run.figures.requests > 0
    assert run.cut == 4
