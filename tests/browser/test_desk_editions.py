"""Editions on the desk, in a real browser: which answers now, and the way back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import MARKS
from tests.browser.desks import ask, desk, kept, small_home
from tests.browser.pages import SIZES, Size, overflow, violations
from tests.command import frontdesk

pytestmark = MARKS


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = small_home(tmp_path_factory.mktemp("editions"))
    (home / "documents" / "second.md").write_text("# Second\n\nIt came later.\n")
    frontdesk(home, "ingest", str(home / "documents"))
    return home


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with kept(home) as address:
        yield address


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_an_earlier_edition_answers_again_after_it_was_asked_for_twice(
    browser: Browser, address: str, size: Size
) -> None:
    listed = ask(address, "/v1/editions")["data"]
    older = next(one for one in listed if not one["current"])
    with desk(browser, address, "editions", size=size) as page:
        shown = page.locator(".editions > li")
        expect(shown).to_have_count(len(listed))
        expect(page.locator(".editions .current")).to_contain_text("answers now")
        assert violations(page) == []
        assert overflow(page) == 0
        page.get_by_role("button", name=f"Roll back to it {older['name']}").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"Then: {older['name']}")
        expect(dialog.locator("section").last).to_contain_text(str(older["documents"]))
        assert violations(page) == []
        dialog.get_by_role("button", name="Roll back to it").click()

        told = page.get_by_text(f"Edition {older['name']} answers now.")
        expect(told).to_be_visible()
        expect(page.locator(".editions .current h2")).to_contain_text(older["name"])
