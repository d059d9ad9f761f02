"""``frontdesk eval`` as people run it, over the sample."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.evaluation.outcomes import Evaluation, Outcome
from tests.command import ROOT, frontdesk, start
from tests.scripted_upstream import ScriptedUpstream, either, refused

SAMPLE = [
    json.loads(line)
    for line in (ROOT / "data" / "golden.jsonl").read_bytes().splitlines()
]
QUESTION = SAMPLE[0]


def golden(home: Path, *lines: dict[str, Any] | str) -> str:
    path = home / "golden.jsonl"
    written = (x if isinstance(x, str) else json.dumps(x) for x in lines)
    path.write_text("\n".join(written), encoding="utf-8")
    return str(path)


def evaluated(path: Path) -> Evaluation:
    return msgspec.json.decode(path.read_bytes(), type=Evaluation)


def told(stderr: str) -> str:
    """Return the one line a command that failed says."""
    assert "Traceback" not in stderr
    (line,) = stderr.strip().splitlines()
    return line


@pytest.fixture
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(either("It asks for no card [1].")) as started:
        yield started


def test_both_roads_lead_to_the_same_outcomes(
    sample_home: Path, sample_service: str, tmp_path: Path
) -> None:
    # What is asked with labels of its own cannot be asked of a service.
    asked = [q for q in SAMPLE if not q.get("labels")]
    file = golden(tmp_path, *asked[:-35:4], *asked[-35:])
    here, there = tmp_path / "here.json", tmp_path / "there.json"

    embedded = frontdesk(sample_home, "eval", file, "--json", str(here))
    served = frontdesk(
        tmp_path, "eval", file, "--json", str(there), "--url", f"{sample_service}/v1/"
    )

    assert (embedded.returncode, served.returncode) == (0, 0)
    one, other = evaluated(here), evaluated(there)
    assert list(map(untimed, one.outcomes)) == list(map(untimed, other.outcomes))
    assert (one.road, other.road) == ("embedded", sample_service)
    assert (one.edition, one.broken) == (other.edition, other.broken)
    assert one.stages.keys() == other.stages.keys()
    assert one.asked >= 60


def untimed(outcome: Outcome) -> Outcome:
    return msgspec.structs.replace(outcome, stages={}, milliseconds=0.0)


def test_the_tables_tell_what_was_asked_and_where_there_is_no_figure(
    sample_home: Path, tmp_path: Path
) -> None:
    done = frontdesk(sample_home, "eval", golden(tmp_path, QUESTION))

    assert done.returncode == 0
    assert "1 of 1 questions; embedded, edition 000001" in done.stdout
    for word in ("R@10", "nDCG@10", "refused", "citations", "end to end", "–"):
        assert word in done.stdout
    assert done.stderr.strip() == (
        "note: no question is unanswerable: nothing says what is refused"
    )


def test_a_dash_prints_json_and_nothing_else(sample_home: Path, tmp_path: Path) -> None:
    done = frontdesk(sample_home, "eval", golden(tmp_path, QUESTION), "--json", "-")

    found = msgspec.json.decode(done.stdout, type=Evaluation)
    assert found.outcomes[0].id == QUESTION["id"]
    assert found.settings["RETRIEVAL_KEEP"] == 6


def test_what_needs_mending_is_told_and_the_rest_is_asked(
    sample_home: Path, tmp_path: Path
) -> None:
    half = {**QUESTION, "id": "half", "documents": ["limit.md", "limits.md"]}
    gone = {**QUESTION, "id": "gone", "documents": ["no/such.md"]}
    file = golden(tmp_path, "{", QUESTION, half, gone)
    out = tmp_path / "out.json"

    done = frontdesk(sample_home, "eval", file, "--json", str(out))

    assert done.returncode == 1
    assert "golden.jsonl, line 1: not JSON" in done.stderr
    assert "line 3: documents[0]: " in done.stderr
    assert "did you mean 'limits.md'?" in done.stderr
    assert "line 4: documents[0]: " in done.stderr
    assert [o.id for o in evaluated(out).outcomes] == [QUESTION["id"], "half"]


def test_a_gate_that_is_missed_is_told_with_its_own_code(
    sample_home: Path, tmp_path: Path
) -> None:
    file = golden(tmp_path, QUESTION)

    kept = frontdesk(sample_home, "eval", file, "--fail-under", "recall@10=0.5")
    missed = frontdesk(
        sample_home, "eval", file, "--fail-under", "recall@10=0.5,missed_refusals<=1"
    )

    assert (kept.returncode, missed.returncode) == (0, 3)
    assert "gate missed: missed_refusals<=1: there is nothing" in missed.stderr
    assert "recall" not in missed.stderr


def test_a_comparison_tells_what_got_worse(sample_home: Path, tmp_path: Path) -> None:
    file, old = golden(tmp_path, QUESTION), tmp_path / "old.json"
    frontdesk(sample_home, "eval", file, "--json", str(old))

    done = frontdesk(
        sample_home,
        *("eval", file, "--compare", str(old)),
        RETRIEVAL_MIN_CONFIDENCE="1",
    )

    assert done.returncode == 0
    assert "RETRIEVAL_MIN_CONFIDENCE differs: 0.5 before, 1.0 now" in done.stdout
    assert f"{QUESTION['id']}: answered answered → refused" in done.stdout
    assert "worse" in done.stdout


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--fail-under", "recal@5=1"], "there is no figure 'recal@5'"),
        (["--compare", "missing.json"], "missing.json: No such file"),
        (["--compare", "golden.jsonl"], "golden.jsonl is no evaluation"),
        (["--json", "no/folder/a.json"], "no/folder/a.json: no file can be written"),
        (["--json", "."], ".: no file can be written"),
        (["--html", "."], ".: no file can be written"),
        (["--html", "-"], "--html -: name a file"),
        (["--url", "localhost:8000"], "--url localhost:8000: not an address"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_asked(
    tmp_path: Path, options: list[str], reason: str
) -> None:
    golden(tmp_path, QUESTION)

    done = frontdesk(tmp_path, "eval", "golden.jsonl", *options)

    assert done.returncode == 2
    assert told(done.stderr).startswith("error: ")
    assert reason in done.stderr
    assert done.stdout == ""


def test_without_an_index_or_a_question_the_way_is_named(
    sample_home: Path, tmp_path: Path
) -> None:
    without_index = frontdesk(tmp_path, "eval", golden(tmp_path, QUESTION))
    without_question = frontdesk(sample_home, "eval", golden(tmp_path, ""))
    without_file = frontdesk(tmp_path, "eval", "missing.jsonl")

    for done in (without_index, without_question, without_file):
        assert (done.returncode, done.stdout) == (2, "")
    assert "frontdesk ingest" in told(without_index.stderr)
    assert "holds no question to ask" in told(without_question.stderr)
    assert "missing.jsonl: No such file" in told(without_file.stderr)


def test_a_service_that_is_not_there_or_not_ours_is_named(
    tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    file = golden(tmp_path, QUESTION)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        nobody = frontdesk(tmp_path, "eval", file, "--url", url)
    stranger = frontdesk(tmp_path, "eval", file, "--url", upstream.url)

    assert (nobody.returncode, stranger.returncode) == (2, 2)
    assert f"{url} cannot be asked" in told(nobody.stderr)
    assert upstream.url.removesuffix("/v1") in told(stranger.stderr)
    assert "frontdesk" in stranger.stderr


def test_a_model_is_asked_and_its_tokens_are_told(
    sample_home: Path, tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    out = tmp_path / "out.json"

    done = frontdesk(
        sample_home,
        *("eval", golden(tmp_path, QUESTION), "--json", str(out)),
        OPENAI_BASE_URL=upstream.url,
        CHAT_MODEL="writer-1",
    )

    assert done.returncode == 0
    (outcome,) = evaluated(out).outcomes
    assert outcome.answer == "It asks for no card [1]."
    assert 0 < outcome.sent < outcome.stuffed
    assert "upstream_ttfb" in outcome.stages
    assert "asks for no card" not in outcome.missing_facts


def test_an_upstream_that_is_down_is_the_outcome_of_the_question(
    sample_home: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    with ScriptedUpstream(refused(401, "invalid_api_key")) as upstream:
        done = frontdesk(
            sample_home,
            *("eval", golden(tmp_path, QUESTION), "--json", str(out)),
            OPENAI_BASE_URL=upstream.url,
            CHAT_MODEL="writer-1",
        )

    assert done.returncode == 1
    assert f"no answer: {QUESTION['id']}: " in done.stderr
    assert evaluated(out).figures["all"].errors == 1


def test_an_interrupted_run_writes_what_it_has(
    sample_home: Path, tmp_path: Path, upstream: ScriptedUpstream
) -> None:
    out = tmp_path / "out.json"
    many = ({**QUESTION, "id": f"q{i}"} for i in range(5000))
    process = start(
        sample_home,
        *("eval", golden(tmp_path, *many), "--json", str(out)),
        OPENAI_BASE_URL=upstream.url,
        CHAT_MODEL="writer-1",
    )
    while len(upstream.requests) < 3:
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "of 5000 questions, interrupted" in stdout
    assert "Traceback" not in stderr
    found = evaluated(out)
    assert not found.complete
    assert 2 <= found.asked < 5000
    assert found.asked == len(found.outcomes)


def test_drafts_are_a_golden_file_that_is_never_overwritten(
    sample_home: Path, tmp_path: Path
) -> None:
    path = str(tmp_path / "drafts.jsonl")

    made = frontdesk(sample_home, "eval", path, "--make-golden", "12")
    again = frontdesk(sample_home, "eval", path, "--make-golden", "12")
    printed = frontdesk(sample_home, "eval", "--make-golden", "12")
    asked = frontdesk(sample_home, "eval", path)

    assert (made.returncode, printed.returncode, asked.returncode) == (0, 0, 0)
    assert "12 questions drafted" in told(made.stderr)
    assert again.returncode == 2
    assert "drafts.jsonl is there already" in told(again.stderr)
    assert printed.stdout == Path(path).read_text(encoding="utf-8")
    assert "12 of 12 questions" in asked.stdout


def test_without_a_file_the_command_says_what_it_needs(tmp_path: Path) -> None:
    done = frontdesk(tmp_path, "eval")

    assert done.returncode == 2
    assert "name a golden file, or --make-golden N" in " ".join(done.stderr.split())
