"""A service whose documents the desk may change, and the desk as a person opens it."""

import json
import shutil
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import DESKTOP, Scheme, Size, opened
from tests.command import ROOT, frontdesk
from tests.service import service

KEPT = ("install/hub-reset.md", "install/status-lights.md", "account/mobile-app.md")
"""Documents of the sample that a small desk keeps."""

UNREADABLE = "manuals/broken.pdf"
"""A file that no reader can read."""


def small_home(home: Path, **variables: str) -> Path:
    """Lay some documents into a folder below `home`, and take them in."""
    documents = home / "documents"
    for path in KEPT:
        (documents / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "data" / "documents" / path, documents / path)
    broken = documents / UNREADABLE
    broken.parent.mkdir()
    broken.write_bytes(b"%PDF-1.7\nthis is none\n")
    done = frontdesk(home, "ingest", str(documents), **variables)
    assert done.returncode == 1, done.stderr  # one of them could not be read
    return home


@contextmanager
def kept(home: Path, **variables: str) -> Iterator[str]:
    """Serve the documents below `home`; yields the address."""
    with service(home, DESK_FOLDER=str(home / "documents"), **variables) as address:
        yield address


@contextmanager
def desk(
    browser: Browser,
    address: str,
    section: str,
    *,
    size: Size = DESKTOP,
    scheme: Scheme = "light",
    locale: str = "en-GB",
    expected: Sequence[str] = (),
    key: str = "",
    **options: Any,
) -> Iterator[Page]:
    """Open a section of the desk; yields the page, and judges it at the end.

    Args:
        browser: The browser.
        address: Of the service.
        section: What stands after the # of the address.
        size: Of the screen.
        scheme: What the system prefers.
        locale: The browser's language.
        expected: Patterns of complaints that the test provokes.
        key: A key that is entered at the door, or "".
        **options: Further options of a context.
    """
    told = (*expected, "401") if key else expected
    with opened(
        browser, "", size=size, scheme=scheme, locale=locale, expected=told,
        hosts=(address,), **options,
    ) as page:  # fmt: skip
        page.goto(f"{address}/desk#{section}")
        if key:
            enter(page, key)
        yield page


def enter(page: Page, key: str) -> None:
    """Enter a key at the door."""
    page.get_by_label("Key", exact=True).fill(key)
    page.keyboard.press("Enter")
    expect(page.locator("dialog.door")).to_be_hidden()


def ask(address: str, path: str, body: object = None, key: str = "") -> Any:
    """Call a route of the service and return its JSON."""
    headers = {"content-type": "application/json"}
    if key:
        headers["authorization"] = f"Bearer {key}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data, headers)
    with urllib.request.urlopen(request, timeout=60) as reply:
        return json.load(reply)
