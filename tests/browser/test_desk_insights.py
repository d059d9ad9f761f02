"""Insights on the desk, in a real browser: figures, plots, topics, the way to a road."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.asking import KNOWN, UNKNOWN
from tests.browser.chromium import MARKS
from tests.browser.desks import ask, desk
from tests.browser.pages import SCHEMES, SIZES, Scheme, Size, overflow, violations
from tests.service import service

pytestmark = MARKS


@pytest.fixture(scope="module")
def address(sample_home: Path, own: dict[str, str]) -> Iterator[str]:
    with service(sample_home, **own) as address:
        for question in (UNKNOWN, UNKNOWN, KNOWN):
            messages = [{"role": "user", "content": question}]
            body = {"model": "frontdesk", "messages": messages}
            ask(address, "/v1/chat/completions", body)
        yield address


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_what_was_asked_and_not_answered_stands_in_figures_and_topics(
    browser: Browser, address: str, size: Size, scheme: Scheme
) -> None:
    with desk(browser, address, "insights", size=size, scheme=scheme) as page:
        figures = page.locator(".figures > div")
        expect(figures.nth(0)).to_contain_text("3")
        expect(figures.nth(1)).to_contain_text("2")
        expect(page.get_by_role("img", name="Questions a day")).to_be_visible()
        topic = page.locator(".topics > li")
        expect(topic).to_contain_text(UNKNOWN)
        expect(topic).to_contain_text("2 not known")
        expect(page.locator(".used li").first).to_contain_text("1 answers")
        page.get_by_text("Show numbers").first.click()
        expect(page.locator(".numbers td").first).to_be_visible()
        assert violations(page) == []
        assert overflow(page) == 0


def test_a_topic_leads_to_its_road(browser: Browser, address: str) -> None:
    with desk(browser, address, "insights", expected=("404",)) as page:
        page.get_by_role("link", name="See its road").click()
        expect(page.get_by_label("Question", exact=True)).to_have_value(UNKNOWN)


def test_the_period_is_chosen_by_keyboard(browser: Browser, address: str) -> None:
    with desk(browser, address, "insights") as page:
        week = page.get_by_role("button", name="7 days", exact=True)
        week.focus()
        page.keyboard.press("Space")
        expect(week).to_have_attribute("aria-pressed", "true")
        expect(page.get_by_role("img", name="of the last 7 days").first).to_be_visible()
