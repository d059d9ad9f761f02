"""The chat page of a service with keys: it asks for one, keeps it, and shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.chromium import MARKS, chromium
from tests.keys import make_key
from tests.service import service

pytestmark = MARKS

QUESTION = "How long do I hold the pin button for a factory reset?"


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}


@pytest.fixture
def key(sample_home: Path, own: dict[str, str]) -> str:
    return make_key(sample_home, **own)


@pytest.fixture
def page(sample_home: Path, own: dict[str, str], key: str) -> Iterator[Page]:
    with service(sample_home, **own) as address, chromium() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.goto(address)
        yield opened


def enter(page: Page, key: str) -> None:
    page.locator("#key").fill(key)
    page.keyboard.press("Enter")


def test_the_page_asks_for_a_key_and_then_asks_the_question(
    page: Page, key: str
) -> None:
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#key")).to_be_focused()
    expect(page.locator("#door")).to_contain_text("needs a key")
    expect(page.locator(".note")).to_have_count(0)

    enter(page, "rk_wrong")
    expect(page.locator(".note").last).to_contain_text("not valid")
    enter(page, key)

    expect(page.locator(".answer .text").last).to_contain_text("30 seconds")
    expect(page.locator("#door")).to_be_hidden()
    expect(page.locator(".asked")).to_have_count(1)
    page.locator(".answer .cite").first.click()
    expect(page.locator("#place-text .cited")).to_be_in_viewport()
    expect(page.locator("#place-link")).to_be_hidden()


def test_a_key_is_kept_by_the_tab_and_is_nowhere_in_the_page(
    page: Page, key: str
) -> None:
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")
    enter(page, key)
    expect(page.locator(".answer .text").last).to_contain_text("30 seconds")

    page.reload()
    page.get_by_label("Your question").fill(QUESTION)
    page.keyboard.press("Enter")

    expect(page.locator(".answer .text").last).to_contain_text("30 seconds")
    assert key not in page.content() + page.url
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.cookie") == ""
