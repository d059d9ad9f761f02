"""The widget by keyboard, by screen reader, on a phone, by night, in other languages."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import MARKS
from tests.browser.pages import (
    DESKTOP,
    PHONE,
    SCHEMES,
    SIZES,
    Scheme,
    Size,
    overflow,
    violations,
)
from tests.browser.rooted import Rooted
from tests.browser.sites import (
    QUESTION,
    UNKNOWN,
    Site,
    answered,
    ask,
    heard,
    opens,
    site,
)

pytestmark = MARKS

FIRST = "How do I reset the hub?|How long does a battery last?"

OPENED = """{
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    return attach.call(this, {...init, mode: "open"});
  };
}"""
"""Makes this browser's roots open ones, so that axe sees what is in them."""

MAIN = "<main><h1>A shop</h1><p>Sensors, and what belongs to them.</p></main>"


@pytest.fixture(scope="module")
def shop(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    own = tmp_path_factory.mktemp("widget")
    with site(sample_home, own, PAGE_QUESTIONS=FIRST) as found:
        yield found


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_wrong_in_any_state_of_the_panel(
    browser: Browser, shop: Site, size: Size, scheme: Scheme
) -> None:
    head = '<title>A shop</title><meta name="color-scheme" content="light dark">'
    with shop.visit(browser, size=size, scheme=scheme, body=MAIN, head=head) as (
        page,
        _,
    ):
        page.add_init_script(OPENED)
        page.reload()
        page.get_by_role("button", name="Open the help chat").click()
        field = page.get_by_label("Your question", exact=True)
        field.wait_for()
        found = {"greeting": violations(page)}
        field.fill(QUESTION)
        field.press("Enter")
        page.get_by_role("button", name="This helped").click()
        found["answer"] = violations(page)
        page.get_by_role("button", name="Source 1").first.click()
        page.locator(".source .cited").wait_for()
        found["source"] = violations(page)
        page.keyboard.press("Escape")
        field.fill(UNKNOWN)
        field.press("Enter")
        page.get_by_role("button", name="Ask a person").click()
        page.locator(".handoff-message textarea").wait_for()
        found["handoff"] = violations(page)
        assert overflow(page) == 0

    assert {state: broken for state, broken in found.items() if broken} == {}


def test_everything_is_done_with_the_keyboard(browser: Browser, shop: Site) -> None:
    body = MAIN + '<p><a id="before" href="#x">Before</a></p>'
    with shop.visit(browser, body=body) as (page, widget):
        widget.until("function () { return !!this.querySelector('.launcher'); }")
        page.focus("#before")
        reach(page, widget, "Open the help chat")
        page.keyboard.press("Enter")
        widget.until("function () { return this.activeElement?.matches('textarea'); }")
        ask(widget, QUESTION)
        answered(widget)

        reach(page, widget, "Source 1", backwards=True)
        page.keyboard.press("Enter")
        widget.until("function () { return !!this.querySelector('.source .cited'); }")
        page.keyboard.press("Escape")
        widget.until("function () { return !this.querySelector('.source'); }")
        assert widget.focused().startswith("Source 1")

        reach(page, widget, "This did not help")
        page.keyboard.press("Space")
        widget.until(
            "function () { return this.activeElement?.matches('.comment *'); }"
        )
        page.keyboard.type("It is about the old model.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        widget.until_text(".actions .said", "Thank you")

        page.keyboard.press("Escape")
        assert widget.focused() == "Open the help chat"
        # The rating, its comment and the end may be told in any order.
        page.wait_for_function("window.heard.length >= 6")
        assert sorted(heard(page)[3:]) == ["close", "feedback", "feedback"]


def reach(page: Page, widget: Rooted, name: str, *, backwards: bool = False) -> None:
    """Go on with the Tab key until what is called `name` has the focus."""
    for _ in range(40):
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if widget.focused().startswith(name):
            return
    raise AssertionError(f"{name} is not reached")


def test_focus_goes_back_to_where_the_page_had_it(browser: Browser, shop: Site) -> None:
    body = '<button id="ours" onclick="frontdesk.open()">Help</button>'
    attributes = {"data_button": "off"}
    with shop.visit(browser, body=body, attributes=attributes) as (page, widget):
        page.wait_for_selector("frontdesk-widget", state="attached")
        assert widget.count(".launcher") == 0
        page.click("#ours")
        widget.until("function () { return this.activeElement?.matches('textarea'); }")
        page.keyboard.press("Escape")

        assert page.evaluate("document.activeElement.id") == "ours"


def test_beside_the_page_it_is_a_dialog_that_leaves_the_page_usable(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser, body=MAIN + '<input id="own">') as (page, widget):
        opens(widget)
        assert "dialog \"Ostrel help: help chat\" {'modal': False}" in widget.tree()
        page.fill("#own", "typed beside it")
        page.focus("#own")
        page.keyboard.press("Escape")

        assert widget.run("function () { return this.querySelector('.panel').open; }")


def test_on_a_phone_it_is_a_modal_dialog_over_the_whole_screen(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser, size=PHONE, body=MAIN + '<input id="own">') as (
        page,
        widget,
    ):
        opens(widget)
        assert "dialog \"Ostrel help: help chat\" {'modal': True}" in widget.tree()
        box = (
            "function () { const b = this.querySelector('.panel').getBoundingClientRect();"
            " return [b.x, b.y, b.width, b.height]; }"
        )
        page.wait_for_timeout(400)
        assert widget.run(box) == [0, 0, PHONE.width, PHONE.height]
        for _ in range(30):
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.id") != "own"

        # Turned and drawn wide, it stands beside the page again, with what was said.
        widget.click("textarea")
        page.keyboard.type("Half a question")
        page.set_viewport_size({"width": 1280, "height": 800})
        widget.until(
            "function () { return !this.querySelector('.panel').matches(':modal'); }"
        )
        assert widget.run(
            "function () { return this.querySelector('textarea').value; }"
        ) == ("Half a question")
        assert widget.focused() == "Your question"
        page.keyboard.press("Escape")
        assert widget.focused() == "Open the help chat"


def test_words_typed_in_the_widget_are_no_shortcuts_of_the_page(
    browser: Browser, shop: Site
) -> None:
    body = (
        MAIN
        + "<input id='search'><script>document.addEventListener('keydown', (event) =>"
        " { if (event.target.localName !== 'input') document.getElementById('search')"
        ".focus(); })</script>"
    )
    with shop.visit(browser, body=body) as (page, widget):
        opens(widget)
        page.keyboard.type("/search for pins")

        assert widget.run(
            "function () { return this.querySelector('textarea').value; }"
        ) == ("/search for pins")
        assert page.evaluate("document.activeElement.localName") == "frontdesk-widget"


def test_who_wants_less_motion_has_none(browser: Browser, shop: Site) -> None:
    moved = (
        "function () { return [...this.querySelectorAll('*')].flatMap((one) => {"
        " const s = getComputedStyle(one);"
        " return [...s.animationDuration.split(','), ...s.transitionDuration.split(',')]"
        ".map(parseFloat).filter((seconds) => seconds > 0.001); }).length; }"
    )
    with shop.visit(browser) as (_, widget):
        opens(widget)
        assert widget.run(moved) > 0
    with shop.visit(browser, reduced_motion="reduce") as (_, widget):
        opens(widget)
        assert widget.run(moved) == 0


LANGUAGES: dict[str, tuple[dict[str, Any], dict[str, str], str, str]] = {
    "the attribute's": (
        {"locale": "en-GB"},
        {"data_language": "de-AT"},
        "Ihre Frage",
        "ltr",
    ),
    "the page's": ({"locale": "en-GB"}, {}, "سؤالك", "rtl"),
    "the browser's": ({"locale": "de-DE"}, {}, "Ihre Frage", "ltr"),
}


@pytest.mark.parametrize("whose", LANGUAGES)
def test_it_speaks_the_language_that_is_nearest(
    browser: Browser, shop: Site, whose: str
) -> None:
    options, attributes, name, direction = LANGUAGES[whose]
    own = {"the page's": "ar", "the browser's": ""}.get(whose, "en")
    body = f"<script>document.documentElement.lang = '{own}'</script>" + MAIN
    with shop.visit(browser, body=body, attributes=attributes, **options) as (
        _,
        widget,
    ):
        opens(widget)

        assert widget.focused() == name
        assert (
            widget.run(
                "function () { return getComputedStyle(this.querySelector('.panel')).direction; }"
            )
            == direction
        )
        ask(widget, QUESTION)
        answered(widget)


@pytest.mark.parametrize("size", [Size(360, 640, touch=True), Size(640, 400), DESKTOP])
def test_nothing_is_wider_than_the_screen(
    browser: Browser, shop: Site, size: Size
) -> None:
    wide = (
        "function () { return [...this.querySelectorAll('.panel, .log, .source, .composer')]"
        ".filter((one) => one.scrollWidth > one.clientWidth + 1)"
        ".map((one) => one.className); }"
    )
    with shop.visit(browser, size=size) as (page, widget):
        opens(widget)
        assert widget.run(wide) == []
        ask(widget, QUESTION + " " + "W" * 90)
        answered(widget)
        assert widget.run(wide) == []
        assert overflow(page) == 0
