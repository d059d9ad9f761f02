"""The evaluation's page in a real browser: filter it, read it on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.evaluation.outcomes import Evaluation
from app.evaluation.report import page as report
from tests.app.evaluation.made_outcomes import evaluation, outcome, unanswerable
from tests.browser.chromium import MARKS, chromium
from tests.command import ROOT, frontdesk

pytestmark = MARKS

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 390, "height": 800})
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: complaints.append(request.url))
    yield opened
    opened.close()
    # The page itself is the only thing that was ever asked for.
    assert [c for c in complaints if not c.endswith("report.html")] == []


def show(page: Page, folder: Path, shown: Evaluation) -> None:
    path = folder / "report.html"
    path.write_text(report(shown, None), encoding="utf-8")
    page.goto(path.as_uri())


def test_the_questions_can_be_filtered(page: Page, tmp_path: Path) -> None:
    lost = outcome("lost", found=(), question="Where did it go?")
    show(page, tmp_path, evaluation(outcome("fine"), lost, unanswerable("u")))
    rows = page.locator("#asked tbody tr:visible")

    expect(rows).to_have_count(3)
    page.get_by_label("Find").fill("did GO")
    expect(rows).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1 of 3 questions")
    page.get_by_label("Find").fill("")
    page.get_by_label("Kind").select_option("unanswerable")
    expect(rows).to_have_count(1)
    page.get_by_label("Kind").select_option("all")
    page.get_by_label("only what went wrong").check()
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Where did it go?")


def test_what_a_document_says_does_nothing(page: Page, tmp_path: Path) -> None:
    hostile = outcome(question=HOSTILE, found=(HOSTILE,), answer=HOSTILE)
    show(page, tmp_path, evaluation(hostile, golden="mine.jsonl"))

    assert page.title() == "Evaluation of mine.jsonl"
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("#asked")).to_contain_text(HOSTILE)


def test_the_sample_fits_on_a_phone(
    page: Page, sample_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    some = (ROOT / "data" / "golden.jsonl").read_bytes().splitlines()[::12]
    (tmp_path / "golden.jsonl").write_bytes(b"\n".join(some))
    golden = str(tmp_path / "golden.jsonl")
    done = frontdesk(sample_home, "eval", golden, "--html", str(path))
    page.goto(path.as_uri())

    assert done.returncode == 0
    expect(page.locator("#asked tbody tr")).to_have_count(len(some))
    assert page.evaluate("document.documentElement.scrollWidth") == 390
