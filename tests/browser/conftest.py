"""What the tests of pages share; a file that needs another one has its own.

One browser, one service and one page of a shop serve all tests of a file.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import SUGGESTIONS
from tests.browser.chromium import chromium
from tests.browser.pages import PHONE, SIZES, Size, opened
from tests.browser.sites import Site, site
from tests.service import service

# How soon a page shows a thing tells how busy the machine is.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a page; every test opens its own by `tests.browser.pages`."""
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings of a database that no other file uses."""
    folder = tmp_path_factory.mktemp("own")
    return {"DATABASE_URL": f"sqlite:///{folder / 'frontdesk.db'}"}


@pytest.fixture(scope="module")
def address(sample_home: Path, own: dict[str, str]) -> Iterator[str]:
    """Where a service over the sample is, without an upstream."""
    with service(sample_home, **own) as found:
        yield found


@pytest.fixture(params=SIZES, ids=["desktop", "phone"])
def page(
    browser: Browser, address: str, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """The chat page of that service, once on each screen."""
    size: Size = request.param
    with opened(browser, address, size=size, expected=(SUGGESTIONS,)) as page:
        yield page


@pytest.fixture
def phone(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """A phone for a page that is a file in the test's own folder, and all there is."""
    asked: set[str] = set()
    with opened(browser, "", size=PHONE, hosts=(tmp_path.as_uri(),)) as page:
        page.on("request", lambda request: asked.add(request.url))
        yield page
    assert len(asked) == 1, asked


@pytest.fixture(scope="module")
def shop(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A service over the sample, and a page that its widget is made for."""
    with site(sample_home, tmp_path_factory.mktemp("widget")) as found:
        yield found
