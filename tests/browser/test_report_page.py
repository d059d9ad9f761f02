"""The evaluation's page in a real browser: filter it, read it on a phone."""

from pathlib import Path

from playwright.sync_api import Page, expect

from app.evaluation.outcomes import Evaluation
from app.evaluation.report import page as report
from tests.app.evaluation.made_outcomes import evaluation, outcome, unanswerable
from tests.browser.chromium import MARKS
from tests.command import ROOT, frontdesk

pytestmark = MARKS

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"


def show(page: Page, folder: Path, shown: Evaluation) -> None:
    path = folder / "report.html"
    path.write_text(report(shown, None), encoding="utf-8")
    page.goto(path.as_uri())


def test_the_questions_can_be_filtered(phone: Page, tmp_path: Path) -> None:
    lost = outcome("lost", found=(), question="Where did it go?")
    show(phone, tmp_path, evaluation(outcome("fine"), lost, unanswerable("u")))
    rows = phone.locator("#asked tbody tr:visible")

    expect(rows).to_have_count(3)
    phone.get_by_label("Find").fill("did GO")
    expect(rows).to_have_count(1)
    expect(phone.locator("#count")).to_have_text("1 of 3 questions")
    phone.get_by_label("Find").fill("")
    phone.get_by_label("Kind").select_option("unanswerable")
    expect(rows).to_have_count(1)
    phone.get_by_label("Kind").select_option("all")
    phone.get_by_label("only what went wrong").check()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Where did it go?")


def test_what_a_document_says_does_nothing(phone: Page, tmp_path: Path) -> None:
    hostile = outcome(question=HOSTILE, found=(HOSTILE,), answer=HOSTILE)
    show(phone, tmp_path, evaluation(hostile, golden="mine.jsonl"))

    assert phone.title() == "Evaluation of mine.jsonl"
    expect(phone.locator("img")).to_have_count(0)
    expect(phone.locator("#asked")).to_contain_text(HOSTILE)


def test_the_sample_fits_on_a_phone(
    phone: Page, sample_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    some = (ROOT / "data" / "golden.jsonl").read_bytes().splitlines()[::12]
    (tmp_path / "golden.jsonl").write_bytes(b"\n".join(some))
    golden = str(tmp_path / "golden.jsonl")
    done = frontdesk(sample_home, "eval", golden, "--html", str(path))
    phone.goto(path.as_uri())

    assert done.returncode == 0
    expect(phone.locator("#asked tbody tr")).to_have_count(len(some))
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
