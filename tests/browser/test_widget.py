"""The widget on somebody else's page: asked, answered, cited, rated, handed on."""

from playwright.sync_api import Browser

from tests.browser.chromium import MARKS
from tests.browser.hosts import host
from tests.browser.sites import (
    QUESTION,
    UNKNOWN,
    Site,
    answered,
    ask,
    heard,
    opens,
)

pytestmark = MARKS


def test_a_visitor_asks_reads_the_source_rates_and_asks_on(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        widget.until_text(".answer", "30 seconds")

        widget.click("button.cite")
        widget.until("function () { return !!this.querySelector('.source .cited'); }")
        assert widget.text(".source h2")
        page.keyboard.press("Escape")
        widget.until("function () { return !this.querySelector('.source'); }")
        assert widget.focused().startswith("Source 1")

        widget.click(".actions button", "This helped")
        widget.until(
            "function () { return !!this.querySelector('[aria-pressed=true]'); }"
        )
        # It is shown at once, and told of when the service has it.
        heard(page, last="feedback")
        widget.click(".follow-ups button")
        answered(widget, 2)

        expected = ["open", "ask", "answer", "feedback", "ask", "answer"]
        page.wait_for_function("n => window.heard.length >= n", arg=len(expected))
        assert heard(page, last=expected[-1]) == expected
        told = page.evaluate("JSON.stringify(window.heard)")
        assert shop.key not in told
        assert "ey" not in [
            word[:2] for word in told.split('"') if word.count(".") == 2
        ]
        answer = page.evaluate("window.heard[2][1]")
        assert answer["answered"] is True
        assert answer["finished"] is True
        assert answer["id"].startswith("chatcmpl-")


def test_another_page_is_refused_and_told_so_calmly(
    browser: Browser, shop: Site
) -> None:
    expected = ("CORS", "ERR_FAILED", "does not let this page in", "403")
    with (
        host() as other,
        shop.visit(browser, at=other, expected=expected) as (page, widget),
    ):
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        opens(widget)
        ask(widget, QUESTION)
        widget.until_text(".failure", "not set up for this page")

        assert heard(page, last="error")[-1] == "error"
        assert page.evaluate("window.heard.at(-1)[1].code") == "origin_not_allowed"
        assert widget.text(".failure").count("\n") <= 2
        (reason,) = [text for text in said if text.startswith("frontdesk:")]
        assert f"--origin {other.address}" in reason
        assert shop.key not in reason


def test_what_is_not_known_is_handed_to_a_person_with_what_was_tried(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        opens(widget)
        ask(widget, UNKNOWN)
        widget.click(".unknown button", "Ask a person")
        address = widget.until(
            "function () { return this.querySelector('.handoff-message a')?.href; }"
        )
        assert address.startswith("mailto:help@ostrel.example?")
        assert "sourdough" in address
        # A link to a mail program leads nowhere here.
        widget.run(
            "function () { this.querySelector('.handoff-message a')"
            ".addEventListener('click', (event) => event.preventDefault()); }"
        )
        widget.click(".handoff-message a")

        page.wait_for_function("window.heard.at(-1)[0] === 'handoff'")
        assert page.evaluate("window.heard.at(-1)[1]") == {
            "question": UNKNOWN,
            "kind": "mail",
        }


def test_a_conversation_goes_on_on_the_next_page_and_can_be_begun_anew(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        session = page.evaluate("Object.values(sessionStorage)[0]")

        page.goto(f"{shop.shop.address}/another/page")
        widget.until_text(".answer", "30 seconds")
        # It was open, and stands open; where one types is for the visitor to say.
        assert page.evaluate("document.activeElement === document.body")
        assert "ask" not in heard(page)
        widget.click("textarea")
        ask(widget, "And a network reset?")
        answered(widget, 2)
        assert '"session":"sess_' in session
        assert (
            page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).session")
            in session
        )

        widget.click(".head button", "New conversation")
        widget.until("function () { return !this.querySelector('.exchange'); }")
        page.reload()
        widget.until("function () { return !!this.querySelector('.greeting'); }")
        assert widget.count(".exchange") == 0


def test_an_answer_that_nobody_sees_leaves_a_dot_on_the_button(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        page.keyboard.press("Escape")

        widget.until(
            "function () { return !!this.querySelector('[data-state=unseen]'); }"
        )
        assert "There is an answer for you" in widget.tree()
        assert widget.run(
            "function () { const dot = this.querySelector('.dot').getBoundingClientRect();"
            " return dot.width > 8; }"
        )
        widget.click(".launcher")
        widget.until_text(".answer", "30 seconds")
        assert widget.count("[data-state=unseen]") == 0


def test_a_visitor_can_open_the_original_and_no_page_that_wants_a_key(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (_, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        widget.click("button.cite")
        link = widget.until(
            "function () { const a = this.querySelector('.source footer a');"
            " return a && [a.href, a.rel, a.target]; }"
        )

        assert link[0].startswith("https://help.ostrel.example/")
        assert {"noopener", "noreferrer"} <= set(link[1].split())
        assert link[2] == "_blank"
