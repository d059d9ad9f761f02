"""Documents that were deleted: who holds them back, and for how long."""

import time
from pathlib import Path

from msgspec import structs

from ingest.withdrawals import Withdrawals


def test_a_withdrawn_document_is_hidden_in_every_edition(tmp_path: Path) -> None:
    mine, theirs = Withdrawals(tmp_path), Withdrawals(tmp_path)
    theirs.look()

    one = mine.add("default", "a.md")
    before = theirs.hidden(time.time() + 100)
    theirs.look()

    assert mine.hidden(time.time() + 100) == {one.document_id}
    assert before == frozenset()
    assert theirs.hidden(time.time() + 100) == {one.document_id}
    assert theirs.unsettled("default") == [one]
    assert theirs.unsettled("other") == []


def test_an_edition_that_is_right_about_it_shows_what_it_holds(tmp_path: Path) -> None:
    withdrawals = Withdrawals(tmp_path)
    one = withdrawals.add("default", "a.md")

    withdrawals.settle([one], published=1000.0)

    assert withdrawals.hidden(999.9) == {one.document_id}
    assert withdrawals.hidden(1000.0) == frozenset()
    assert withdrawals.unsettled("default") == []


def test_a_run_does_not_settle_what_was_deleted_again_meanwhile(tmp_path: Path) -> None:
    withdrawals = Withdrawals(tmp_path)
    first = withdrawals.add("default", "a.md")
    again = withdrawals.add("default", "a.md")

    withdrawals.settle([first], published=1000.0)

    assert withdrawals.unsettled("default") == [again]


def test_one_is_forgotten_when_no_edition_is_wrong_about_it(tmp_path: Path) -> None:
    withdrawals = Withdrawals(tmp_path)
    old = withdrawals.add("default", "old.md")
    fresh = withdrawals.add("default", "fresh.md")
    waiting = withdrawals.add("default", "waiting.md")
    withdrawals.settle([old], published=1000.0)
    withdrawals.settle([fresh], published=time.time())

    withdrawals.forget(oldest=999.0)
    kept = set(withdrawals.every)
    withdrawals.forget(oldest=time.time() + 1)

    assert kept == {old.document_id, fresh.document_id, waiting.document_id}
    # A service may still serve what was published yesterday.
    assert set(withdrawals.every) == {fresh.document_id, waiting.document_id}


def test_one_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    withdrawals = Withdrawals(tmp_path)
    one = withdrawals.add("default", "a.md")
    (tmp_path / "withdrawn" / "broken.json").write_text("{")

    read = Withdrawals(tmp_path)
    read.look()

    assert read.every == {one.document_id: one}
    assert structs.replace(one, settled=1.0).hides(0.5)
