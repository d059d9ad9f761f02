"""Documents on the desk, in a real browser: seen, sent, replaced, deleted, taken in."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.chromium import MARKS
from tests.browser.desks import KEPT, UNREADABLE, desk, kept, small_home
from tests.browser.pages import PHONE, SIZES, Size, overflow, violations

pytestmark = MARKS

PATIENCE = 60_000
"""Milliseconds for an ingest on a busy machine."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with kept(small_home(tmp_path_factory.mktemp("desk"))) as address:
        yield address


def markdown(name: str, text: str) -> FilePayload:
    return {"name": name, "mimeType": "text/markdown", "buffer": text.encode()}


def choose(page: Page, *files: FilePayload) -> None:
    page.locator("input[type=file]").first.set_input_files(list(files))


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_every_document_stands_there_with_its_state_and_why_it_failed(
    browser: Browser, address: str, size: Size
) -> None:
    with desk(browser, address, "documents", size=size) as page:
        for path in KEPT:
            shown = page.locator(".documents tbody tr").filter(has_text=path)
            expect(shown.locator(".mark")).to_have_text("indexed")
        broken = page.locator(".documents tbody tr").filter(has_text=UNREADABLE)
        expect(broken.locator(".mark")).to_have_text("failed")
        expect(broken.locator(".reason")).to_be_visible()
        expect(broken.locator(".reason")).not_to_be_empty()
        assert violations(page) == []
        assert overflow(page) == 0


def test_the_list_is_searched_and_narrowed_by_state(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, "documents") as page:
        lines = page.locator(".documents tbody tr")
        page.get_by_role("button", name="failed 1").click()
        expect(lines).to_have_count(1)
        expect(lines).to_contain_text(UNREADABLE)
        page.get_by_label("Search title and path").fill("zzz")
        expect(page.get_by_text("No document matches")).to_be_visible()
        page.get_by_role("button", name="Clear search and filter").click()
        page.get_by_label("Search title and path").fill("mobile")
        expect(lines).to_have_count(1)
        expect(lines).to_contain_text("account/mobile-app.md")


TYPED_AT_ONCE = """async ([first, typed]) => {
  const type = (text) => {
    const field = document.querySelector(".search input");
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (first === "clear") {
    [...document.querySelectorAll("button")]
      .find((button) => button.textContent.includes("Clear search and filter"))
      .click();
    await new Promise((resolve) => setTimeout(resolve));
    type(typed);
  } else {
    type(typed);
    await new Promise((resolve) => setTimeout(resolve));
    [...document.querySelectorAll(".choices button")]
      .find((button) => button.textContent.startsWith(first))
      .click();
  }
}"""
"""Two acts of one hand with no painting between: what a busy machine makes of any."""


def test_what_is_typed_while_the_list_changes_is_searched_for(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, "documents") as page:
        lines = page.locator(".documents tbody tr")
        field = page.get_by_label("Search title and path")
        field.fill("zzz")
        expect(page.get_by_text("No document matches")).to_be_visible()
        page.evaluate(TYPED_AT_ONCE, ["clear", "mobile"])
        expect(lines).to_have_count(1)
        expect(lines).to_contain_text("account/mobile-app.md")
        expect(field).to_have_value("mobile")
        page.evaluate(TYPED_AT_ONCE, ["failed", ""])
        expect(lines).to_have_count(1)
        expect(lines).to_contain_text(UNREADABLE)
        pressed = page.locator(".choices button[aria-pressed=true]")
        expect(pressed).to_have_text("failed 1")


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_file_is_sent_taken_in_and_then_answers(
    browser: Browser, address: str, size: Size
) -> None:
    name = f"kettle-{size.width}.md"
    with desk(browser, address, "documents", size=size) as page:
        page.get_by_label("Into the folder").fill("kitchen")
        choose(page, markdown(name, f"# Kettle {size.width}\n\nIt boils in 90 s.\n"))
        sent = page.locator(".uploads li").filter(has_text=f"kitchen/{name}")
        expect(sent).to_contain_text("sent", timeout=PATIENCE)
        expect(page.get_by_text("The ingest is done.")).to_be_visible(timeout=PATIENCE)

        shown = page.locator(".documents tbody tr").filter(has_text=f"kitchen/{name}")
        expect(shown.locator(".mark")).to_have_text("indexed")
        expect(page.locator(".runs li").first).to_contain_text("1 added")
        shown.get_by_role("button", name=f"Kettle {size.width}").click()
        expect(page.get_by_role("dialog")).to_contain_text("It boils in 90 s.")
        assert violations(page) == []


def test_a_file_that_is_there_is_replaced_only_when_a_person_says_so(
    browser: Browser, address: str
) -> None:
    mine = markdown("lamp.md", "# Lamp\n\nIt is red.\n")
    with desk(browser, address, "documents", expected=("412",)) as page:
        choose(page, mine)
        expect(page.locator(".uploads li")).to_contain_text("sent")
        expect(page.get_by_text("The ingest is done.")).to_be_visible(timeout=PATIENCE)
        page.get_by_role("button", name="Clear the list").click()

        choose(page, markdown("lamp.md", "# Lamp\n\nIt is blue.\n"))
        asked = page.locator(".uploads li")
        expect(asked).to_contain_text("There is one of this name already.")
        assert violations(page) == []
        asked.get_by_role("button", name="Keep the old one").click()
        expect(asked).to_contain_text("the old one stays")
        page.get_by_role("button", name="Clear the list").click()

        choose(page, markdown("lamp.md", "# Lamp\n\nIt is blue.\n"))
        asked.get_by_role("button", name="Replace it").click()
        expect(asked).to_contain_text("sent")
        expect(page.locator(".runs li").first).to_contain_text(
            "1 edited", timeout=PATIENCE
        )


def test_what_cannot_be_read_is_said_before_it_is_sent(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, "documents") as page:
        expect(page.locator(".documents")).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.method))
        choose(
            page,
            {"name": "song.mp3", "mimeType": "audio/mpeg", "buffer": b"ID3"},
            markdown("empty.md", ""),
        )
        song = page.locator(".uploads li").filter(has_text="song.mp3")
        expect(song).to_contain_text("Files that end with .mp3 are not read.")
        expect(song).to_contain_text("What is read: .csv")
        empty = page.locator(".uploads li").filter(has_text="empty.md")
        expect(empty).to_contain_text("It is empty.")
        assert "PUT" not in asked


DROP = """(files) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
  }
  for (const type of ["dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(type, {
      dataTransfer: transfer, bubbles: true, cancelable: true,
    }));
  }
}"""


def test_files_are_dropped_anywhere_and_hidden_ones_are_left_out(
    browser: Browser, address: str
) -> None:
    text = base64.b64encode(b"# Dropped\n\nFrom above.\n").decode()
    files = [["one.md", text], ["two.md", text], [".DS_Store", text]]
    with desk(browser, address, "documents") as page:
        expect(page.locator(".drop")).to_be_visible()
        page.evaluate(DROP, files)
        expect(page.locator(".uploads li")).to_have_count(2)
        expect(page.get_by_text("1 hidden files were left out.")).to_be_visible()
        expect(page.locator(".uploads li.sent")).to_have_count(2)
        expect(page.get_by_text("The ingest is done.")).to_be_visible(timeout=PATIENCE)


def test_a_folder_is_sent_with_its_places(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    folder = tmp_path / "guides"
    (folder / "deep").mkdir(parents=True)
    (folder / "top.md").write_text("# Top\n\nHigh.\n")
    (folder / "deep" / "low.md").write_text("# Low\n\nDeep.\n")
    with desk(browser, address, "documents") as page:
        page.locator("input[type=file]").last.set_input_files(folder)
        sent = page.locator(".uploads li.sent .path")
        expect(sent).to_have_text(["guides/deep/low.md", "guides/top.md"])
        expect(page.get_by_text("The ingest is done.")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_document_is_deleted_after_it_was_asked_for_twice(
    browser: Browser, address: str, size: Size
) -> None:
    name = f"gone-{size.width}.md"
    with desk(browser, address, "documents", size=size) as page:
        choose(page, markdown(name, f"# Gone {size.width}\n\nSoon.\n"))
        expect(page.get_by_text("The ingest is done.")).to_be_visible(timeout=PATIENCE)
        expect(page.get_by_role("button", name=f"Gone {size.width}")).to_be_visible()
        remove = page.get_by_role("button", name=f"Delete: {name}")
        remove.click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"Delete “Gone {size.width}”?")
        expect(dialog).to_contain_text(name)
        assert violations(page) == []
        page.keyboard.press("Escape")
        expect(remove).to_be_focused()

        remove.click()
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(dialog).to_be_hidden()
        expect(page.get_by_text("answers no more")).to_be_visible()
        shown = page.locator(".documents tbody tr").filter(has_text=name)
        expect(shown).to_have_count(0, timeout=PATIENCE)


def test_an_ingest_is_started_by_keyboard_alone(browser: Browser, address: str) -> None:
    with desk(browser, address, "documents", size=PHONE) as page:
        start = page.get_by_role("button", name="Ingest again")
        expect(start).to_be_enabled()
        for _ in range(30):
            page.keyboard.press("Tab")
            if start.evaluate("one => one === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_text("The ingest is done.")).to_be_visible(timeout=PATIENCE)
