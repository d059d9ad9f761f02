"""Runs that a service starts: killed, waiting, stopped, and remembered."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.index.copies import lock_for_writing
from tests.app.documents.keeping import Keeper, process_of
from tests.service import Running, running

SECRETS = {
    "OPENAI_API_KEY": "sk-secret-of-the-upstream",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
    "ACCESS_PEPPER": "secret-pepper",
}


@contextmanager
def kept(home: Path, **variables: str) -> Iterator[tuple[Keeper, Running]]:
    with running(home, **variables) as service:
        keeper = Keeper(service.address)
        try:
            yield keeper, service
        finally:
            keeper.http.close()


def test_a_run_that_is_killed_is_told_and_the_next_one_does_its_work(
    tmp_path: Path,
) -> None:
    with kept(tmp_path) as (keeper, _):
        put = keeper.put("one.md", "# One\n\nThe first text.")
        os.kill(process_of(put.json()["ingest"]), signal.SIGKILL)
        killed = keeper.over(put)
        again = keeper.over(keeper.http.post("/v1/ingests"))
        ready = keeper.http.get("/health/ready").status_code

    assert killed["state"] == "failed"
    assert "SIGKILL" in killed["reason"]
    assert killed["finished"] is not None
    assert (again["state"], again["report"]["added"]) == ("done", 1)
    assert ready == 200


def test_a_run_waits_for_whoever_writes_the_index_and_says_so(tmp_path: Path) -> None:
    index = tmp_path / "index"
    index.mkdir()
    held = lock_for_writing(index)

    with kept(tmp_path) as (keeper, _):
        put = keeper.put("one.md", "# One\n\nThe first text.")
        run = put.json()["ingest"]
        waiting = keeper.until(lambda: keeper.run(run), lambda it: it["reason"])
        os.close(held)
        done = keeper.over(put)

    assert waiting["state"] == "waiting"
    assert f"process {os.getpid()}" in waiting["reason"]
    assert (done["state"], done["reason"]) == ("done", "")


def test_the_process_of_a_run_knows_no_secret_of_the_service(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("OPENAI_API_KEY=sk-secret-in-a-file\n")
    index = tmp_path / "index"
    index.mkdir()
    # It cannot end meanwhile.
    held = lock_for_writing(index)

    with kept(tmp_path, DATABASE_URL="sqlite:///own.db", **SECRETS) as (keeper, _):
        put = keeper.put("one.md", "# One\n\nThe first text.")
        process = process_of(put.json()["ingest"])
        found = Path(f"/proc/{process}/environ").read_text()
        place = Path(f"/proc/{process}/cwd").readlink()
        os.close(held)
        keeper.over(put)

    names = {line.partition("=")[0] for line in found.split("\0")}
    assert "secret" not in found
    assert not {n for n in names if n.startswith(("OPENAI", "DATABASE", "ACCESS"))}
    assert "INDEX_API_KEY" not in names
    assert place == index


def test_a_service_that_stops_takes_its_run_along_and_the_next_one_goes_on(
    tmp_path: Path,
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    held = lock_for_writing(index)

    with kept(tmp_path) as (keeper, _):
        asked = keeper.put("one.md", "# One\n\nThe first text.").json()["ingest"]
        process = process_of(asked)
        keeper.until(lambda: keeper.run(asked), lambda it: it["reason"])
    ended = not Path(f"/proc/{process}").exists()
    os.close(held)

    with kept(tmp_path) as (keeper, _):
        before = keeper.run(asked)
        document = keeper.until(
            lambda: keeper.document("one.md"), lambda it: it["state"] == "indexed"
        )
        newest, *_ = keeper.http.get("/v1/ingests").json()["data"]

    assert ended
    assert (before["state"], before["reason"]) == ("stopped", "it was told to stop")
    assert newest["id"] != asked
    assert document["answers"] is True
    assert (newest["state"], newest["report"]["added"]) == ("done", 1)


def test_what_was_deleted_stays_away_when_the_service_is_killed(tmp_path: Path) -> None:
    with kept(tmp_path) as (keeper, _):
        keeper.put("stays.md", "# One\n\nThe first text is long.")
        keeper.over(keeper.put("goes.md", "# Two\n\nThe second text is short."))
    held = lock_for_writing(tmp_path / "index")

    with kept(tmp_path) as (keeper, service):
        runs = keeper.http.get("/v1/ingests").json()["data"]
        deleted = keeper.delete("goes.md")
        process = process_of(deleted.json()["ingest"])
        service.process.kill()
        service.process.wait()
        os.kill(process, signal.SIGKILL)

    with kept(tmp_path) as (keeper, _):
        keeper.until(keeper.serving, bool)
        found = keeper.paths("Which text is short?")
        os.close(held)
        keeper.until(
            lambda: keeper.http.get("/v1/documents/goes.md").status_code,
            lambda it: it == 404,
        )
        later = keeper.http.get("/v1/ingests").json()["data"]

    assert deleted.status_code == 202
    assert found == ["stays.md"]
    assert [run["id"] for run in later[-len(runs) :]] == [run["id"] for run in runs]
