"""The chat page in a real browser: ask, watch, open a citation at its place."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.chromium import MARKS, chromium

pytestmark = MARKS


@pytest.fixture(scope="module")
def address(sample_service: str) -> str:
    return sample_service


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    with chromium() as browser:
        opened = browser.new_page(viewport={"width": 1280, "height": 800})
        opened.on("console", note)
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.goto(address)
        yield opened
    assert complaints == []


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Ask")).to_be_visible(timeout=30_000)


def test_an_answer_names_its_sources_and_a_citation_opens_at_its_place(
    page: Page,
) -> None:
    ask(page, "How long do I hold the pin button for a factory reset?")

    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    page.locator(".answer .cite").first.click()
    cited = page.locator("#place-text .cited")
    expect(cited).to_be_in_viewport()
    expect(page.locator("#place-title")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.locator("#place")).to_be_hidden()


def test_a_source_opens_as_a_page_at_the_cited_place(page: Page, address: str) -> None:
    ask(page, "How long do I hold the pin button for a factory reset?")
    page.locator(".answer .source").first.click()
    link = page.locator("#place-link")
    expect(link).to_have_attribute("href", re.compile("/v1/sources/"))
    target = link.get_attribute("href")

    page.goto(f"{address}{target}")

    expect(page.locator("section.cited")).to_be_in_viewport()


def test_a_question_without_an_answer_is_shown_as_not_known(page: Page) -> None:
    ask(page, "What is the best recipe for sourdough bread?")

    expect(page.locator(".answer.unknown")).to_be_visible()


def test_markup_in_a_question_stays_text(page: Page) -> None:
    ask(page, "<img src=x onerror=alert(1)> <b>reset</b> the hub")

    expect(page.locator(".asked")).to_have_text(
        "<img src=x onerror=alert(1)> <b>reset</b> the hub"
    )
    assert page.locator(".asked img, .answer img, .answer script").count() == 0
