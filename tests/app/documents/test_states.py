"""What becomes of a document, by its file, the index and the runs."""

import pytest

from app.documents.states import documents_of, told_by
from ingest.documents import document_id
from ingest.index.base import Holding
from ingest.logged import Run
from ingest.plan import Report, Trouble
from ingest.walking import Seen

STARTED, ENDED = 1000.0, 1010.0


def seen(path: str = "a.md", *, changed: float = 900.0) -> Seen:
    return Seen(path=path, size=3, changed=changed, labels=("public",))


def held(path: str = "a.md") -> Holding:
    return Holding(
        document_id=document_id("acme", path), path=path, digest="d", chunks=2,
        title="A", language="en", labels=("public",),
    )  # fmt: skip


def run(**report: object) -> Run:
    return Run(
        id="run_1", tenant="acme", folder="/papers", by="service", state="done",
        created=STARTED, started=STARTED, finished=ENDED,
        report=Report(**report),  # type: ignore[arg-type]  # passed on as given
    )  # fmt: skip


FAILED = run(failures=(Trouble(path="a.md", reason="broken"),))
SKIPPED = run(skipped=(Trouble(path="a.md", reason="empty file"),))


@pytest.mark.parametrize(
    ("files", "holdings", "hidden", "runs", "state", "answers"),
    [
        ([seen()], [held()], False, [run()], "indexed", True),
        ([seen()], [held()], False, [], "indexed", True),
        ([seen(changed=1005.0)], [held()], False, [run()], "waiting", True),
        ([seen()], [], False, [run()], "waiting", False),
        ([seen()], [], False, [FAILED], "failed", False),
        ([seen()], [held()], False, [FAILED], "failed", True),
        ([seen(changed=1005.0)], [held()], False, [FAILED], "waiting", True),
        ([seen()], [held()], True, [run()], "waiting", False),
        ([], [held()], True, [run()], "leaving", False),
        ([], [held()], False, [run()], "indexed", True),
        (None, [held()], False, [], "indexed", True),
        ([seen(changed=1005.0)], [], False, [SKIPPED], "waiting", False),
    ],
)
def test_a_document_is_in_the_state_that_all_of_these_tell(
    files: list[Seen] | None,
    holdings: list[Holding],
    hidden: bool,
    runs: list[Run],
    state: str,
    answers: bool,
) -> None:
    (found,) = documents_of(
        "acme",
        files=files,
        holdings=holdings,
        hidden=frozenset([document_id("acme", "a.md")] if hidden else ()),
        told=told_by(runs),
    )

    assert (found.state, found.answers) == (state, answers)
    assert bool(found.reason) == (state != "indexed" or files == [])


def test_what_a_run_found_to_be_none_is_no_document() -> None:
    told = told_by([SKIPPED])

    found = documents_of(
        "acme", files=[seen()], holdings=[], hidden=frozenset(), told=told
    )

    assert list(found) == []


def test_the_newest_run_that_took_a_document_in_tells_when_and_with_what_left_out() -> (
    None
):
    left_out = (Trouble(path="a.md", reason="a picture"),)
    older = run(added=("a.md", "b.md"), warnings=left_out)
    newer = run(edited=("b.md",), moved=(("x.md", "c.md"),))

    told = told_by([newer, older])

    assert told.taken == {"a.md": ENDED, "b.md": ENDED, "c.md": ENDED}
    assert told.warnings["a.md"] == ("a picture",)
    assert told.warnings["b.md"] == ()
