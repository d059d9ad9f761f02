"""An ingest that dies at any change it makes to a file, or at any moment."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from ingest.index import editions
from tests.ingest.help_folder import make_folder, many_pages
from tests.reliability.dying import Dying, Run, dying
from tests.reliability.index_contents import (
    Contents,
    assert_same,
    copy_of,
    lying_there,
    published,
)
from tests.reliability.recording import Figure, Seen
from tests.reliability.sizes import SEED, size

WHATEVER = 10_000


class Scene(Struct, frozen=True, kw_only=True):
    """A folder to ingest, an index before and after, and the changes in between.

    Attributes:
        runs: What runs commands.
        home: Where the folders are.
        before: The index as it was; it may not be there.
        after: What an unbroken run makes of it.
        tree: What lies in the index's folder then.
        changes: How many changes that run made.
    """

    runs: Dying
    home: Path
    before: Path
    after: Contents
    tree: list[str]
    changes: int

    def ingest(
        self,
        index: Path,
        *,
        dies_at: int = 0,
        dies_in: float = 0.0,
        dies_before: str = "",
        pages: str = "docs",
    ) -> Run:
        return self.runs.frontdesk(
            "ingest",
            pages,
            "--json",
            dies_at=dies_at,
            dies_in=dies_in,
            dies_before=dies_before,
            INDEX_URL=f"file:{index}",
            # One that is kept alone is the one that the other is deleted for.
            INDEX_EDITIONS="1",
        )

    def begun(self) -> Path:
        """Return a copy of the index as it was."""
        place = self.home / "index"
        shutil.rmtree(place, ignore_errors=True)
        return copy_of(self.before, place) if self.before.exists() else place


@pytest.fixture(scope="module", params=["a first run", "a run over changes"])
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    home = tmp_path_factory.mktemp("crashes")
    docs = make_folder(home)
    with dying(home) as runs:
        found = Scene(
            runs=runs,
            home=home,
            before=home / "before",
            after=Contents(edition="", chunks={}, vectors={}),
            tree=[],
            changes=0,
        )
        if request.param == "a run over changes":
            (docs / "old.md").write_text("# Old\n\nThis one goes.\n")
            assert found.ingest(found.before).code == 0
            change(docs)
        index = found.begun()
        unbroken = found.ingest(index)
        after = published(index)
        assert unbroken.code == 0, unbroken.err
        assert after is not None
        yield Scene(
            runs=runs,
            home=home,
            before=found.before,
            after=after,
            tree=lying_there(index),
            changes=unbroken.changes,
        )


def change(docs: Path) -> None:
    """Edit a page, add one, rename one and take one away."""
    (docs / "reset.md").write_text("# Reset\n\nHold the button for thirty seconds.\n")
    (docs / "new.md").write_text("# New\n\nA hub can be mounted on a wall.\n")
    (docs / "deep/limits.md").rename(docs / "limits.md")
    (docs / "old.md").unlink()


def moments(changes: int) -> list[int]:
    """Return before which changes the run dies: all of them, where all are tried."""
    tried = min(size(2, 24, WHATEVER), changes)
    return sorted(random.Random(SEED).sample(range(1, changes + 1), tried))


def assert_serves(folder: Path, *wanted: Contents | None) -> None:
    """See that readers have one of these, whole."""
    found = published(folder)
    if found is None:
        assert None in wanted
        return
    (same,) = (one for one in wanted if one and one.edition == found.edition)
    assert_same(found, same)


@pytest.mark.row(
    "P1",
    "dies before any change of a file",
    "what was published serves; the next run ends as an unbroken one",
)
def test_whenever_a_run_dies_the_next_ends_as_if_it_had_not(
    scene: Scene, seen: Seen, figure: Figure
) -> None:
    kept = published(scene.before) if scene.before.exists() else None
    points = moments(scene.changes)

    for point in points:
        index = scene.begun()
        died = scene.ingest(index, dies_at=point)
        assert died.code == 137, (point, died.changes, died.err)
        assert_serves(index, kept, scene.after)
        ended = scene.ingest(index)
        assert ended.code == 0, (point, ended.err)
        assert_same(published(index), scene.after)
        assert lying_there(index) == scene.tree, point

    seen(f"{len(points)} of {scene.changes} moments tried, all as expected")
    figure(
        "moments at which an ingest died and the next ended as an unbroken one",
        f"{len(points)} of {len(points)} (of {scene.changes})",
        "all",
    )


@pytest.mark.row(
    "P1", "SIGKILL at random, children too", "the next run ends as an unbroken one"
)
def test_whenever_a_run_is_killed_the_next_ends_as_if_it_had_not(
    tmp_path: Path, seen: Seen, figure: Figure
) -> None:
    docs = make_folder(tmp_path)
    many_pages(docs, 12)
    moment, rounds, cut = random.Random(SEED), size(2, 20, 200), 0
    with dying(tmp_path) as runs:
        first = tmp_path / "first"
        whole = runs.frontdesk("ingest", "docs", INDEX_URL=f"file:{first}")
        assert whole.code == 0, whole.err
        wanted = published(first)
        assert wanted is not None

        for number in range(rounds):
            index = tmp_path / f"index-{number}"
            url = f"file:{index}"
            killed = runs.frontdesk(
                "ingest", "docs", dies_in=moment.uniform(0.05, 3), INDEX_URL=url
            )
            cut += killed.code == 137
            ended = runs.frontdesk("ingest", "docs", INDEX_URL=url)
            assert (killed.code, ended.code) in {(137, 0), (0, 0)}, ended.err
            assert_same(published(index), wanted)
            assert lying_there(index) == lying_there(first)

    seen(f"{cut} of {rounds} were cut off, all as expected")
    figure(
        "ingest after SIGKILL: same index as an unbroken run",
        f"{rounds} of {rounds}",
        f"{rounds} of {rounds}",
    )


def test_a_finished_edition_that_nobody_was_shown_is_not_made_again(
    scene: Scene,
) -> None:
    """Killed between its rename and the pointer: nothing is embedded again."""
    index = scene.begun()
    shown = editions.current(index)

    died = scene.ingest(index, dies_before="CURRENT")

    assert died.code == 137, died.err
    assert max(editions.names(index)) > shown
    assert editions.current(index) == shown

    report = scene.ingest(index).report

    assert report["chunks"] == 0
    assert report["edition"]["name"] == scene.after.edition


def test_a_lock_that_a_dead_process_left_keeps_nobody_out(
    scene: Scene,
) -> None:
    index = scene.begun()
    index.mkdir(exist_ok=True)
    (index / "writer.lock").write_text('{"pid": 1, "host": "here", "since": 0}')

    assert scene.ingest(index).code == 0
