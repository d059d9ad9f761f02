"""How the chat page is set up, and what people choose: language, colours, name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.asking import KNOWN, SUGGESTIONS, UNKNOWN
from tests.browser.chromium import MARKS
from tests.browser.pages import PHONE, SIZES, Size, opened, overflow, violations
from tests.service import service

pytestmark = MARKS

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="8"/></svg>'


@pytest.fixture(scope="module")
def address(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("look")
    (folder / "logo.svg").write_text(LOGO, encoding="utf-8")
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'frontdesk.db'}",
        "PAGE_NAME": "Ostrel Help",
        "PAGE_COLOUR": "#7c3aed",
        "PAGE_LOGO": str(folder / "logo.svg"),
        "PAGE_GREETING": "Hello from Ostrel",
        "PAGE_QUESTIONS": f"{KNOWN}|{UNKNOWN}",
        "HANDOFF_URL": "mailto:help@example.com",
    }
    with service(sample_home, **settings) as found:
        yield found


def test_the_page_is_the_companys(browser: Browser, address: str) -> None:
    with opened(browser, address) as page:
        assert page.title() == "Ostrel Help"
        expect(page.get_by_role("heading", level=1)).to_have_text("Ostrel Help")
        expect(page.get_by_role("heading", level=2)).to_have_text("Hello from Ostrel")
        assert page.locator(".brand img").evaluate("e => e.naturalWidth > 0")
        brand = "getComputedStyle(document.documentElement).getPropertyValue('--brand')"
        assert page.evaluate(brand) == "#7c3aed"
        page.get_by_role("button", name=UNKNOWN).click()
        expect(page.get_by_role("button", name="Ask a person")).to_be_visible()
        assert violations(page) == []


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_browsers_language_is_spoken_and_runs_its_way(
    browser: Browser, address: str, size: Size
) -> None:
    with opened(browser, address, size=size, locale="ar") as page:
        assert page.evaluate("document.documentElement.dir") == "rtl"
        assert page.evaluate("document.documentElement.lang") == "ar"
        page.get_by_role("button", name=KNOWN).click()
        page.locator(".chip").first.wait_for()
        page.locator(".answer .cite").last.click()
        page.locator(".source .cited").first.wait_for()
        assert overflow(page) == 0
        assert violations(page) == []
        # English documents keep running their own way.
        text = page.locator(".source .cited p").first
        assert text.evaluate("e => getComputedStyle(e).direction") == "ltr"


def test_a_language_and_colours_are_chosen_and_remembered(
    browser: Browser, address: str
) -> None:
    with opened(browser, address, size=PHONE, scheme="light") as page:
        page.get_by_role("button", name="Settings").click()
        page.get_by_label("Language").select_option("de")
        expect(page.get_by_role("dialog", name="Einstellungen")).to_be_visible()
        page.get_by_label("Dunkel").check()
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(ground)
        page.reload()

        expect(page.get_by_label("Ihre Frage", exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.lang") == "de"
        assert page.evaluate(ground) == dark
        page.get_by_role("button", name="Einstellungen").click()
        page.get_by_label("Wie das System").check()
        assert page.evaluate(ground) != dark
        assert violations(page) == []


def test_a_browser_that_refuses_to_remember_shows_the_page_all_the_same(
    browser: Browser, address: str
) -> None:
    refuse = """for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get() { throw new Error('refused'); } });
    }"""
    with opened(browser, "", hosts=(address,), expected=(SUGGESTIONS,)) as page:
        page.add_init_script(refuse)
        page.goto(address)
        page.get_by_role("button", name=KNOWN).click()
        expect(page.locator(".answer .text")).to_contain_text("30 seconds")
        page.get_by_role("button", name="Settings").click()
        page.get_by_label("Language").select_option("de")
        expect(page.get_by_label("Ihre Frage", exact=True)).to_be_visible()
