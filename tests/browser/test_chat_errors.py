"""What goes wrong is said in plain words, with the next step."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import KNOWN, SUGGESTIONS, ask, model, settled
from tests.browser.chromium import MARKS
from tests.browser.pages import opened
from tests.keys import make_key
from tests.scripted_upstream import ScriptedUpstream, refused, spoken
from tests.service import running, service

pytestmark = MARKS

TOLD = ("status of", "ERR_", SUGGESTIONS)
"""A browser tells every request that failed."""


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(spoken("Hold it [1].")) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def address(
    sample_home: Path, upstream: ScriptedUpstream, own: dict[str, str]
) -> Iterator[str]:
    settings = {**own, **model(upstream)}
    with service(sample_home, **settings, SERVER_MAX_BODY="4000") as found:
        yield found


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    with opened(browser, address, expected=TOLD) as page:
        yield page


def test_a_service_that_is_busy_says_when_to_try_again(
    page: Page, upstream: ScriptedUpstream
) -> None:
    busy = refused(429, "rate_limit_exceeded", retry_after="30")
    upstream.then(busy, busy, busy, busy, spoken("Hold it [1]."))
    ask(page, KNOWN)

    note = page.locator(".failure")
    expect(note).to_contain_text("Too many questions at once")
    button = note.get_by_role("button")
    expect(button).to_contain_text("Try again in")
    expect(button).to_be_disabled()
    first = button.inner_text()
    expect(button).not_to_have_text(first)


def test_a_model_that_fails_is_told_and_asked_again(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(refused(401, "invalid_api_key"), spoken("Hold it [1]."))
    ask(page, KNOWN)

    note = page.locator(".failure")
    expect(note).to_contain_text("Answers cannot be written right now.")
    # What only its operators can mend is not told to whoever asks.
    expect(note).not_to_contain_text("The service says")
    note.get_by_role("button", name="Try again").click()
    settled(page)
    expect(page.locator(".answer .text")).to_contain_text("Hold it")


def test_what_is_too_long_is_told_before_and_after_it_is_sent(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(spoken("Hold it [1]."))
    field = page.get_by_label("Your question", exact=True)
    field.fill("x" * 16_010)
    expect(page.get_by_text("10 characters too long")).to_be_visible()
    field.press("Enter")
    expect(page.locator(".exchange")).to_have_count(0)

    field.fill("word " * 1000)
    field.press("Enter")
    expect(page.locator(".failure")).to_contain_text("That is too long.")


def test_offline_is_noticed_and_so_is_that_it_is_over(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(spoken("Hold it [1]."))
    page.context.set_offline(True)
    banner = page.locator(".banner")
    expect(banner).to_contain_text("You are offline.")
    ask(page, KNOWN)
    expect(page.locator(".failure")).to_contain_text("You are offline.")

    page.context.set_offline(False)
    expect(banner).to_contain_text("The connection is back.")
    page.get_by_role("button", name="Try again").click()
    settled(page)
    expect(page.locator(".answer .text")).to_contain_text("Hold it")
    expect(banner).to_have_text("", timeout=10_000)


def test_a_service_that_went_away_is_told_and_looked_for(
    browser: Browser, sample_home: Path, tmp_path: Path
) -> None:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}
    with (
        running(sample_home, **own) as found,
        opened(browser, found.address, expected=TOLD) as page,
    ):
        found.process.terminate()
        found.process.wait(60)
        with page.expect_request(
            lambda request: request.url.endswith("/health/live"), timeout=20_000
        ):
            page.get_by_label("Your question", exact=True).fill(KNOWN)
            page.keyboard.press("Enter")

        expect(page.locator(".failure")).to_contain_text("cannot be reached")
        expect(page.locator(".banner")).to_contain_text("Trying again")


def test_a_conversation_that_is_gone_is_told_and_another_begun(
    page: Page, address: str, upstream: ScriptedUpstream
) -> None:
    upstream.then(spoken("Hold it [1]."))
    page.goto("about:blank")
    page.goto(f"{address}/#c=conv_000000000000000000000000")
    expect(page.locator(".failure")).to_contain_text("no longer exists")

    ask(page, KNOWN)
    expect(page.locator(".answer .text")).to_contain_text("Hold it")
    expect(page.locator(".failure")).to_have_count(0)


def test_a_key_that_keeps_nothing_gets_answers_and_is_told_once(
    browser: Browser, sample_home: Path, tmp_path: Path
) -> None:
    own = {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}
    key = make_key(sample_home, "--scope", "chat", **own)
    with (
        service(sample_home, **own) as address,
        opened(browser, address, expected=TOLD) as page,
    ):
        page.get_by_label("Key", exact=True).fill(key)
        page.keyboard.press("Enter")
        expect(page.get_by_label("Key", exact=True)).to_have_count(0)
        ask(page, KNOWN)
        ask(page, "What is lost by that?")

        expect(page.locator(".answer .text").first).to_contain_text("30 seconds")
        expect(page.locator(".exchange")).to_have_count(2)
        expect(page.get_by_text("Conversations are not kept here")).to_have_count(1)
        assert "#" not in page.url
