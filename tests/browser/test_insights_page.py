"""The page of insights in a real browser: nothing asked acts, and a phone shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from app.insights.figures import Insights
from app.overview.page import page as written
from tests.app.overview.made_insights import day, insights, topic
from tests.browser.chromium import MARKS, chromium

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
    assert [c for c in complaints if not c.endswith("insights.html")] == []


def show(page: Page, folder: Path, shown: Insights) -> None:
    path = folder / "insights.html"
    html = written(shown, version="1.0", made="today")
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


def test_what_people_ask_does_nothing(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, insights(topics=(topic(HOSTILE),)))

    assert page.title() == "What people ask: acme"
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("td").first).to_contain_text(HOSTILE)


def test_a_topic_opens_and_a_phone_shows_a_year(page: Page, tmp_path: Path) -> None:
    year = tuple(day(number) for number in reversed(range(366)))
    show(page, tmp_path, insights(by_day=year))

    expect(page.get_by_text("chatcmpl-1")).to_be_hidden()
    page.get_by_text("How it was asked (1)").click()
    expect(page.get_by_text("chatcmpl-1")).to_be_visible()
    expect(page.locator("svg")).to_have_count(6)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
