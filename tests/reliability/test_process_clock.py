"""The clock jumps, and the model is not there: faults P6, P8."""

import itertools
import re
import time
from pathlib import Path

import pytest

from app.access import sessions
from app.ids import new_id
from tests.command import ROOT, frontdesk
from tests.reliability.recording import Seen

TOLD = {
    "app/access/cli.py", "app/access/doorkeeper.py", "app/access/keyring.py",
    "app/access/ledger.py", "app/access/tabs.py", "app/api/chat_completions.py",
    "app/api/frames.py", "app/api/keys.py", "app/api/terms.py", "app/chat/memory.py",
    "app/conversations/history.py", "app/conversations/personal.py",
    "app/conversations/recording.py", "app/conversations/store.py",
    "app/conversations/sweeping.py", "app/doctor.py", "app/documents/folder.py",
    "app/documents/ingests.py", "app/documents/trash.py", "app/insights/opinions.py",
    "app/insights/suggesting.py", "app/load/fake_answers.py",
    "app/upstream/failures.py",
}  # fmt: skip
"""What may look at the wall clock: moments that are kept, told, or come from elsewhere.

Keys and sessions end, turns were begun, a day of limits begins, a date says when to
come again. How long anything takes, or may take, is told by a clock that never jumps.
"""


@pytest.mark.row(
    "P6", "the wall clock jumps", "time-outs and limits run on a clock that does not"
)
def test_only_moments_are_told_by_the_wall_clock(seen: Seen) -> None:  # fmt: skip
    wall = re.compile(r"\btime\.time\(\)|\bdatetime\.now\(|\bdt\.datetime\.now\(")
    looking = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "app").rglob("*.py")
        if wall.search(file.read_text(encoding="utf-8"))
    }
    waits = re.compile(
        r"(timeout|deadline|due|until|began|begun|start|elapsed|silent|patience)\w* = "
        r"[^#\n]*\btime\.time\(\)"
    )
    waiting = {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "app").rglob("*.py")
        if waits.search(file.read_text(encoding="utf-8"))
    }

    commands = {
        f for f in looking if f.startswith(("app/load", "app/overview", "app/eval"))
    }
    assert looking - commands - {"app/api/insights.py"} <= TOLD
    # A lease in the database is a moment that other processes read.
    assert waiting <= {"app/conversations/recording.py"}
    seen(f"{len(looking)} files tell moments, none waits by them")


@pytest.mark.row("P6", "ids made while it jumps", "they neither repeat nor follow it")
def test_ids_do_not_follow_the_clock() -> None:  # fmt: skip
    ids = [new_id("") for _ in range(2000)]

    assert len(set(ids)) == 2000
    rising = sum(a < b for a, b in itertools.pairwise(ids))
    assert 800 < rising < 1200


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(time.time() - 60, id="behind", marks=pytest.mark.row("P6", "a session issued by a clock a minute behind", "read by all, over a minute early")),
        pytest.param(time.time() + 60, id="ahead", marks=pytest.mark.row("P6", "a session issued by a clock a minute ahead", "read by all, over a minute late")),
        pytest.param(2.0**31 + 5, id="2038", marks=pytest.mark.row("P6", "a session issued after 2038", "read, over 900 s later")),
        pytest.param(2.0**32 + 5, id="2106", marks=pytest.mark.row("P6", "a session issued after 2106", "read, over 900 s later")),
    ],
)  # fmt: skip
def test_a_session_lasts_as_long_by_a_clock_that_goes_wrong(
    now: float, seen: Seen
) -> None:
    session = new_id("sess_")
    secret = sessions.secret_of("a digest", "")

    token = sessions.issue(session, key_id="k" * 24, secret=secret, now=now)
    found = sessions.read(token, secret)

    # Whoever reads it has a clock of their own, and this token is none of the future's.
    assert found is not None
    assert found.id == session
    assert found.expires == int(now) + sessions.SECONDS
    seen(f"over {found.expires - int(now):.0f} s after it was issued")


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        pytest.param("missing", "absent-model", marks=pytest.mark.row("P8", "the service, without its model's folder", "one line with the path, no trace, no success")),
        pytest.param("empty", "model", marks=pytest.mark.row("P8", "the service, with an empty folder", "one line with the path, no trace, no success")),
        pytest.param("damaged", "model", marks=pytest.mark.row("P8", "the service, with damaged files", "one line with the path, no trace, no success")),
    ],
)  # fmt: skip
def test_a_service_without_its_model_says_which(
    broken: str, expected: str, tmp_path: Path, seen: Seen
) -> None:
    folder = tmp_path / ("absent-model" if broken == "missing" else "model")
    if broken != "missing":
        folder.mkdir()
    if broken == "damaged":
        for name in (
            "config.json",
            "tokenizer.json",
            "model.safetensors",
            "modules.json",
        ):
            (folder / name).write_bytes(b"\x00\xff{")

    done = frontdesk(tmp_path, "serve", "--port", "0", EMBEDDING_MODEL=str(folder))

    assert done.returncode in (2, 78)
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(lines) == 1
    assert expected in lines[0]
    seen(f"exit {done.returncode}: {lines[0][:80].replace(str(tmp_path), '')}")
