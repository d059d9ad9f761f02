"""Pages as people meet them: a size, a scheme, a language, and a watch over all of it.

    with opened(browser, address, size=PHONE, scheme="dark") as page:
        ...
        assert violations(page) == []

A page that complained to its console, threw, or asked another host fails the test when
the block ends; what a test provokes on purpose is named by `expected`.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from msgspec import Struct
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from tests.command import ROOT


class Size(Struct, frozen=True):
    """A screen, in CSS pixels, and whether it is touched."""

    width: int
    height: int
    touch: bool = False


DESKTOP = Size(1280, 800)
PHONE = Size(390, 844, touch=True)
SIZES = (DESKTOP, PHONE)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

_AXE = ROOT / "app" / "web" / "node_modules" / "axe-core" / "axe.min.js"

_RUN_AXE = """axe.run(document, {resultTypes: ["violations"]}).then(({violations}) =>
  violations.flatMap((broken) => broken.nodes.map((node) =>
    `${broken.id}: ${node.target.join(" ")}: ${node.failureSummary}`)))"""

_SETTLED = """Promise.all(document.getAnimations()
  .filter((one) => one.effect?.getComputedTiming().iterations !== Infinity)
  .map((one) => one.finished.catch(() => {})))"""


class Watch:
    """What a page did that it should not have done.

    Attributes:
        complaints: Errors and warnings of the console, errors thrown, foreign requests.
    """

    def __init__(self, context: BrowserContext, hosts: Sequence[str]) -> None:
        self.complaints: list[str] = []
        self._hosts = tuple(hosts)
        context.on("console", self._said)
        context.on("weberror", lambda thrown: self._note(f"thrown: {thrown.error}"))
        context.on("request", self._asked)

    def unexpected(self, expected: Sequence[str]) -> list[str]:
        """Return the complaints that none of the patterns `expected` is found in."""
        known = [re.compile(pattern) for pattern in expected]
        return [c for c in self.complaints if not any(k.search(c) for k in known)]

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._note(f"{message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((*self._hosts, "about:", "blob:")):
            self._note(f"asked: {request.url}")

    def _note(self, complaint: str) -> None:
        self.complaints.append(complaint)


@contextmanager
def opened(
    browser: Browser,
    address: str,
    *,
    size: Size = DESKTOP,
    scheme: Scheme = "light",
    locale: str = "en-GB",
    expected: Sequence[str] = (),
    hosts: Sequence[str] = (),
    **options: Any,
) -> Iterator[Page]:
    """Open `address` in a fresh profile; yields the page, and judges it at the end.

    Args:
        browser: The browser.
        address: Where to go first; "" goes nowhere.
        size: Of the screen.
        scheme: What the system prefers.
        locale: The browser's language.
        expected: Patterns of complaints that the test provokes.
        hosts: Further addresses that the page may ask.
        **options: Further options of a context, such as ``reduced_motion``.

    Raises:
        AssertionError: The page complained.
    """
    context = browser.new_context(
        viewport={"width": size.width, "height": size.height},
        has_touch=size.touch,
        color_scheme=scheme,
        locale=locale,
        **options,
    )
    context.set_default_timeout(15_000)
    watch = Watch(context, [address, *hosts] if address else hosts)
    page = context.new_page()
    try:
        if address:
            page.goto(address)
        yield page
    finally:
        context.close()
    assert watch.unexpected(expected) == []


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page as it stands, once it has settled."""
    evaluated(page, _SETTLED)
    if not evaluated(page, "'axe' in globalThis"):
        evaluated(page, _AXE.read_text(encoding="utf-8") + "; true")
    found: list[str] = evaluated(page, _RUN_AXE)
    return found


def evaluated(page: Page, expression: str) -> Any:
    """Return what `expression` is in the page; no policy of the page stops it."""
    session = page.context.new_cdp_session(page)
    reply = session.send(
        "Runtime.evaluate",
        {"expression": expression, "awaitPromise": True, "returnByValue": True},
    )
    session.detach()
    assert "exceptionDetails" not in reply, reply["exceptionDetails"]
    return reply["result"].get("value")


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the screen."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
