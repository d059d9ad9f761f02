"""The desk as a whole, in a real browser: sections, languages, keyboard, lost lines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import MARKS
from tests.browser.desks import desk
from tests.browser.pages import DESKTOP, PHONE, SCHEMES, Scheme, overflow, violations
from tests.service import service

pytestmark = MARKS

SECTIONS = ("documents", "answer", "insights", "editions", "keys")


@pytest.fixture(scope="module")
def address(sample_home: Path, own: dict[str, str]) -> Iterator[str]:
    look = {"PAGE_NAME": "Ostrel", "PAGE_COLOUR": "#7a1fa2"}
    with service(sample_home, **own, **look) as address:
        yield address


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_section_is_sound_on_a_phone_and_a_narrow_one(
    browser: Browser, address: str, scheme: Scheme
) -> None:
    with desk(browser, address, "documents", size=PHONE, scheme=scheme) as page:
        expect(page).to_have_title("Ostrel desk")
        for section in SECTIONS:
            page.locator(f"nav a[href='#{section}']").click()
            expect(page.locator("nav a[aria-current=page]")).to_have_count(1)
            expect(page.locator(".loading")).to_have_count(0)
            assert violations(page) == []
            for width in (390, 360):
                page.set_viewport_size({"width": width, "height": 844})
                assert overflow(page) == 0


@pytest.mark.parametrize(
    ("locale", "direction", "documents"),
    [("de-AT", "ltr", "Dokumente"), ("ar-EG", "rtl", "الوثائق")],
)
def test_the_desk_speaks_the_browsers_language(
    browser: Browser, address: str, locale: str, direction: str, documents: str
) -> None:
    with desk(browser, address, "documents", locale=locale) as page:
        expect(page.get_by_role("heading", level=1)).to_have_text(documents)
        expect(page.locator("html")).to_have_attribute("dir", direction)
        for section in SECTIONS:
            page.locator(f"nav a[href='#{section}']").click()
            expect(page.locator(".loading")).to_have_count(0)
            assert violations(page) == []
            assert overflow(page) == 0


def test_sections_are_reached_by_keyboard_and_the_focus_follows(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, "documents") as page:
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        page.get_by_role("link", name="Editions").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Editions")).to_be_visible()
        expect(page.get_by_role("main")).to_be_focused()
        page.go_back()
        expect(page.get_by_role("heading", name="Documents").first).to_be_visible()


def test_a_lost_line_is_told_and_what_was_typed_stays(
    browser: Browser, address: str
) -> None:
    expected = ("ERR_INTERNET_DISCONNECTED",)
    with desk(browser, address, "answer", expected=expected) as page:
        page.get_by_label("Question", exact=True).fill("How do I reset the hub?")
        page.context.set_offline(True)
        expect(page.locator(".offline")).to_contain_text("You are offline.")
        page.keyboard.press("Enter")
        expect(page.locator(".trouble")).to_contain_text("Check your connection")
        assert violations(page) == []
        page.context.set_offline(False)
        expect(page.locator(".offline")).to_have_count(0)
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".stations")).to_be_visible(timeout=30_000)


def test_light_and_dark_are_chosen_and_kept(browser: Browser, address: str) -> None:
    with desk(browser, address, "keys", size=DESKTOP) as page:
        page.get_by_role("button", name="Switch to dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.get_by_role("button", name="Switch to light")).to_be_visible()
        assert violations(page) == []
