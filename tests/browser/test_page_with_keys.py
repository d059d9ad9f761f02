"""The chat page of a service with keys: it asks for one, keeps it, and shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.asking import KNOWN, ask, set_up, settled
from tests.browser.chromium import MARKS
from tests.browser.pages import opened, violations
from tests.keys import make_key
from tests.service import service

pytestmark = MARKS

REFUSED = ("status of 401",)
"""A browser tells every request that was refused."""


@pytest.fixture(scope="module")
def key(sample_home: Path, own: dict[str, str]) -> str:
    return make_key(sample_home, **own)


@pytest.fixture(scope="module")
def address(sample_home: Path, own: dict[str, str], key: str) -> Iterator[str]:
    assert key
    with service(sample_home, **own) as found:
        yield found


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with opened(browser, "", hosts=(address,), expected=REFUSED) as page:
        set_up(page, access="keys", questions=[KNOWN])
        page.goto(address)
        yield page


def enter(page: Page, key: str) -> None:
    page.get_by_label("Key", exact=True).fill(key)
    page.keyboard.press("Enter")


def test_the_page_asks_for_a_key_before_anything_else(page: Page, key: str) -> None:
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.get_by_role("heading", name="needs a key")).to_be_visible()
    expect(page.get_by_role("button", name=KNOWN)).to_have_count(0)
    assert violations(page) == []

    enter(page, "fd_wrong")
    expect(page.get_by_role("alert")).to_contain_text("does not accept this key")
    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    enter(page, key)

    expect(page.get_by_label("Key", exact=True)).to_have_count(0)
    page.get_by_role("button", name=KNOWN).click()
    expect(page.locator(".answer .text")).to_contain_text("30 seconds")


def test_a_key_that_ran_out_is_asked_for_and_the_question_goes_on(
    browser: Browser, address: str, key: str
) -> None:
    with opened(browser, "", hosts=(address,), expected=REFUSED) as page:
        set_up(page, access="open", questions=[KNOWN])
        page.goto(address)
        page.get_by_role("button", name=KNOWN).click()
        expect(page.locator(".failure")).to_contain_text("needs a key")
        enter(page, key)

        expect(page.locator(".answer .text")).to_contain_text("30 seconds")
        expect(page.locator(".failure")).to_have_count(0)
        expect(page.locator(".exchange")).to_have_count(1)


def test_a_question_typed_while_the_key_is_tried_goes_out_with_it(
    page: Page, key: str
) -> None:
    trying: list[Route] = []
    page.route("**/v1/models", lambda route: trying.append(route))  # noqa: PLW0108
    with page.expect_request("**/v1/models"):
        enter(page, key)
    field = page.get_by_label("Your question", exact=True)
    field.fill(KNOWN)
    field.press("Enter")

    expect(page.get_by_text("Sent in a moment")).to_be_visible()
    expect(page.locator(".exchange")).to_have_count(0)
    while not trying:
        page.wait_for_timeout(20)
    trying[0].continue_()

    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    expect(field).to_have_value("")
    expect(page.locator(".exchange")).to_have_count(1)


def test_a_source_is_shown_but_no_link_carries_the_key(page: Page, key: str) -> None:
    enter(page, key)
    ask(page, KNOWN)
    page.get_by_role("button", name="data sheet").last.click()

    expect(page.locator(".source .cited").first).to_be_in_viewport()
    expect(page.locator(".source").get_by_role("link")).to_have_count(0)


def test_a_key_is_kept_by_the_tab_and_is_nowhere_in_the_page(
    page: Page, key: str
) -> None:
    enter(page, key)
    ask(page, KNOWN)
    expect(page.locator(".answer .text").last).to_contain_text("30 seconds")

    page.reload()
    settled(page)

    expect(page.locator(".answer .text").last).to_contain_text("30 seconds")
    assert key not in page.content() + page.url
    assert page.evaluate("localStorage.length") == 0
    assert page.evaluate("document.cookie") == ""


def test_another_key_can_be_used(page: Page, key: str) -> None:
    enter(page, key)
    ask(page, KNOWN)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("button", name="Use another key").click()

    expect(page.get_by_label("Key", exact=True)).to_be_focused()
    expect(page.locator(".exchange")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0
