"""Writes docs/screenshots/desk-*.png: the desk over the sample help centre.

    python -m tests.browser.desk_screenshots

Looked at by people, and compared by nothing: letters differ from machine to machine.
"""

import random
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Browser, FilePayload, Page

from tests.browser.chromium import chromium
from tests.browser.desks import ask, desk, kept
from tests.browser.pages import DESKTOP, PHONE, Scheme, Size
from tests.command import ROOT, frontdesk
from tests.scripted_upstream import ScriptedUpstream, either

FOLDER = ROOT / "docs" / "screenshots"
TALL = Size(1280, 1500)
DAY = 86_400

RESET = "How do I reset the hub without losing my sensors?"
ANSWER = (
    "Use a **network reset**. It clears the Wi-Fi and a fixed address; sensors stay "
    "paired and the buffer stays full [1].\n\n"
    "1. Leave the hub plugged in.\n"
    "2. Hold the pin button for **12 seconds**, until the light comes back as an amber "
    "pulse, and let go [1].\n\n"
    "Holding it for 30 seconds would be a factory reset, which erases both [2]."
)
ASKED = (
    RESET, "How do I export readings?", "Which sensors suit a freezer?",
    "How do I set up my first hub?", "Who is called when an alarm is not answered?",
    "What does the amber light mean?", "How do I invite a colleague?",
)  # fmt: skip
UNANSWERED = (
    "Is there a discount for schools?", "Do schools get a discount?",
    "Do you have a shop in Lisbon?", "Can I play music on the hub?",
)  # fmt: skip


def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        documents = home / "documents"
        shutil.copytree(ROOT / "data" / "documents", documents)
        (documents / "account" / "floor-plan.pdf").write_bytes(b"%PDF-1.7\nnone\n")
        frontdesk(home, "ingest", str(documents), "--json")
        database = home / "frontdesk.db"
        with ScriptedUpstream(either(ANSWER)) as upstream, chromium() as browser:
            settings = {
                "OPENAI_BASE_URL": upstream.url,
                "OPENAI_API_KEY": "none",
                "CHAT_MODEL": "scripted",
                "DATABASE_URL": f"sqlite:///{database}",
                "PAGE_NAME": "Ostrel Help",
                "PAGE_QUESTIONS": "|".join(ASKED[:4]),
            }
            with kept(home, **settings) as address:
                _asked(address)
                _sent(browser, address)
            _spread(database)
            with kept(home, **settings) as address:
                _pictures(browser, address)
    return 0


def _asked(address: str) -> None:
    """Ask what people ask, and rate some of it."""
    chance = random.Random(3)
    for number in range(90):
        question = chance.choice(UNANSWERED if chance.random() < 0.2 else ASKED)
        body = {
            "model": "frontdesk",
            "messages": [{"role": "user", "content": question}],
        }
        answer = ask(address, "/v1/chat/completions", body)
        if chance.random() < 0.4:
            rating = "down" if question in UNANSWERED else "up"
            rated = {"message_id": answer["id"], "rating": rating, "user": str(number)}
            ask(address, "/v1/feedback", rated)


def _spread(database: Path) -> None:
    """Move what was asked just now over the last weeks, more on some days than others."""
    chance = random.Random(5)
    with sqlite3.connect(database) as opened:
        for (turn,) in opened.execute("SELECT id FROM turns").fetchall():
            days = int(abs(chance.gauss(0, 11))) % 30
            seconds = chance.gammavariate(3, 0.35)
            opened.execute(
                "UPDATE turns SET created = created - ?, seconds = ? WHERE id = ?",
                (days * DAY, 0.3 + seconds, turn),
            )


def _sent(browser: Browser, address: str) -> None:
    """Send a file, so that there is a second edition."""
    said = b"# Freezer alarms\n\nA freezer alarm rings after 15 minutes above -15 C.\n"
    file: FilePayload = {
        "name": "freezer.md", "mimeType": "text/markdown", "buffer": said,
    }  # fmt: skip
    with desk(browser, address, "documents") as page:
        page.locator("input[type=file]").first.set_input_files(file)
        page.get_by_text("The ingest is done.").wait_for(timeout=60_000)


def _pictures(browser: Browser, address: str) -> None:
    with _shown(browser, address, "documents") as page:
        page.locator(".documents").wait_for()
        _save(page, "desk-documents")
    road = f"answer?q={quote(RESET)}"
    with _shown(browser, address, road, size=TALL) as page:
        page.locator(".stations").wait_for()
        _save(page, "desk-answer")
    with _shown(browser, address, road, size=TALL, scheme="dark") as page:
        page.locator(".stations").wait_for()
        _save(page, "desk-answer-dark")
    with _shown(browser, address, "insights", size=TALL) as page:
        page.locator(".plots").wait_for()
        _save(page, "desk-insights")
    with _shown(browser, address, road, size=PHONE) as page:
        page.locator(".stations").wait_for()
        page.locator(".verdict").scroll_into_view_if_needed()
        _save(page, "desk-phone")
    # The first key closes the service: it comes last.
    boss = ["insights", "ingest", "admin", "retrieve"]
    made = ask(address, "/v1/keys", {"name": "Documentation team", "scopes": boss})
    site = {"name": "www.ostrel.example", "kind": "widget"}
    for more in (
        {"name": "Shop server", "limits": {"requests_per_minute": 60}},
        {**site, "origins": ["https://www.ostrel.example"], "expires_in_days": 90},
    ):
        ask(address, "/v1/keys", more, key=made["key"])
    with desk(browser, address, "keys", expected=("401",)) as page:
        page.wait_for_timeout(6_000)
        page.reload()
        page.get_by_label("Key", exact=True).fill(made["key"])
        page.keyboard.press("Enter")
        page.locator("table.keys").wait_for()
        _save(page, "desk-keys")


@contextmanager
def _shown(
    browser: Browser,
    address: str,
    section: str,
    *,
    size: Size = DESKTOP,
    scheme: Scheme = "light",
) -> Iterator[Page]:
    with desk(
        browser, address, section, size=size, scheme=scheme,
        device_scale_factor=2 if size.touch else 1, reduced_motion="reduce",
    ) as page:  # fmt: skip
        yield page


def _save(page: Page, name: str) -> None:
    page.mouse.move(640, 5)
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
