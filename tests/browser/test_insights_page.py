"""The page of insights in a real browser: nothing asked acts, and a phone shows it."""

from pathlib import Path

from playwright.sync_api import Page, expect

from app.insights.figures import Insights
from app.overview.page import page as written
from tests.app.overview.made_insights import day, insights, topic
from tests.browser.chromium import MARKS

pytestmark = MARKS

HOSTILE = "<script>document.title = 'taken'</script><img src=x onerror=alert(1)>"


def show(page: Page, folder: Path, shown: Insights) -> None:
    path = folder / "insights.html"
    html = written(shown, version="1.0", made="today")
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri())


def test_what_people_ask_does_nothing(phone: Page, tmp_path: Path) -> None:
    show(phone, tmp_path, insights(topics=(topic(HOSTILE),)))

    assert phone.title() == "What people ask: acme"
    expect(phone.locator("img")).to_have_count(0)
    expect(phone.locator("td").first).to_contain_text(HOSTILE)


def test_a_topic_opens_and_a_phone_shows_a_year(phone: Page, tmp_path: Path) -> None:
    year = tuple(day(number) for number in reversed(range(366)))
    show(phone, tmp_path, insights(by_day=year))

    expect(phone.get_by_text("chatcmpl-1")).to_be_hidden()
    phone.get_by_text("How it was asked (1)").click()
    expect(phone.get_by_text("chatcmpl-1")).to_be_visible()
    expect(phone.locator("svg")).to_have_count(6)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
