"""What ``frontdesk bench`` cannot do it says in one line, before a run."""

import json
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.command import environment, frontdesk
from tests.scripted_upstream import Reply, ScriptedUpstream, refused, spoken

MODELS = [{"id": "scripted"}, {"id": "other"}]


def told(home: Path, *arguments: str) -> str:
    """Return the one line a command says that could not run."""
    done = frontdesk(home, "bench", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ")
    return line


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("nowhere", "not an address"),
        ("ftp://x/v1", "not an address"),
        ("http://127.0.0.1:99999", "not an address"),
        ("http://a b", "not an address"),
        ("http://no-such-host.invalid", "no such host"),
    ],
)
def test_what_is_no_address_is_told(tmp_path: Path, url: str, word: str) -> None:
    assert word in told(tmp_path, url)


def test_where_nothing_listens_is_told_without_the_password(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        line = told(tmp_path, f"http://me:hidden@127.0.0.1:{port}")

    assert f"127.0.0.1:{port}" in line
    assert "refused" in line
    assert "hidden" not in line


def test_more_connections_than_the_system_allows_are_refused(tmp_path: Path) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "bench", "http://127.0.0.1:9",
         "--concurrency=500"],
        cwd=tmp_path, env=environment(tmp_path), preexec_fn=limit,
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "only 192 connections; raise ulimit -n" in done.stderr


def test_a_password_and_a_key_are_one_too_many(tmp_path: Path) -> None:
    line = told(tmp_path, "http://me:hidden@127.0.0.1:9", "--key=secret")

    assert "not both" in line


def test_a_key_that_is_not_taken_is_told(tmp_path: Path) -> None:
    no = refused(401, "invalid_api_key")
    with ScriptedUpstream(no, models=no) as upstream:
        line = told(tmp_path, upstream.url, "--key=wrong")

    assert "does not take the key" in line
    assert "wrong" not in line


@pytest.mark.parametrize(
    ("reply", "models", "options", "word"),
    [
        (spoken("Hi"), MODELS, ["--model=gone"], "lists scripted, other"),
        (spoken("Hi"), refused(404, "x"), [], "name one with --model"),
        (spoken("Hi"), [], [], "name one with --model"),
        (refused(404, "model_not_found", "No such model."), MODELS, [],
         "No such model."),
        (refused(401, "invalid_api_key"), refused(404, "x"), ["--model=m"], "401"),
    ],
)  # fmt: skip
def test_a_model_or_key_that_no_repetition_mends_is_told(
    tmp_path: Path, reply: Reply, models: Any, options: list[str], word: str
) -> None:
    with ScriptedUpstream(reply, models=models) as upstream:
        assert word in told(tmp_path, upstream.url, *options)


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("empty.txt", "\n \n", "holds no question"),
        ("golden.jsonl", "{}\n", "holds no question; golden.jsonl, line 1"),
        ("latin.txt", "\udce9", "is not UTF-8"),
    ],
)
def test_a_file_without_a_question_is_told(
    tmp_path: Path, fake: str, name: str, text: str, word: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", errors="surrogateescape")

    assert word in told(tmp_path, fake, "--questions", name)


@pytest.mark.parametrize(
    "options",
    [
        ["--questions=gone.txt"],
        ["--compare=gone.json"],
        ["--json=gone/run.json"],
        ["--html=-"],
    ],
)
def test_a_file_that_cannot_be_used_is_named_before_the_run(
    tmp_path: Path, fake: str, options: list[str]
) -> None:
    assert options[0].partition("=")[2] in told(tmp_path, fake, *options)


def test_what_is_no_run_cannot_be_compared_with(tmp_path: Path, fake: str) -> None:
    (tmp_path / "old.json").write_text(json.dumps({"url": "x"}), encoding="utf-8")

    assert "no run that --json wrote" in told(tmp_path, fake, "--compare", "old.json")
