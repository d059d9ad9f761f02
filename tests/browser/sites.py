"""A service with keys, and a page of somebody else that its widget is made for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from playwright.sync_api import Browser, Page

from tests.browser.hosts import Host, HostPage, embedded, host
from tests.browser.pages import opened
from tests.browser.rooted import Rooted
from tests.keys import make_key
from tests.service import service

QUESTION = "How long do I hold the pin button for a factory reset?"
UNKNOWN = "What is the best recipe for sourdough bread?"
HANDOFF = "mailto:help@ostrel.example"

HEAR = """
window.heard = [];
for (const name of ["open", "close", "ask", "answer", "feedback", "handoff", "error"]) {
  window.addEventListener(`frontdesk:${name}`, (event) =>
    window.heard.push([name, event.detail]));
}
window.broken = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.broken.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
"""Notes what a page hears of its widget, and what its policy forbids."""


class Site(Struct, frozen=True):
    """The two of them.

    Attributes:
        service: Address of the service.
        shop: The page the key is for.
        key: A widget's key.
        database: Settings of where keys are kept.
    """

    service: str
    shop: Host
    key: str
    database: dict[str, str]

    @contextmanager
    def visit(
        self,
        browser: Browser,
        *,
        at: Host | None = None,
        tag: str = "",
        body: str = HostPage().body,
        head: str = HostPage().head,
        headers: dict[str, str] | None = None,
        attributes: dict[str, str] | None = None,
        expected: Sequence[str] = (),
        **options: Any,
    ) -> Iterator[tuple[Page, Rooted]]:
        """Open a page with the widget; yields it, and the widget's root.

        Args:
            browser: The browser.
            at: Whose page it is; usually the one the key is for.
            tag: What embeds the widget, at the end of the body.
            body: Of the page.
            head: Of the page.
            headers: Of the page.
            attributes: Of the script, besides its key.
            expected: Complaints of the console that are provoked.
            options: Of `opened`.
        """
        shop = at or self.shop
        shop.page.head = head
        shop.page.body = body + (tag or self.tag(**(attributes or {})))
        shop.page.headers = headers or {}
        hosts = (self.service, shop.address, "data:,")
        with opened(browser, "", hosts=hosts, expected=expected, **options) as page:
            page.add_init_script(HEAR)
            page.goto(shop.address)
            yield page, Rooted(page)

    def tag(self, **attributes: str) -> str:
        """Return what embeds the widget with its key."""
        return embedded(self.service, data_key=self.key, **attributes)


@contextmanager
def site(home: Path, own: Path, *limits: str, **variables: str) -> Iterator[Site]:
    """Run a service whose widget is for one page, and serve that page.

    Args:
        home: Folder with the index.
        own: Folder for the database.
        limits: Further options of the key.
        variables: Settings of the service.
    """
    database = {"DATABASE_URL": f"sqlite:///{own / 'frontdesk.db'}"}
    settings = {"HANDOFF_URL": HANDOFF, "PAGE_NAME": "Ostrel help"} | variables
    with host() as shop:
        # As an operator makes it.
        key = make_key(home, "--widget", "--origin", shop.address, *limits, **database)
        with service(home, **database, **settings) as address:
            yield Site(address, shop, key, database)


def opens(widget: Rooted) -> None:
    """Open the panel by its button, and wait for the field to have the focus."""
    widget.click(".launcher")
    widget.until("function () { return this.activeElement?.matches('textarea'); }")


def ask(widget: Rooted, question: str) -> None:
    """Write a question where the focus is, and send it."""
    widget.page.keyboard.type(question)
    widget.page.keyboard.press("Enter")


def answered(widget: Rooted, count: int = 1) -> None:
    """Wait until so many answers have come to their end."""
    widget.until(
        "function (n) { const all = [...this.querySelectorAll('.answer')];"
        " return all.length >= n && all.every((one) => one.ariaBusy === 'false'); }",
        count,
    )


def heard(page: Page, *, last: str = "") -> list[str]:
    """Return the names of the events the page heard; wait until the `last` one is this."""
    for _ in range(300):
        found = [name for name, _ in page.evaluate("window.heard")]
        if not last or found[-1:] == [last]:
            break
        page.wait_for_timeout(50)
    return found
