"""Answers while they come: shown at once, stopped, cut, followed to their end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import KNOWN, SUGGESTIONS, ask, long_answer, model, settled
from tests.browser.chromium import MARKS
from tests.browser.pages import SIZES, opened
from tests.scripted_upstream import (
    DONE,
    Cut,
    Hold,
    Reply,
    ScriptedUpstream,
    Wait,
    chunk,
    event,
    spoken,
)
from tests.service import service

pytestmark = MARKS

BEGUN = "Hold the pin button for **30 seconds** [1]"
WHOLE = f"{BEGUN}, until the light turns purple."


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(spoken(WHOLE)) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def address(
    sample_home: Path, upstream: ScriptedUpstream, own: dict[str, str]
) -> Iterator[str]:
    with service(sample_home, **own, **model(upstream)) as found:
        yield found


def begun(*then: bytes | Wait | Hold | Cut, said: str = BEGUN) -> Reply:
    """Return a stream that begins as `WHOLE` does, and goes on with `then`."""
    first = event(chunk({"role": "assistant", "content": ""}))
    return Reply((first, event(chunk({"content": said})), *then))


def send(page: Page, question: str = KNOWN) -> None:
    field = page.get_by_label("Your question", exact=True)
    field.fill(question)
    field.press("Enter")


def test_an_answer_is_read_while_it_is_written_and_can_be_stopped(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(begun(Hold()), spoken(WHOLE))
    send(page)

    expect(page.locator(".answer .text strong")).to_have_text("30 seconds")
    expect(page.get_by_role("status").filter(has_text="being written")).to_have_count(1)
    # Where the sources come with the end, a marker is a number until then.
    expect(page.locator(".answer .cite")).to_have_text("1")
    page.get_by_role("button", name="Stop").click()

    settled(page)
    expect(page.locator(".answer")).to_contain_text("Stopped.")
    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    assert upstream.wait_until(lambda found: found.cancelled >= 1)


def test_escape_stops_an_answer(page: Page, upstream: ScriptedUpstream) -> None:
    upstream.then(begun(Hold()), spoken(WHOLE))
    send(page)
    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    page.keyboard.press("Escape")

    expect(page.locator(".answer")).to_contain_text("Stopped.")


def test_an_answer_that_is_cut_keeps_what_came_and_can_be_asked_again(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(begun(Wait(0.5), Cut()), spoken(WHOLE))
    send(page)

    note = page.locator(".failure")
    expect(note).to_contain_text("broke before the answer was complete")
    expect(page.locator(".answer .text")).to_contain_text("30 seconds")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    note.get_by_role("button", name="Try again").click()

    settled(page)
    expect(page.locator(".answer .text")).to_contain_text("turns purple")
    expect(note).to_have_count(0)
    expect(page.locator(".exchange")).to_have_count(1)


def test_an_answer_that_is_cut_can_go_on(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(begun(Wait(0.5), Cut()), spoken("until the light turns purple. [1]"))
    send(page)
    page.get_by_role("button", name="Go on").click()

    expect(page.locator(".exchange")).to_have_count(2)
    settled(page)
    expect(page.locator(".answer .text").last).to_contain_text("turns purple")


def test_a_question_is_edited_and_what_followed_goes(
    page: Page, upstream: ScriptedUpstream
) -> None:
    upstream.then(spoken(WHOLE))
    ask(page, KNOWN)
    ask(page, "And what does the light do?")
    page.get_by_role("button", name="Edit the question").first.click()
    field = page.get_by_role("textbox", name="Edit the question")
    expect(field).to_be_focused()
    field.fill("How do I reset the hub?")
    field.press("Enter")

    expect(page.locator(".exchange")).to_have_count(1)
    settled(page)
    expect(page.locator(".asked h2")).to_contain_text("How do I reset the hub?")
    page.reload()
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.locator(".asked h2")).to_contain_text("How do I reset the hub?")


def test_the_end_is_followed_until_the_reader_goes_up(
    page: Page, upstream: ScriptedUpstream
) -> None:
    text = [event(chunk({"content": piece})) for piece in long_answer(900)]
    steps = [step for piece in text[600:] for step in (piece, Wait(0.01))]
    upstream.then(begun(*text[:600], *steps, event(chunk(finish="stop")), DONE))
    send(page)
    far = "() => document.querySelector('.thread').scrollTop > 300"
    page.wait_for_function(far)
    distance = """() => { const t = document.querySelector('.thread');
        return t.scrollHeight - t.scrollTop - t.clientHeight }"""
    assert page.evaluate(distance) < 60

    page.locator(".thread").hover()
    page.evaluate("document.querySelector('.thread').scrollTop -= 250")
    expect(page.get_by_role("button", name="To the end")).to_be_visible()
    settled(page)
    assert page.evaluate(distance) > 200

    page.get_by_role("button", name="To the end").click()
    expect(page.get_by_role("button", name="To the end")).to_have_count(0)
    assert page.evaluate(distance) < 60


def test_code_is_copied_and_wide_things_scroll_inside(
    browser: Browser, address: str, upstream: ScriptedUpstream
) -> None:
    row = "| " + " | ".join(["a-wide-cell-of-a-table"] * 9) + " |"
    table = f"{row}\n|{'---|' * 9}\n{row}"
    code = "```sh\nostrelctl hub reset --serial " + "0" * 120 + "\n```"
    upstream.then(spoken(f"Run [1]:\n\n{code}\n\n{table}\n\n{'long' * 80}"))
    with opened(
        browser, address, size=SIZES[1], expected=(SUGGESTIONS,),
        permissions=["clipboard-read", "clipboard-write"],
    ) as page:  # fmt: skip
        ask(page, KNOWN)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        for wide in (".code pre", ".text .table"):
            scrolls = page.locator(wide).evaluate("e => e.scrollWidth > e.clientWidth")
            assert scrolls, wide
        page.get_by_role("button", name="Copy code").click()
        page.wait_for_function(
            """() => navigator.clipboard.readText()
              .then((text) => text.startsWith('ostrelctl hub'))"""
        )


def test_what_is_announced_is_that_it_is_written_and_that_it_is_complete(
    page: Page, upstream: ScriptedUpstream
) -> None:
    pieces = [event(chunk({"content": f"word {at} "})) for at in range(50)]
    upstream.then(begun(*pieces, event(chunk(finish="stop")), DONE))
    page.evaluate(
        """() => {
          window.said = [];
          new MutationObserver((changes) => {
            for (const { target } of changes) {
              const live = (target.parentElement ?? target).closest('main > .unseen');
              if (live) window.said.push(live.textContent);
            }
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
        }"""
    )
    send(page)
    expect(page.locator("main > .unseen")).to_have_text("The answer is complete.")

    said = [text for text in page.evaluate("window.said") if text]
    assert set(said) <= {"The answer is being written.", "The answer is complete."}
    assert len(said) <= 3
