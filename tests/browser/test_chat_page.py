"""The chat page in a real browser: ask, read, open a citation at its place."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import KNOWN, SUGGESTIONS, UNKNOWN, ask, set_up
from tests.browser.chromium import MARKS
from tests.browser.pages import SIZES, Size, opened, overflow

pytestmark = MARKS


@pytest.fixture
def desktop(browser: Browser, address: str) -> Iterator[Page]:
    with opened(browser, address, expected=(SUGGESTIONS,)) as page:
        yield page


def test_an_answer_names_its_sources_and_a_citation_opens_at_its_place(
    page: Page,
) -> None:
    ask(page, KNOWN)

    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    expect(page.locator(".chip").first).to_be_visible()
    cite = page.locator(".answer .cite").last
    cite.click()

    view = page.locator(".source")
    expect(view.locator(".cited").first).to_be_in_viewport()
    expect(view.locator(".cited").first).to_contain_text("30 seconds")
    expect(view.get_by_role("heading", level=2)).to_be_focused()
    expect(view.locator(".source-path")).to_contain_text("Factory reset")
    assert overflow(page) == 0

    page.keyboard.press("Escape")
    expect(view).to_have_count(0)
    expect(cite).to_be_focused()


def test_a_source_tells_its_page_and_links_its_original(page: Page) -> None:
    ask(page, KNOWN)
    page.get_by_role("button", name=re.compile("data sheet")).last.click()

    view = page.locator(".source")
    expect(view.locator(".source-page")).to_have_text("page 2")
    expect(view.get_by_role("link")).to_have_attribute(
        "href", re.compile(r"^(https?://|/v1/sources/.*#page=2$)")
    )
    expect(view.get_by_role("link")).to_have_attribute(
        "rel", "noopener noreferrer nofollow"
    )


def test_a_source_opens_as_a_page_at_the_cited_place(
    desktop: Page, address: str
) -> None:
    ask(desktop, KNOWN)
    desktop.get_by_role("button", name=re.compile("data sheet")).last.click()
    link = desktop.get_by_role("link", name="Open the whole text")
    target = link.get_attribute("href")

    desktop.goto(f"{address}{target}")

    expect(desktop.locator("section.cited")).to_be_in_viewport()


def test_a_citation_that_is_pointed_at_shows_what_stands_there(desktop: Page) -> None:
    ask(desktop, KNOWN)
    desktop.locator(".answer .cite").last.hover()

    preview = desktop.get_by_role("tooltip")
    expect(preview).to_contain_text("Restarting and resetting the hub")
    expect(preview).to_be_in_viewport()
    desktop.mouse.move(2, 400)
    expect(preview).to_have_count(0)


def test_a_question_without_an_answer_is_shown_as_not_known(page: Page) -> None:
    ask(page, UNKNOWN)

    card = page.locator(".unknown")
    expect(card.get_by_role("heading")).to_have_text("The documents do not answer this")
    near = card.get_by_role("listitem")
    expect(near.first).to_be_visible()
    expect(card.get_by_text("The nearest documents are")).to_have_count(0)
    near.first.get_by_role("button").click()
    expect(page.locator(".source .cited").first).to_be_in_viewport()


def test_without_a_person_to_ask_nothing_offers_one(page: Page) -> None:
    ask(page, UNKNOWN)

    expect(page.get_by_role("button", name="Ask a person")).to_have_count(0)


@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_a_person_gets_what_was_tried_and_it_is_shown_before(
    browser: Browser, address: str, size: Size
) -> None:
    with opened(browser, "", size=size, hosts=(address,)) as page:
        set_up(page, handoff="mailto:help@example.com", questions=[KNOWN])
        page.goto(address)
        page.get_by_role("button", name=KNOWN).click()
        expect(page.locator(".chip").first).to_be_visible()
        ask(page, UNKNOWN)
        page.get_by_role("button", name="Ask a person").click()

        message = page.get_by_label("Message", exact=True)
        expect(message).to_be_focused()
        told = message.input_value()
        assert told.startswith(f"Question:\n{UNKNOWN}")
        assert "Documents found:\n- " in told
        assert f"> {KNOWN}" in told
        assert len(told) <= 1500

        message.fill("Please call me: ä & é")
        link = page.get_by_role("link", name="Open in your mail program")
        target = link.get_attribute("href") or ""
        assert target.startswith("mailto:help@example.com?subject=Question")
        assert target.endswith("body=Please%20call%20me%3A%20%C3%A4%20%26%20%C3%A9")
        page.keyboard.press("Escape")
        expect(message).to_have_count(0)
        expect(page.get_by_role("button", name="Ask a person")).to_be_focused()


def test_a_form_of_the_companys_takes_the_question_along(
    browser: Browser, address: str
) -> None:
    with opened(
        browser, "", hosts=(address,), expected=(SUGGESTIONS,),
        permissions=["clipboard-read", "clipboard-write"],
    ) as page:  # fmt: skip
        set_up(page, handoff="https://desk.example/new?q={question}")
        page.route("https://desk.example/**", lambda route: route.abort())
        page.goto(address)
        ask(page, UNKNOWN)
        page.get_by_role("button", name="Ask a person").click()

        link = page.get_by_role("link", name="Copy and open")
        expect(link).to_have_attribute(
            "href",
            "https://desk.example/new?q="
            "What%20is%20the%20best%20recipe%20for%20sourdough%20bread%3F",
        )
        told = page.get_by_label("Message", exact=True).input_value()
        # What happens on the other host is not ours to watch.
        page.evaluate(
            "addEventListener('click', (event) => event.preventDefault(), true)"
        )
        link.click()
        page.wait_for_function(
            "told => navigator.clipboard.readText().then((text) => text === told)",
            arg=told,
        )


def test_markup_in_a_question_stays_text(page: Page) -> None:
    hostile = "<img src=x onerror=alert(1)> <b>reset</b> the hub"
    ask(page, hostile)

    expect(page.locator(".asked h2")).to_have_text(f"You asked: {hostile}")
    assert page.locator(".asked img, .answer img, .answer script").count() == 0


def test_an_answer_is_copied_as_text_and_as_markdown(
    browser: Browser, address: str
) -> None:
    with opened(
        browser, address, expected=(SUGGESTIONS,),
        permissions=["clipboard-read", "clipboard-write"],
    ) as page:  # fmt: skip
        ask(page, KNOWN)
        page.get_by_role("button", name="Copy", exact=True).click()
        expect(page.locator(".actions")).to_contain_text("Copied")
        plain = page.evaluate("navigator.clipboard.readText()")
        page.get_by_role("button", name="Copy as Markdown").click()
        page.wait_for_function(
            """() => navigator.clipboard.readText()
              .then((text) => text.includes('Sources:'))"""
        )
        marked = page.evaluate("navigator.clipboard.readText()")

    assert "30 seconds" in plain
    assert "[1]" not in plain
    assert re.search(r"purple\. \[\d\]", marked)
    assert re.search(
        r"Sources:\n\n- \[1\] Restarting and resetting the hub.*: http", marked
    )


def test_a_rating_is_given_explained_and_taken_back(page: Page) -> None:
    ask(page, KNOWN)
    good = page.get_by_role("button", name="This helped")
    good.click()
    expect(good).to_have_attribute("aria-pressed", "true")
    comment = page.get_by_label("What was good or wrong?")
    expect(comment).to_be_focused()
    comment.fill("Just what I needed.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".said")).to_have_text("Thank you.")

    good.click()
    expect(good).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="This did not help").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".actions [aria-pressed=true]")).to_have_count(0)


def test_the_page_fits_a_small_screen_and_large_letters(
    browser: Browser, address: str
) -> None:
    narrow = Size(320, 640, touch=True)
    with opened(browser, address, size=narrow, expected=(SUGGESTIONS,)) as page:
        ask(page, KNOWN + " " + "x" * 200)
        assert overflow(page) == 0
        page.locator(".chip").first.click()
        expect(page.locator(".source .cited").first).to_be_in_viewport()
        assert overflow(page) == 0


def test_what_is_printed_is_what_was_said(desktop: Page) -> None:
    ask(desktop, KNOWN)
    desktop.emulate_media(media="print")

    expect(desktop.locator(".answer .text")).to_be_visible()
    for hidden in (".composer", ".actions", ".bar > button"):
        expect(desktop.locator(hidden).first).to_be_hidden()
    height = desktop.evaluate("document.querySelector('.thread').clientHeight")
    assert height == desktop.evaluate("document.querySelector('.thread').scrollHeight")
