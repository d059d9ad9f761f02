"""The road of an answer on the desk, in a real browser: why it was answered as it was."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.asking import KNOWN, UNKNOWN, model
from tests.browser.chromium import MARKS
from tests.browser.desks import ask, desk
from tests.browser.pages import SCHEMES, SIZES, Scheme, Size, overflow, violations
from tests.scripted_upstream import ScriptedUpstream, either
from tests.service import service

pytestmark = MARKS

SAID = "Hold it for **30 seconds** [1]. Then pair the sensors again [2]."


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(either(SAID)) as upstream:
        yield upstream


@pytest.fixture(scope="module")
def address(
    sample_home: Path, upstream: ScriptedUpstream, own: dict[str, str]
) -> Iterator[str]:
    settings = {**own, **model(upstream)}
    with service(sample_home, **settings, PAGE_QUESTIONS=KNOWN) as address:
        yield address


def show(page: Page, question: str) -> None:
    page.get_by_label("Question", exact=True).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".stations")).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES, ids=["desktop", "phone"])
def test_the_whole_road_of_an_answer_is_shown(
    browser: Browser, address: str, size: Size, scheme: Scheme
) -> None:
    with desk(browser, address, "answer", size=size, scheme=scheme) as page:
        expect(page.get_by_text("See why an answer is what it is")).to_be_visible()
        assert violations(page) == []
        page.get_by_role("button", name=KNOWN).click()
        expect(page.locator(".stations")).to_be_visible(timeout=30_000)

        told = ask(address, "/v1/explain", {"query": KNOWN})
        offered = [c for c in told["candidates"] if c["offered"] is not None]
        expect(page.locator(".verdict h2")).to_contain_text(
            f"Answered from {len(offered)} of {len(told['candidates'])}"
        )
        expect(page.locator(".queries")).to_contain_text(told["queries"][0])
        expect(page.locator(".text")).to_contain_text("Hold it for 30 seconds")
        expect(page.get_by_role("img", name="is the least")).to_be_visible()
        chips = page.locator(".candidates .chip")
        expect(chips).to_have_count(len(offered))
        expect(page.locator(".pieces li")).to_have_count(
            1 + len(told["prompt"]["sources"])
        )
        page.locator(".messages summary").last.click()
        expect(page.locator(".messages pre").last).to_contain_text(KNOWN)
        expect(page.locator(".waterfall tbody tr")).not_to_have_count(0)
        assert violations(page) == []
        assert overflow(page) == 0


def test_a_citation_lights_up_its_passage_and_leads_to_it(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, "answer") as page:
        show(page, KNOWN)
        cited = page.get_by_role("button", name="Cites passage 1")
        cited.hover()
        expect(page.locator("#candidate-1.lit")).to_have_count(1)
        page.locator("#candidate-2").hover()
        expect(page.get_by_role("button", name="Cites passage 2")).to_have_class(
            "cite lit"
        )
        cited.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#candidate-1")).to_be_focused()
        expect(page.locator("#candidate-1")).to_be_in_viewport()


def test_candidates_are_sorted_by_any_rank(browser: Browser, address: str) -> None:
    with desk(browser, address, "answer") as page:
        show(page, KNOWN)
        first = page.locator(".candidates tbody tr").first
        for column, label in (("Keyword", "Keyword"), ("Meaning", "Meaning")):
            page.get_by_role("button", name=column, exact=True).click()
            sorted_by = page.locator("th[aria-sort=ascending]")
            expect(sorted_by).to_contain_text(label)
            rank = first.locator(f"td[data-label={label}] b")
            expect(rank).to_have_text("1")


def test_a_refusal_says_how_far_it_was_and_what_is_nearest(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, "answer") as page:
        show(page, UNKNOWN)
        expect(page.locator(".verdict.bad h2")).to_contain_text("Not answered")
        expect(page.locator(".verdict")).to_contain_text("are needed")
        expect(page.locator(".verdict")).to_contain_text("The nearest passage is in")
        expect(page.locator(".scale .big.unsure")).to_be_visible()
        expect(page.get_by_text("No model was asked.")).to_be_visible()
        assert violations(page) == []


def test_a_search_without_an_answer_asks_no_model(
    browser: Browser, address: str, upstream: ScriptedUpstream
) -> None:
    with desk(browser, address, "answer") as page:
        before = len(upstream.requests)
        page.get_by_label("Ask the model as well").uncheck()
        page.get_by_text("Narrow the search").click()
        page.get_by_label("Path begins with").fill("install/")
        show(page, KNOWN)
        expect(page.get_by_text("No answer was asked for.")).to_be_visible()
        paths = page.locator(".candidates .path")
        assert all(p.startswith("install/") for p in paths.all_inner_texts())
        assert len(upstream.requests) == before


def test_the_address_asks_and_the_question_stays_when_a_section_is_left(
    browser: Browser, address: str
) -> None:
    with desk(browser, address, f"answer?q={KNOWN.replace(' ', '+')}") as page:
        expect(page.locator(".stations")).to_be_visible(timeout=30_000)
        page.get_by_label("Question", exact=True).fill("half a quest")
        page.get_by_role("link", name="Keys").click()
        expect(page.get_by_role("heading", name="Keys", exact=True)).to_be_visible()
        page.get_by_role("link", name="Road of an answer").click()
        expect(page.get_by_label("Question", exact=True)).to_have_value("half a quest")
        expect(page.locator(".stations")).to_be_visible()


def test_the_road_is_copied_as_json(browser: Browser, address: str) -> None:
    allowed = ["clipboard-read", "clipboard-write"]
    with desk(browser, address, "answer", permissions=allowed) as page:
        show(page, KNOWN)
        page.get_by_role("button", name="Copy as JSON").click()
        expect(page.get_by_text("Copied.")).to_be_visible()
        copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
        assert copied["object"] == "explanation"
