"""Told to stop while an ingest publishes: the ingest, and the service that reads."""

import random
import shutil
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from ingest.index import editions
from tests.command import start
from tests.ingest.help_folder import make_folder, many_pages, report
from tests.raw import chat
from tests.reliability.index_contents import Contents, assert_same, published
from tests.reliability.recording import Seen
from tests.reliability.sizes import SEED, size
from tests.reliability.writing import JSON
from tests.service import running
from tests.waiting import until_or_over

PAGES = 20
QUESTION = chat(question="How do I reset the hub?")


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    """A folder with an index, whose documents have changed since."""
    home = tmp_path / "home"
    docs = make_folder(home)
    report(home)
    many_pages(docs, PAGES)
    return home


def shown(index: Path, *, kept: Contents, new: Contents) -> str:
    """Return which edition readers see; it must be one of the two, and whole."""
    found = published(index)
    assert found is not None
    if found.edition == kept.edition:
        assert_same(found, kept)
        return "the old one"
    assert_same(found, new)
    return "the new one"


@pytest.mark.row(
    "P3",
    "SIGTERM to an ingest that publishes",
    "exit 130 and the old edition, or 0 and the new one; the next run ends whole",
)
def test_an_ingest_told_to_stop_as_it_publishes_shows_one_edition_or_the_other(
    edited: Path, tmp_path: Path, seen: Seen
) -> None:
    kept = published(edited / "index")
    whole = tmp_path / "whole"
    shutil.copytree(edited, whole)
    report(whole)
    new = published(whole / "index")
    assert kept is not None
    assert new is not None
    chance = random.Random(SEED)
    ends = []

    for number in range(size(2, 24)):
        home = tmp_path / f"round-{number}"
        shutil.copytree(edited, home)
        index = home / "index"
        process = start(home, "ingest", "docs")
        if number % 2:
            # Its folder is there, and the pointer is about to move.
            until_or_over((index / "editions" / new.edition).exists, process)
        else:
            until_or_over((index / "draft/changed").exists, process)
            time.sleep(chance.uniform(0, 0.2))
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=60)
        assert process.returncode in (0, 130), err
        seen_now = shown(index, kept=kept, new=new)
        assert (process.returncode == 0) <= (seen_now == "the new one")
        ends.append(f"{process.returncode}: {seen_now}")

        report(home)
        assert_same(published(index), new)
        assert not (index / "draft").exists()

    seen("; ".join(f"{ends.count(end)} x {end}" for end in sorted(set(ends))))


@pytest.mark.row(
    "P3",
    "SIGTERM to a service while an ingest publishes",
    "both exit 0; each question answered or 503 shutting_down; the new edition serves",
)
def test_a_service_told_to_stop_as_an_edition_comes_leaves_it_whole(
    edited: Path, seen: Seen
) -> None:
    index = edited / "index"
    said: list[str] = []

    def ask(address: str) -> None:
        while True:
            try:
                answer = httpx.post(
                    f"{address}/v1/chat/completions",
                    content=QUESTION,
                    headers=JSON,
                    timeout=30,
                )
            except httpx.TransportError:
                return
            said.append(
                "200"
                if answer.status_code == 200
                else f"{answer.status_code} {answer.json()['error']['code']}"
            )

    with running(edited, SERVER_DRAIN="2") as service:
        asking = threading.Thread(target=ask, args=(service.address,))
        asking.start()
        before = editions.current(index)
        ingest = start(edited, "ingest", "docs")
        until_or_over(lambda: editions.current(index) != before, ingest)
        service.process.terminate()
        code = service.process.wait(60)
        asking.join(60)
        _out, err = ingest.communicate(timeout=60)
    assert ingest.returncode == 0, err
    told = published(index)
    assert told is not None
    with running(edited) as again:
        detail = httpx.get(f"{again.address}/health/ready").json()["parts"]["index"]

    seen(
        f"exit {code} and {ingest.returncode}; {sorted(set(said))}; {detail['detail']}"
    )
    assert code == 0
    assert "200" in said
    assert set(said) <= {"200", "503 shutting_down"}
    assert told.edition != before
    assert told.edition in detail["detail"]
