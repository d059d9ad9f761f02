"""The desk enlarged to 200 % and 400 %: nothing cut off, all of it in reach.

1280 x 800 pixels at 200 % are 640 x 400 CSS pixels (WCAG 2.2, 1.4.4), 1280 x 1024 at
400 % are 320 x 256 (1.4.10).
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chromium import MARKS
from tests.browser.desks import ask, desk, kept, small_home
from tests.browser.pages import Size, overflow, violations
from tests.command import frontdesk
from tests.keys import make_key
from tests.scripted_upstream import ScriptedUpstream, either

pytestmark = MARKS

KNOWN = "How long do I hold the pin button for a factory reset?"
UNKNOWN = "What is the best recipe for sourdough bread?"
LONG = "W" * 40
SAID = f"Hold it for **30 seconds** [1].\n\n| Light | Means |\n|---|---|\n| {LONG} | ok |\n"
ALL = ("chat", "retrieve", "insights", "ingest", "admin")

ZOOMED = pytest.mark.parametrize(
    ("size", "zoom"),
    [(Size(640, 400), 2), (Size(320, 256), 4)],
    ids=["200 %", "400 %"],
)

MOST_STOPS = 400
"""Presses of Tab after which a section must have come to its end."""

_FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const [wide, high] = [document.documentElement.clientWidth, innerHeight];
  const [left, right] = [Math.max(box.left, 0), Math.min(box.right, wide)];
  const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, high)];
  const hit = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  const name = (at.getAttribute("aria-label") || at.textContent || at.id).trim();
  const troubles = [];
  if (box.left < -1 || box.right > wide + 1) troubles.push("cut at a side");
  if (bottom - top < Math.min(box.height, high / 4) - 1) troubles.push("out of view");
  else if (!at.contains(hit)) troubles.push(`under ${hit?.className || hit?.tagName}`);
  const isFirst = !at.dataset.stopped;
  at.dataset.stopped = "yes";
  return { isFirst, name: `${at.tagName} ${name.slice(0, 40)}`, troubles };
}"""

# The start of a message may be cut: the whole of it unfolds below.
_CUT = """(root) => [...root.querySelectorAll("*:not(summary .start)")]
  .filter((one) => one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => ["hidden", "clip"].includes(getComputedStyle(one).overflowX))
  .filter((one) => one.checkVisibility())
  .map((one) => `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`)"""

_OUTSIDE = """(texts) => texts.filter((one) => {
  const svg = one.closest("svg");
  const isClipped = getComputedStyle(svg).overflow !== "visible";
  const [box, room] = [one, isClipped ? svg : one.closest(".panel")].map((element) =>
    element.getBoundingClientRect());
  return box.left < room.left || box.right > room.right;
}).map((one) => one.textContent)"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = small_home(tmp_path_factory.mktemp("zoom"))
    (home / "documents" / f"{LONG}.md").write_text(f"# {LONG}\n\nIt came later.\n")
    frontdesk(home, "ingest", str(home / "documents"))
    return home


@pytest.fixture(scope="module")
def key(home: Path) -> str:
    """A key that may do everything; beside it there is one of a widget."""
    site = f"https://{LONG.lower()}.example"
    make_key(home, "--name", LONG, "--widget", "--origin", site)
    scopes = [part for scope in ALL for part in ("--scope", scope)]
    return make_key(home, "--name", "the desk", *scopes)


@pytest.fixture(scope="module")
def address(home: Path, key: str) -> Iterator[str]:
    with ScriptedUpstream(either(SAID)) as upstream:
        model = {
            "OPENAI_BASE_URL": upstream.url,
            "OPENAI_API_KEY": "sk-test",
            "CHAT_MODEL": "scripted",
            "PAGE_QUESTIONS": KNOWN,
        }
        with kept(home, **model) as address:
            for question in (KNOWN, UNKNOWN, UNKNOWN, f"What is {LONG}?"):
                messages = [{"role": "user", "content": question}]
                body = {"model": "frontdesk", "messages": messages}
                ask(address, "/v1/chat/completions", body, key)
            yield address


def unreached(page: Page) -> list[str]:
    """Press Tab through the page; return the stops that cannot be seen, and why."""
    troubles: list[str] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUSED)
        if stop is None or not stop["isFirst"]:
            return troubles
        troubles += [f"{stop['name']}: {why}" for why in stop["troubles"]]
    raise AssertionError("Tab comes to no end")


def sound(page: Page, controls: Locator) -> None:
    """Judge what is shown: no wider than the screen, its controls in reach, nothing cut."""
    assert controls.count() > 0
    assert overflow(page) == 0
    assert page.locator("body").evaluate(_CUT) == []
    assert unreached(page) == []
    assert overflow(page) == 0
    for control in controls.all():
        expect(control).to_be_visible()
        control.click(trial=True)
    assert violations(page) == []


@ZOOMED
def test_documents_are_kept_enlarged(
    browser: Browser, address: str, key: str, size: Size, zoom: int
) -> None:
    with desk(
        browser, address, "documents", key=key, size=size, device_scale_factor=zoom
    ) as page:
        lines = page.locator(".documents tbody tr")
        expect(lines).to_have_count(5)
        sound(page, page.locator("main button:visible, main input:visible, nav a"))
        buttons = lines.filter(has_text=LONG).get_by_role("button")
        name, bin_ = (button.bounding_box() for button in buttons.all())
        assert name
        assert bin_
        assert name["x"] + name["width"] <= bin_["x"]
        buttons.first.click()
        expect(page.get_by_role("dialog")).to_contain_text("It came later.")
        sound(page, page.get_by_role("dialog").get_by_role("button"))
        page.keyboard.press("Escape")
        buttons.last.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        sound(page, page.get_by_role("dialog").get_by_role("button"))


@ZOOMED
def test_the_road_of_an_answer_is_followed_enlarged(
    browser: Browser, address: str, key: str, size: Size, zoom: int
) -> None:
    with desk(
        browser, address, "answer", key=key, size=size, device_scale_factor=zoom
    ) as page:
        sound(page, page.locator("main button:enabled, main textarea, nav a"))
        page.get_by_label("Question", exact=True).fill(f"What is {LONG}?")
        page.keyboard.press("Enter")
        expect(page.locator(".stations")).to_be_visible(timeout=30_000)
        for folded in page.locator(".messages summary, .candidates summary").all():
            folded.click()
        sound(page, page.locator(".ask button, .candidates summary, nav a"))


@ZOOMED
def test_insights_are_read_enlarged(
    browser: Browser, address: str, key: str, size: Size, zoom: int
) -> None:
    with desk(
        browser, address, "insights", key=key, size=size, device_scale_factor=zoom
    ) as page:
        expect(page.locator(".topics")).to_contain_text(UNKNOWN)
        for folded in page.locator(".numbers summary").all():
            folded.click()
        assert page.locator(".plot text").evaluate_all(_OUTSIDE) == []
        sound(page, page.locator("main button, main summary, .topics a, nav a"))


@ZOOMED
def test_editions_are_changed_enlarged(
    browser: Browser, address: str, key: str, size: Size, zoom: int
) -> None:
    with desk(
        browser, address, "editions", key=key, size=size, device_scale_factor=zoom
    ) as page:
        expect(page.locator(".editions > li")).to_have_count(2)
        sound(page, page.locator("main button, nav a"))
        page.get_by_role("button", name="Roll back to it").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        sound(page, page.get_by_role("dialog").get_by_role("button"))


@ZOOMED
def test_keys_are_made_enlarged(
    browser: Browser, address: str, key: str, size: Size, zoom: int
) -> None:
    with desk(
        browser, address, "keys", key=key, size=size, device_scale_factor=zoom
    ) as page:
        expect(page.locator(".keys tbody tr")).to_have_count(2)
        sound(page, page.locator("main button, nav a"))
        page.get_by_role("button", name="New key").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        for folded in dialog.locator("summary").all():
            folded.click()
        sound(page, dialog.locator("button, input"))


@ZOOMED
def test_a_key_is_entered_enlarged(
    browser: Browser, address: str, size: Size, zoom: int
) -> None:
    with desk(
        browser, address, "documents", size=size, device_scale_factor=zoom
    ) as page:
        page.get_by_label("Key", exact=True).fill("some key")
        sound(page, page.locator("dialog.door").locator("button, input"))
