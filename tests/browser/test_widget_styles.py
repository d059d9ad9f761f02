"""Styles of the host's page and of the widget stay where they belong."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import MARKS
from tests.browser.hosts import HostPage
from tests.browser.pages import PHONE
from tests.browser.rooted import Rooted
from tests.browser.sites import QUESTION, Site, answered, ask, opens

pytestmark = MARKS

HOSTILE = """<style>
html { font-size: 41px; color: hotpink; }
:root { --ink: hotpink; --paper: hotpink; --ground: hotpink; --accent: hotpink;
  --brand: hotpink; --line: hotpink; --rem: 41px; --layer: -7; --round: 9rem;
  --tint: hotpink; --faint: hotpink; }
* { font-family: cursive !important; letter-spacing: 7px !important;
  line-height: 4 !important; text-transform: uppercase !important;
  color: hotpink !important; background: hotpink !important;
  border: 9px dotted lime !important; padding: 31px !important;
  visibility: visible !important; box-sizing: content-box !important;
  word-spacing: 9px !important; text-indent: 40px !important;
  white-space: pre !important; cursor: wait !important; direction: rtl !important;
  --ink: hotpink !important; --rem: 41px !important; --brand: hotpink !important; }
body, body *, frontdesk-widget { zoom: 1.7 !important; opacity: 0.3 !important;
  transform: rotate(9deg) !important; }
div { display: inline-block; width: 11px; height: 11px; float: left; }
frontdesk-widget { display: none !important; pointer-events: none !important;
  filter: blur(9px) !important; position: static !important; contain: strict !important; }
button, textarea, dialog, h2, p, ul, li, article, header { all: unset !important; }
</style>"""
"""What a page may say to every element it has; none of it is meant for ours.

Zoom, opacity and turns of the root element itself are the whole page's, and ours too.
"""

_SEEN = """function () {
  const names = [...getComputedStyle(this.querySelector('.frame'))];
  const told = {};
  for (const [at, one] of [...this.querySelectorAll('*:not(svg *)')].entries()) {
    const style = getComputedStyle(one);
    told[`${one.localName}.${one.getAttribute('class') ?? ''} ${at}`] =
      Object.fromEntries(names.map((name) => [name, style.getPropertyValue(name)]));
  }
  return told;
}"""
"""Every computed property of every element in the root."""

_UNSURE = ("perspective-origin", "transform-origin", "animation")
"""Properties that follow from a fraction of a pixel, or from the moment."""


def seen(page: Page, widget: Rooted) -> dict[str, dict[str, Any]]:
    """Return how the opened panel looks, once it stands still."""
    opens(widget)
    ask(widget, QUESTION)
    answered(widget)
    page.mouse.move(1, 1)
    page.wait_for_timeout(700)
    found: dict[str, dict[str, Any]] = widget.run(_SEEN)
    return {
        element: {
            name: value for name, value in style.items() if not name.startswith(_UNSURE)
        }
        for element, style in found.items()
    }


def differences(
    plain: dict[str, dict[str, Any]], other: dict[str, dict[str, Any]]
) -> list[str]:
    """Return what differs, as "element property: one -> other"."""
    return [
        f"{element} {name}: {value} -> {other[element].get(name)}"
        for element, style in plain.items()
        for name, value in style.items()
        if other.get(element, {}).get(name) != value
    ]


@pytest.mark.parametrize("narrow", [False, True], ids=["desktop", "phone"])
def test_no_style_of_the_page_reaches_the_widget(
    browser: Browser, shop: Site, narrow: bool
) -> None:
    options: dict[str, Any] = {"size": PHONE} if narrow else {}
    with shop.visit(browser, **options) as (page, widget):
        plain = seen(page, widget)
    with shop.visit(browser, head=HOSTILE, **options) as (page, widget):
        hostile = seen(page, widget)
        # The page is as its styles say; the widget is not.
        assert page.evaluate("getComputedStyle(document.body).opacity") == "0.3"

    assert len(plain) > 40
    assert plain.keys() == hostile.keys()
    assert differences(plain, hostile) == []


_PAGE = """() => [document.documentElement, ...document.querySelectorAll('body, body *')]
  .map((one) => [one.tagName, one.getBoundingClientRect().toJSON(),
    Object.fromEntries([...getComputedStyle(one)].map((name) =>
      [name, getComputedStyle(one).getPropertyValue(name)])),
    [...one.attributes].map((a) => a.name + a.value)])"""
"""Place, style and attributes of every element of the page."""

CAREFUL = HostPage(
    head="<title>A shop</title><style>body > :last-child { color: rgb(1, 2, 3); }"
    " body { display: grid; gap: 1rem; } .panel, .launcher, .frame, button {"
    " border: 3px solid rgb(4, 5, 6); } p:only-of-type { margin: 40px }</style>",
    body="<h1 class='frame'>A shop</h1><p class='panel'>Sensors.</p>"
    "<button class='launcher'>Buy</button><dialog open class='panel'>Sale</dialog>",
)


def test_no_style_of_the_widget_reaches_the_page(browser: Browser, shop: Site) -> None:
    given: dict[str, Any] = {"head": CAREFUL.head, "body": CAREFUL.body}
    with shop.visit(browser, tag="<script></script>", **given) as (page, _):
        alone = page.evaluate(_PAGE)
    with shop.visit(browser, **given) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        beside = page.evaluate(_PAGE)
        assert page.evaluate("document.adoptedStyleSheets.length") == 0
        assert page.evaluate("document.styleSheets.length") == 1

    # The tag that embeds the widget is the page's own.
    alone, beside = ([e for e in page if e[0] != "SCRIPT"] for page in (alone, beside))
    assert len(alone) == len(beside)
    for one, other in zip(alone, beside, strict=True):
        assert one == other, one[0]


def test_letters_are_as_large_as_the_reader_chose_and_not_as_the_page_did(
    browser: Browser, shop: Site
) -> None:
    head = "<title>A shop</title><style>html { font-size: 62.5%; }</style>"
    size = "function () { return getComputedStyle(this.querySelector('textarea')).fontSize; }"
    with shop.visit(browser, head=head) as (_, widget):
        opens(widget)
        assert widget.run(size) == "16px"


def test_colour_layer_and_side_are_the_ones_the_page_wants(
    browser: Browser, shop: Site
) -> None:
    attributes = {
        "data_colour": "#7c3aed",
        "data_z_index": "41",
        "data_position": "bottom-start",
        "data_theme": "dark",
        "data_title": "Ask Ostrel",
        "data_greeting": "Hello from the shop",
    }
    with shop.visit(browser, attributes=attributes) as (_, widget):
        opens(widget)
        told = widget.run(
            "function () { const button = this.querySelector('.launcher');"
            " const {left} = button.getBoundingClientRect();"
            " const style = getComputedStyle(button);"
            " const panel = getComputedStyle(this.querySelector('.panel'));"
            " return [left < 60, style.zIndex, panel.colorScheme,"
            " style.backgroundColor]; }"
        )
        assert told[:3] == [True, "41", "dark"]
        # Some violet, light enough for a dark page.
        assert told[3].startswith("oklch(0.78")
        assert widget.text(".head h2") == "Ask Ostrel"
        assert widget.text(".hello") == "Hello from the shop"
