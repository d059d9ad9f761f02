"""Writes docs/screenshots/*.png: the chat page with the sample help centre.

    python -m tests.browser.screenshots

Looked at by people, and compared by nothing: letters differ from machine to machine.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser.asking import ask
from tests.browser.chromium import chromium
from tests.browser.pages import PHONE, Scheme, Size, opened
from tests.command import ROOT, frontdesk
from tests.scripted_upstream import ScriptedUpstream, spoken
from tests.service import service

FOLDER = ROOT / "docs" / "screenshots"
WIDE = Size(1280, 920)

RESET = "We moved the hub: how do I reset its Wi-Fi and keep the sensors?"
ANSWER = (
    "Use a **network reset**. It clears the Wi-Fi and a fixed address; sensors stay "
    "paired and the buffer stays full [2].\n\n"
    "1. Leave the hub plugged in.\n"
    "2. Push a straightened paper clip into the pin hole next to the Ethernet socket.\n"
    "3. Hold the pin button for **12 seconds**, until the light comes back as an amber "
    "pulse, and let go [2].\n\n"
    "| | Network reset | Factory reset |\n|---|---|---|\n"
    "| Paired sensors | kept | erased |\n"
    "| Buffered readings | kept | erased |\n"
    "| How long it takes | 2 minutes | 5 minutes plus pairing |\n\n"
    "Holding it for 30 seconds would be a factory reset, which erases both [1]."
)
ARABIC = "كيف أعمل network reset للموزع Ostrel Hub H2؟ (pin button)"
ARABIC_ANSWER = (
    "استخدم **إعادة ضبط الشبكة**. تبقى أجهزة الاستشعار مقترنة [1].\n\n"
    "1. اترك الموزع موصولا بالكهرباء.\n"
    "2. أدخل مشبك ورق في الثقب بجانب منفذ Ethernet.\n"
    "3. اضغط الزر مدة **12 ثانية** ثم اتركه [1]."
)
QUESTIONS = (
    "How do I set up my first hub?|Which sensors suit a freezer?|"
    "Who is called when an alarm is not answered?|How do I export readings?"
)


def main() -> int:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        documents = str(ROOT / "data" / "documents")
        frontdesk(home, "ingest", documents, "--json")
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
                _pictures(browser, address, upstream)
    return 0


def _pictures(browser: Browser, address: str, upstream: ScriptedUpstream) -> None:
    with _shown(browser, address) as page:
        for question in ("Which sensors suit a freezer?", "How do I export readings?"):
            ask(page, question)
            page.get_by_role("button", name="New conversation").first.click()
        ask(page, RESET)
        page.get_by_role("button", name="Show conversations").click()
        page.locator(".conversation").nth(2).wait_for()
        _to_top(page)
        _save(page, "chat-desktop-light")
    with _shown(browser, address, scheme="dark") as page:
        _save(page, "welcome-desktop-dark")
        ask(page, RESET)
        _to_top(page)
        _save(page, "chat-desktop-dark")
    with _shown(browser, address) as page:
        ask(page, RESET)
        _to_top(page)
        page.locator(".answer .cite").first.click()
        page.locator(".source .cited").first.wait_for()
        _save(page, "source-open")
    with _shown(browser, address, size=PHONE) as page:
        ask(page, RESET)
        _to_top(page)
        _save(page, "chat-phone")
    with _shown(browser, address) as page:
        ask(page, "What is the best recipe for sourdough bread?")
        page.get_by_role("button", name="Ask a person").click()
        _save(page, "unknown")
    upstream.then(spoken(ARABIC_ANSWER))
    with _shown(browser, address, locale="ar") as page:
        field = page.get_by_label("سؤالك", exact=True)
        field.fill(ARABIC)
        field.press("Enter")
        page.locator(".actions").wait_for()
        _to_top(page)
        _save(page, "arabic")


@contextmanager
def _shown(
    browser: Browser,
    address: str,
    *,
    size: Size = WIDE,
    scheme: Scheme = "light",
    locale: str = "en-GB",
) -> Iterator[Page]:
    with opened(
        browser, address, size=size, scheme=scheme, locale=locale,
        device_scale_factor=2 if size.touch else 1, reduced_motion="reduce",
    ) as page:  # fmt: skip
        yield page


def _to_top(page: Page) -> None:
    page.evaluate("() => { document.querySelector('.thread').scrollTop = 0; }")


def _save(page: Page, name: str) -> None:
    page.mouse.move(640, 915)
    page.wait_for_timeout(400)
    page.screenshot(path=FOLDER / f"{name}.png", caret="hide")


if __name__ == "__main__":
    sys.exit(main())
