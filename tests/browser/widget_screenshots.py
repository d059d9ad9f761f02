"""Writes docs/screenshots/widget-*.png: the widget on the demo page.

    python -m tests.browser.widget_screenshots

Looked at by people, and compared by nothing: letters differ from machine to machine.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.pages import DESKTOP, PHONE, Scheme, Size, opened
from tests.browser.rooted import Rooted
from tests.browser.screenshots import ANSWER, FOLDER, QUESTIONS, RESET
from tests.browser.sites import answered, ask, opens
from tests.command import ROOT, frontdesk
from tests.scripted_upstream import ScriptedUpstream, spoken
from tests.service import service


def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        frontdesk(home, "ingest", str(ROOT / "data" / "documents"), "--json")
        with ScriptedUpstream(spoken(ANSWER)) as upstream, chromium() as browser:
            settings = {
                "OPENAI_BASE_URL": upstream.url,
                "OPENAI_API_KEY": "none",
                "CHAT_MODEL": "scripted",
                "DATABASE_URL": f"sqlite:///{home / 'frontdesk.db'}",
                "PAGE_NAME": "Ostrel Help",
                "PAGE_QUESTIONS": QUESTIONS,
                "HANDOFF_URL": "mailto:help@ostrel.example",
            }
            with service(home, **settings) as address:
                _picture(browser, address, "widget-closed", opening=False)
                _picture(browser, address, "widget-open")
                _picture(browser, address, "widget-dark", RESET, scheme="dark")
                _picture(browser, address, "widget-phone", RESET, size=PHONE)
    return 0


def _picture(
    browser: Browser,
    address: str,
    name: str,
    question: str = "",
    *,
    opening: bool = True,
    size: Size = DESKTOP,
    scheme: Scheme = "light",
) -> None:
    with opened(
        browser, f"{address}/demo", size=size, scheme=scheme, hosts=(address,),
        device_scale_factor=2 if size.touch else 1, reduced_motion="reduce",
    ) as page:  # fmt: skip
        widget = Rooted(page)
        widget.until("function () { return !!this.querySelector('.launcher'); }")
        if opening:
            opens(widget)
        if question:
            ask(widget, question)
            answered(widget)
        _save(page, name)


def _save(page: Page, name: str) -> None:
    page.mouse.move(5, 5)
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
