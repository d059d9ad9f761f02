"""An index in a folder that spoils, or changes, or was built by another model."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.index import editions
from ingest.index.copies import checksum
from tests.command import frontdesk, start
from tests.ingest.help_folder import found, make_folder, many_pages, report
from tests.reliability.index_contents import copy_of
from tests.reliability.index_store import PATIENCE, index_of, search, until
from tests.reliability.recording import Seen
from tests.service import service


def cut_tail(shard: Path) -> None:
    """Take the end of the log away, as a crash of the machine may."""
    for log in (shard / "wal").rglob("open-*"):
        os.truncate(log, log.stat().st_size // 2)


def flip_bit(shard: Path) -> None:
    """Let one bit of the vectors be another."""
    largest = max(
        (one for one in shard.rglob("*") if one.is_file() and "wal" not in one.parts),
        key=lambda one: one.stat().st_blocks,
    )
    content = bytearray(largest.read_bytes())
    where = next(i for i, byte in enumerate(content) if byte)
    content[where] ^= 1
    largest.write_bytes(content)


def lose_file(shard: Path) -> None:
    next(shard.rglob("segment.json")).unlink()


@pytest.fixture(scope="module")
def two_editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder and its index, in which the second edition has one page more."""
    home = tmp_path_factory.mktemp("two")
    docs = make_folder(home)
    report(home)
    (docs / "new.md").write_text("# New\n\nAbout a wall.\n")
    report(home)
    return home


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(
            cut_tail,
            marks=pytest.mark.row(
                "Q11", "the log's tail is cut", "the edition before serves, health says"
            ),
        ),
        pytest.param(
            flip_bit,
            marks=pytest.mark.row(
                "Q11", "one bit is another", "the edition before serves, health says"
            ),
        ),
        pytest.param(
            lose_file,
            marks=pytest.mark.row(
                "Q11", "a file is missing", "the edition before serves, health says"
            ),
        ),
    ],
)
def test_of_a_damaged_edition_the_one_before_serves(
    two_editions: Path, tmp_path: Path, damage: Callable[[Path], None], seen: Seen
) -> None:
    home = copy_of(two_editions, tmp_path / "home")
    shard = editions.shard_of(home / "index", "000002")
    before = checksum(shard)
    damage(shard)
    assert checksum(shard) != before

    with service(home) as address:
        status, state, detail = index_of(address)
        answer = search(address)
    mended = report(home)

    assert (status, state) == (200, "degraded")
    assert "frontdesk editions rollback" in detail
    assert answer.json()["edition"] == "000001"
    assert mended["edition"]["name"] == "000003"
    seen(f"edition {answer.json()['edition']} answers, index {state}")


@pytest.mark.row(
    "Q10", "ingest while the service runs", "no search fails, the new within 2 s"
)
def test_questions_are_answered_while_editions_change(
    tmp_path: Path, seen: Seen
) -> None:
    docs = make_folder(tmp_path)
    report(tmp_path)
    statuses: list[int] = []
    with service(tmp_path) as address:
        for number in range(2, 5):
            (docs / f"new-{number}.md").write_text(f"# New {number}\n\nA wall.\n")
            writing = start(tmp_path, "ingest", "docs")
            while writing.poll() is None:
                statuses.append(search(address).status_code)
                time.sleep(0.02)  # leave something to the ingest
            _, said = writing.communicate()
            assert writing.returncode == 0, said
            began = time.monotonic()
            while search(address).json()["edition"] != f"00000{number}":
                statuses.append(200)
                assert time.monotonic() - began < PATIENCE
        seconds = time.monotonic() - began

    assert set(statuses) == {200}
    seen(f"{len(statuses)} searches, all 200; the new after {seconds:.1f} s")


@pytest.mark.row(
    "P10", "two ingests of one index at once", "the second says who holds the lock"
)
@pytest.mark.row("Q10", "two ingests at once", "the second says who holds the lock")
def test_of_two_ingests_one_works_and_the_other_says_who(
    tmp_path: Path, seen: Seen
) -> None:
    docs = make_folder(tmp_path)
    many_pages(docs, 20)
    both = [start(tmp_path, "ingest", "docs") for _ in range(2)]

    ended = [process.communicate(timeout=240) for process in both]

    codes = sorted(process.returncode for process in both)
    said = "".join(errors for _, errors in ended)
    # Whoever comes when the first has ended finds nothing to do.
    assert codes in ([0, 2], [0, 0]), said
    assert codes == [0, 0] or "is being written by process" in said
    assert report(tmp_path)["edition"]["documents"] == 23
    seen(f"exit codes {codes}")


@pytest.mark.row(
    "Q6", "another model, in a folder", "serve exits with 78, both values named"
)
def test_a_service_of_another_model_does_not_start(tmp_path: Path, seen: Seen) -> None:
    make_folder(tmp_path)
    report(tmp_path)

    done = frontdesk(
        tmp_path, "serve", "--port", "0", EMBEDDING_PASSAGE_PROMPT="passage: "
    )

    assert done.returncode == 78
    assert "Traceback" not in done.stderr
    assert "in the index and" in done.stderr
    seen(f"exit code {done.returncode}; {done.stderr.strip().splitlines()[-1][:160]}")


@pytest.mark.row(
    "I6", "another model", "built beside, then switched; roll back returns"
)
def test_another_model_is_built_beside_and_taken_back(
    tmp_path: Path, seen: Seen
) -> None:
    make_folder(tmp_path)
    report(tmp_path)
    with service(tmp_path) as address:
        built = report(tmp_path, EMBEDDING_PASSAGE_PROMPT="passage: ")
        until(lambda: index_of(address)[1] == "degraded")
        answer = search(address)
        frontdesk(tmp_path, "editions", "rollback")
        until(lambda: index_of(address)[1] == "up")

    assert len(built["added"]) == 3
    assert answer.status_code == 200
    assert answer.json()["edition"] == "000001"
    assert found(tmp_path, "reset")
    seen("the service of the first model answered from its own all the time")
