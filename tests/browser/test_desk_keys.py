"""Keys on the desk, in a real browser: the first one, who may do what, the door."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import MARKS
from tests.browser.desks import ask, desk, enter
from tests.browser.pages import PHONE, SIZES, Size, overflow, violations
from tests.keys import make_key
from tests.service import service

pytestmark = MARKS


@pytest.fixture(scope="module")
def holders(sample_home: Path, own: dict[str, str]) -> dict[str, str]:
    """Keys by what they may do, made before the service starts."""
    return {
        scope: make_key(sample_home, "--name", f"a {scope}", "--scope", scope, **own)
        for scope in ("admin", "chat", "insights")
    }


@pytest.fixture(scope="module")
def address(
    sample_home: Path, own: dict[str, str], holders: dict[str, str]
) -> Iterator[str]:
    with service(sample_home, **own) as address:
        yield address


@pytest.fixture
def admin(holders: dict[str, str]) -> str:
    return holders["admin"]


def new_key(page: Page, name: str) -> None:
    page.get_by_role("button", name="New key").click()
    page.get_by_label("Name").fill(name)


def told(page: Page) -> str:
    """Return the key that is shown this once."""
    return page.locator(".secret code").first.inner_text()


def test_the_first_key_closes_the_service_and_the_desk_goes_on_with_it(
    browser: Browser, sample_home: Path, tmp_path: Path
) -> None:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}
    with (
        service(sample_home, **own) as address,
        desk(browser, address, "keys", expected=("401",)) as page,
    ):
        expect(page.get_by_text("There are no keys yet.")).to_be_visible()
        assert violations(page) == []
        new_key(page, "desk")
        expect(page.get_by_role("dialog")).to_contain_text("This is the first key.")
        assert violations(page) == []
        page.get_by_role("button", name="Make the key").click()
        expect(page.locator(".secret code")).to_contain_text("rk_")
        page.keyboard.press("Escape")
        assert told(page).startswith("rk_")
        page.get_by_role("button", name="Use it on this desk").click()

        expect(page.locator("table.keys tbody tr")).to_have_count(1)
        assert page.evaluate("localStorage.length") == 0


def test_a_widgets_key_comes_with_the_line_for_its_page(
    browser: Browser, admin: str, address: str
) -> None:
    with desk(browser, address, "keys", key=admin, expected=("400",)) as page:
        new_key(page, "site")
        page.get_by_label("Widget").check()
        page.get_by_label("Pages").fill("https://www.example.com/shop")
        page.get_by_role("button", name="Make the key").click()
        # What is wrong is said, and what was typed stays.
        expect(page.locator(".trouble")).to_contain_text("is no origin")
        expect(page.get_by_label("Name")).to_have_value("site")
        page.get_by_label("Pages").fill("https://www.example.com")
        page.get_by_role("button", name="Make the key").click()

        snippet = page.locator(".secret code").nth(1)
        expect(snippet).to_contain_text(f'src="{address}/widget.js"')
        expect(snippet).to_contain_text('data-key="wk_')
        page.get_by_role("button", name="I have copied it").click()
        expect(page.locator("table.keys")).to_contain_text("https://www.example.com")


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_key_is_rotated_and_revoked_after_it_was_asked_for_twice(
    browser: Browser, admin: str, address: str, size: Size
) -> None:
    name = f"shop {size.width}"
    ask(address, "/v1/keys", {"name": name}, key=admin)
    with desk(browser, address, "keys", key=admin, size=size) as page:
        lines = page.locator("table.keys tbody tr").filter(has_text=name)
        expect(lines).to_have_count(1)
        assert violations(page) == []
        assert overflow(page) == 0
        page.get_by_role("button", name=f"Rotate {name}").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("The old one works for").select_option("24")
        dialog.get_by_role("button", name="Rotate").click()
        expect(page.locator(".secret code")).to_contain_text("rk_")
        page.get_by_role("button", name="I have copied it").click()
        expect(page.get_by_text("takes over from an earlier key")).to_be_visible()

        revoke = page.get_by_role("button", name=f"Revoke {name}").first
        revoke.click()
        expect(dialog).to_contain_text(f"Revoke “{name}”?")
        page.keyboard.press("Escape")
        expect(revoke).to_be_focused()
        revoke.click()
        dialog.get_by_role("button", name="Revoke").click()
        expect(page.get_by_text(f"“{name}” is revoked.")).to_be_visible()
        expect(lines).to_have_count(1)
        page.get_by_text("Also show ended ones").click()
        expect(lines).to_have_count(2)


def test_the_door_says_that_a_key_is_wrong_and_takes_another(
    browser: Browser, admin: str, address: str
) -> None:
    with desk(browser, address, "keys", size=PHONE, expected=("401",)) as page:
        door = page.locator("dialog.door")
        expect(door).to_be_visible()
        assert violations(page) == []
        page.get_by_label("Key", exact=True).fill("rk_wrong")
        page.keyboard.press("Enter")
        expect(door).to_contain_text("This key is not valid any more")
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(door).to_be_visible()
        enter(page, admin)

        expect(page.get_by_role("cell", name="a admin").first).to_be_visible()
        assert admin not in page.content() + page.url
        page.reload()
        expect(page.get_by_role("cell", name="a admin").first).to_be_visible()
        page.get_by_role("button", name="Forget the key").click()
        expect(door).to_be_visible()


@pytest.mark.parametrize(
    ("section", "needed"),
    [
        ("documents", "insights, ingest"),
        ("insights", "insights"),
        ("editions", "insights, ingest"),
        ("keys", "admin"),
    ],
)
def test_what_a_key_may_not_see_is_told_with_what_it_takes(
    browser: Browser, holders: dict[str, str], address: str, section: str, needed: str
) -> None:
    visitor = holders["chat"]
    with desk(browser, address, section, key=visitor, expected=("403",)) as page:
        expect(page.get_by_text("This key may not do that.")).to_be_visible()
        expect(page.get_by_text(f"the scope {needed}.").first).to_be_visible()
        assert violations(page) == []
        page.get_by_role("main").get_by_role("button", name="Enter another key").click()
        expect(page.get_by_label("Key", exact=True)).to_be_focused()


def test_a_key_that_may_only_look_finds_documents_closed(
    browser: Browser, holders: dict[str, str], address: str
) -> None:
    reader = holders["insights"]
    with desk(browser, address, "documents", key=reader, expected=("403",)) as page:
        expect(page.get_by_text("Documents cannot be changed here")).to_be_visible()
        expect(page.get_by_role("button", name="Upload files")).to_have_count(0)
        expect(page.get_by_role("button", name="Delete:")).to_have_count(0)
        expect(page.get_by_text("This key lacks the scope ingest.")).to_be_visible()
        expect(page.get_by_role("button", name="Ingest again")).to_be_disabled()
