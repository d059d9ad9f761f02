"""Who cannot see, point or hear well uses the chat page: axe, and the keyboard alone."""

from collections.abc import Iterator
from itertools import product

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import KNOWN, UNKNOWN, ask, set_up, settled
from tests.browser.chromium import MARKS
from tests.browser.pages import (
    SCHEMES,
    SIZES,
    Scheme,
    Size,
    opened,
    overflow,
    violations,
)

pytestmark = MARKS

LOOKS = list(product(SIZES, SCHEMES))
NAMES = [f"{'phone' if size.touch else 'desktop'}-{scheme}" for size, scheme in LOOKS]


@pytest.fixture(params=LOOKS, ids=NAMES)
def page(
    browser: Browser, address: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    size: Size
    scheme: Scheme
    size, scheme = request.param
    with opened(
        browser, "", size=size, scheme=scheme, hosts=(address,),
        expected=("ERR_INTERNET_DISCONNECTED", "ERR_FAILED"),
    ) as page:  # fmt: skip
        set_up(page, questions=[KNOWN, UNKNOWN], handoff="mailto:help@example.com")
        page.goto(address)
        yield page


def test_no_state_of_the_page_breaks_a_rule(page: Page) -> None:
    broken: dict[str, list[str]] = {}

    def look(state: str) -> None:
        broken[state] = violations(page)
        assert overflow(page) == 0, state

    expect(page.get_by_role("button", name=KNOWN)).to_be_visible()
    look("empty")
    ask(page, KNOWN)
    look("answer")
    page.locator(".answer .cite").last.click()
    page.locator(".source .cited").first.wait_for()
    look("source")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="This did not help").click()
    look("comment")
    ask(page, UNKNOWN)
    page.get_by_role("button", name="Ask a person").click()
    look("unknown")
    page.get_by_role("button", name="Edit the question").last.click()
    look("editing")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Settings").click()
    look("menu")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Show conversations").click()
    page.locator(".conversation").first.hover()
    page.locator(".conversation").first.locator(".icon-button").last.click()
    page.get_by_role("group", name="for good").wait_for()
    look("conversations")
    page.keyboard.press("Escape")
    page.locator(".conversations > header button").click()
    page.context.set_offline(True)
    expect(page.get_by_text("You are offline.").first).to_be_visible()
    page.get_by_label("Your question", exact=True).fill(KNOWN)
    page.keyboard.press("Enter")
    expect(page.locator(".failure")).to_be_visible()
    look("offline")

    assert {state: found for state, found in broken.items() if found} == {}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("colour", ["#ffe600", "#1a0033", "#808080"])
def test_any_colour_of_a_company_can_be_read(
    browser: Browser, address: str, scheme: Scheme, colour: str
) -> None:
    with opened(browser, "", scheme=scheme, hosts=(address,)) as page:
        set_up(page, colour=colour, questions=[KNOWN])
        page.goto(address)
        page.get_by_role("button", name=KNOWN).click()
        page.locator(".chip").first.wait_for()
        settled(page)

        assert violations(page) == []


def test_everything_is_done_without_a_mouse(browser: Browser, address: str) -> None:
    with opened(browser, "", hosts=(address,)) as page:
        set_up(page, questions=[KNOWN], handoff="mailto:help@example.com")
        page.goto(address)
        press = page.keyboard.press
        expect(page.get_by_role("button", name=KNOWN)).to_be_visible()

        press("Tab")
        expect(page.get_by_role("button", name="Skip to the question")).to_be_focused()
        press("Enter")
        field = page.get_by_label("Your question", exact=True)
        expect(field).to_be_focused()
        page.keyboard.type("How long do I hold the pin button")
        press("Shift+Enter")
        page.keyboard.type("for a factory reset?")
        assert "\n" in field.input_value()
        press("Enter")
        settled(page)

        cite = page.locator(".answer .cite").first
        for _ in range(40):
            if cite.evaluate("e => e === document.activeElement"):
                break
            press("Shift+Tab")
        expect(cite).to_be_focused()
        expect(page.get_by_role("tooltip")).to_be_visible()
        press("Enter")
        expect(page.locator(".source h2")).to_be_focused()
        press("Tab")
        expect(page.locator(".source .icon-button")).to_be_focused()
        press("Enter")
        expect(cite).to_be_focused()

        press("/")
        expect(field).to_be_focused()
        press("ArrowUp")
        edited = page.get_by_role("textbox", name="Edit the question")
        expect(edited).to_be_focused()
        press("Escape")
        expect(edited).to_have_count(0)
        expect(field).to_be_focused()


def test_the_keys_of_an_input_method_send_nothing(
    browser: Browser, address: str
) -> None:
    with opened(browser, "", hosts=(address,)) as page:
        set_up(page, questions=[KNOWN])
        page.goto(address)
        field = page.get_by_label("Your question", exact=True)
        field.fill("リセット")
        field.evaluate(
            """(field) => field.dispatchEvent(new KeyboardEvent('keydown',
              { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))"""
        )

        expect(field).to_have_value("リセット")
        expect(page.locator(".exchange")).to_have_count(0)


def test_a_search_for_a_word_of_the_page_is_not_taken_for_a_key(
    browser: Browser, address: str
) -> None:
    with opened(browser, "", hosts=(address,)) as page:
        set_up(page, questions=[KNOWN])
        page.goto(address)
        field = page.get_by_label("Your question", exact=True)
        field.fill("and")
        field.press("/")

        expect(field).to_have_value("and/")


def test_forced_colours_and_reduced_motion_keep_the_page_usable(
    browser: Browser, address: str
) -> None:
    with opened(
        browser, "", hosts=(address,), forced_colors="active", reduced_motion="reduce"
    ) as page:
        set_up(page, questions=[KNOWN])
        page.goto(address)
        page.get_by_role("button", name=KNOWN).click()
        page.locator(".chip").first.wait_for()
        page.locator(".answer .cite").last.click()

        expect(page.locator(".source .cited").first).to_be_in_viewport()
        border = "e => getComputedStyle(e).borderStyle"
        assert page.locator(".chip").first.evaluate(border) == "solid"
