"""Conversations that are kept: listed, found, opened again, renamed, deleted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import KNOWN, SUGGESTIONS, ask, settled
from tests.browser.chromium import MARKS
from tests.browser.pages import SIZES, Size, opened, overflow
from tests.service import service

pytestmark = MARKS

OTHER = "How many sensors can one hub hold?"


@pytest.fixture(params=SIZES, ids=["desktop", "phone"])
def page(
    browser: Browser,
    sample_home: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> Iterator[Page]:
    size: Size = request.param
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}
    with (
        service(sample_home, **own) as address,
        opened(browser, address, size=size, expected=(SUGGESTIONS,)) as page,
    ):
        yield page


def show_list(page: Page) -> None:
    page.get_by_role("button", name="Show conversations").click()
    expect(page.get_by_label("Search conversations")).to_be_focused()


def test_a_conversation_is_reloaded_left_found_and_opened(page: Page) -> None:
    ask(page, KNOWN)
    first = page.url
    assert "/#c=conv_" in first
    page.reload()
    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    page.locator(".answer .cite").last.click()
    expect(page.locator(".source .cited").first).to_be_in_viewport()
    page.keyboard.press("Escape")

    page.get_by_role("button", name="New conversation").first.click()
    expect(page.locator(".exchange")).to_have_count(0)
    assert "#" not in page.url
    ask(page, OTHER)
    second = page.url
    assert second != first

    show_list(page)
    rows = page.locator(".conversation a")
    expect(rows).to_have_text([OTHER, KNOWN])
    expect(rows.first).to_have_attribute("aria-current", "page")
    assert overflow(page) == 0
    page.get_by_label("Search conversations").fill("PIN button")
    expect(rows).to_have_text([KNOWN])
    page.get_by_label("Search conversations").fill("zebra")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.get_by_label("Search conversations").fill("")
    rows.filter(has_text=KNOWN).click()
    expect(page.locator(".asked h2")).to_contain_text(KNOWN)
    assert page.url == first

    page.go_back()
    expect(page.locator(".asked h2")).to_contain_text(OTHER)
    assert page.url == second


def test_a_conversation_goes_on_where_it_was_left(page: Page) -> None:
    ask(page, KNOWN)
    page.reload()
    expect(page.locator(".exchange")).to_have_count(1)
    ask(page, "What is lost by that?")

    page.reload()
    expect(page.locator(".exchange")).to_have_count(2)


def test_a_conversation_is_renamed_and_deleted(page: Page) -> None:
    ask(page, KNOWN)
    show_list(page)
    row = page.locator(".conversation").first
    row.hover()
    page.get_by_role("button", name=f"Rename “{KNOWN}”").click()
    field = page.get_by_label("Title")
    expect(field).to_be_focused()
    field.fill("Reset")
    field.press("Enter")
    expect(page.locator(".conversation a")).to_have_text("Reset")

    row.hover()
    page.get_by_role("button", name="Delete “Reset”").click()
    expect(page.get_by_role("group", name="for good")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("group", name="for good")).to_have_count(0)
    expect(page.locator(".conversation a")).to_have_text("Reset")

    row.hover()
    page.get_by_role("button", name="Delete “Reset”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.locator(".exchange")).to_have_count(0)
    assert "#" not in page.url
    page.reload()
    settled(page)
    expect(page.locator(".exchange")).to_have_count(0)


def test_the_list_is_read_page_by_page(page: Page) -> None:
    page.evaluate(
        """async () => {
          for (let at = 0; at < 33; at += 1) {
            await fetch("/v1/conversations", {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify({ title: `Talk ${at}` }),
            });
          }
        }"""
    )
    show_list(page)
    expect(page.locator(".conversation")).to_have_count(30)
    page.get_by_role("button", name="Show more").click()

    expect(page.locator(".conversation")).to_have_count(33)
    expect(page.locator(".conversation a").last).to_have_text("Talk 0")
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
