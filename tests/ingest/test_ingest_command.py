"""What ``frontdesk ingest`` promises the person who keeps the docs."""

import json
from pathlib import Path

import pytest

from tests.command import frontdesk
from tests.ingest.help_folder import files_of, found, make_folder, report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_folder(tmp_path)


def test_a_second_run_over_an_unchanged_folder_writes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    first = report(tmp_path)
    before = files_of(tmp_path)

    second = report(tmp_path)

    assert len(first["added"]) == 3
    assert second["unchanged"] == 3
    assert second["chunks"] == 0
    assert second["edition"]["name"] == first["edition"]["name"]
    assert files_of(tmp_path) == before


def test_edited_moved_and_deleted_files_are_followed(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "reset.md").write_text("# Reset\n\nHold the button for thirty seconds.\n")
    (folder / "deep/limits.md").rename(folder / "limits.md")
    (folder / "billing.md").unlink()

    told = report(tmp_path)

    assert told["edited"] == ["reset.md"]
    assert told["moved"] == [["deep/limits.md", "limits.md"]]
    assert told["removed"] == ["billing.md"]
    assert "billing.md" not in found(tmp_path, "when are invoices sent?")
    assert found(tmp_path, "how many sensors can a hub take?")[0] == "limits.md"


def test_keep_missing_keeps_documents_that_left(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    (folder / "billing.md").unlink()

    told = report(tmp_path, "--keep-missing")

    assert told["removed"] == []
    assert told["kept"] == 1
    assert found(tmp_path, "when are invoices sent?")[0] == "billing.md"


def test_another_folder_does_not_empty_the_index(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "warranty.md").write_text("# Warranty\n\nHubs have three years.\n")

    done = frontdesk(tmp_path, "ingest", "other", "--json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["kept"] == 3
    assert found(tmp_path, "when are invoices sent?")[0] == "billing.md"


def test_what_lies_in_a_folder_that_cannot_be_looked_at_has_not_left(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "deep" / ".gitignore").mkdir()

    told = report(tmp_path, code=1)

    assert [failure["path"] for failure in told["failures"]] == ["deep"]
    assert told["removed"] == []
    assert told["edition"]["documents"] == 3


def test_one_bad_file_is_reported_and_the_rest_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n" + b"garbage" * 50)
    (folder / "blank.md").write_text("---\ntitle: nothing\n---\n\n")

    told = report(tmp_path, code=1)

    assert {failure["path"] for failure in told["failures"]} == {
        "broken.pdf",
        "blank.md",
    }
    assert all(len(failure["reason"]) > 10 for failure in told["failures"])
    assert len(told["added"]) == 3


def test_a_dry_run_says_what_would_change_and_writes_nothing(
    folder: Path, tmp_path: Path
) -> None:
    done = frontdesk(tmp_path, "ingest", "docs", "--dry-run")

    assert done.returncode == 0
    assert "3 added" in done.stdout
    assert not (tmp_path / "index" / "CURRENT").exists()
    assert not (tmp_path / "index" / "draft").exists()
    assert frontdesk(tmp_path, "editions").stdout.count("current") == 0


def test_other_chunk_settings_tell_that_the_next_edition_begins_empty(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)

    done = frontdesk(tmp_path, "ingest", "docs", CHUNK_SIZE="100")

    assert done.returncode == 0
    assert "begins empty" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "said", "code"),
    [
        (("nowhere",), {}, "nowhere", 2),
        (("empty",), {}, "empty", 2),
        (("docs",), {"CHUNK_SIZ": "200"}, "CHUNK_SIZ", 2),
        (("docs",), {"CHUNK_SIZE": "many"}, "CHUNK_SIZE", 2),
        (("docs",), {"EMBEDDING_MODEL": "./no-such-model"}, "no-such-model", 78),
        (("docs",), {"INDEX_URL": "sqlite:index"}, "INDEX_URL", 2),
        (("docs",), {"INDEX_URL": "http://127.0.0.1:9"}, "127.0.0.1:9", 2),
    ],
)
def test_what_cannot_run_says_what_is_wrong_without_a_traceback(
    folder: Path,
    tmp_path: Path,
    arguments: tuple[str, ...],
    variables: dict[str, str],
    said: str,
    code: int,
) -> None:
    (tmp_path / "empty").mkdir()

    done = frontdesk(tmp_path, "ingest", *arguments, **variables)

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_disk_below_the_floor_stops_with_75_and_loses_nothing(
    folder: Path, tmp_path: Path
) -> None:
    report(tmp_path)
    (folder / "new.md").write_text("# New\n\nSomething new.\n")

    done = frontdesk(tmp_path, "ingest", "docs", INDEX_DISK_FLOOR=str(10**18))

    assert done.returncode == 75
    assert "INDEX_DISK_FLOOR" in done.stderr
    assert "Traceback" not in done.stderr
    assert found(tmp_path, "when are invoices sent?")[0] == "billing.md"


def test_editions_are_listed_and_rolled_back(folder: Path, tmp_path: Path) -> None:
    report(tmp_path)
    (folder / "billing.md").unlink()
    report(tmp_path)

    rolled = frontdesk(tmp_path, "editions", "rollback")

    assert rolled.returncode == 0, rolled.stderr
    assert "billing.md" in found(tmp_path, "when are invoices sent?")
    listed = json.loads(frontdesk(tmp_path, "editions", "--json").stdout)
    assert [edition["current"] for edition in listed] == [False, True]
