"""T-xss on the chat page: hostile texts through every field that it shows.

Answers, sources, lists and settings are fed by the browser in place of the service, in
this file alone: the service refuses, cuts and escapes much of this before it leaves, and
what is tested here is that the page stands when none of that has happened.
"""

import re
from collections.abc import Callable, Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.asking import set_up, settled
from tests.browser.chromium import MARKS
from tests.browser.pages import opened
from tests.browser.payloads import Trap, payloads, strangers

pytestmark = MARKS

COUNT = 240
HOSTILE = payloads(COUNT)


def at(number: int) -> str:
    """Return a payload; every number has one."""
    return HOSTILE[number % COUNT]


def joined(number: int, count: int) -> str:
    """Return `count` payloads in one text."""
    return " ".join(at(number + nth) for nth in range(count))


def place(number: int, nth: int = 1) -> dict[str, object]:
    """Return a source that is hostile in each of its fields."""
    return {
        "id": f"chunk-{number}",
        "number": nth,
        "title": at(number),
        "heading_path": [at(number + 1), at(number + 2)],
        "page": None,
        "score": 1,
        "snippet": at(number + 3),
        "url": at(number + 4),
    }


def turn(number: int, *, answered: bool) -> list[dict[str, object]]:
    """Return a kept question and its answer."""
    rag: dict[str, object] = {"answered": answered, "queries": [at(number)]}
    if not answered:
        rag |= {"nearest": [place(number + 5)], "degraded": at(number), "saved": False}
    return [
        {
            "id": f"msg_{number}", "role": "user", "content": at(number),
            "status": "complete",
        },
        {
            "id": f"chatcmpl-{number}", "role": "assistant", "status": "complete",
            "content": f"{at(number + 1)}\n\nx [1] [2]", "rag": rag,
            "sources": [place(number), place(number + 9, 2)],
        },
    ]  # fmt: skip


def source(number: int) -> dict[str, object]:
    """Return an opened source."""
    chunk = {"heading_path": [at(number + 1)], "page": None}
    return {
        "id": f"chunk-{number}",
        "document": {"id": "d", "path": at(number), "title": at(number),
                     "url": at(number + 1)},
        "heading_path": [at(number + 2), at(number + 3)],
        "page": None,
        "context": [
            {**chunk, "id": "before", "text": at(number + 4), "cited": False},
            {**chunk, "id": "cited", "heading_path": [at(number)], "text": at(number + 5),
             "cited": True},
        ],
    }  # fmt: skip


def listed(data: list[object]) -> dict[str, object]:
    return {"object": "list", "data": data, "last_id": None, "has_more": False}


def fed(page: Page, path: str, answer: Callable[[Route], object]) -> None:
    """Answer a route of the API in place of the service."""

    def reply(route: Route) -> None:
        told = answer(route)
        if isinstance(told, str):
            route.fulfill(body=told, content_type="text/event-stream")
        else:
            status = 400 if isinstance(told, dict) and "error" in told else 200
            route.fulfill(
                status=status, body=msgspec.json.encode(told),
                content_type="application/json",
            )  # fmt: skip

    page.route(re.compile(rf"/v1/{path}(\?.*)?$"), reply)


def stream(number: int) -> str:
    """Return an answer as it comes: in pieces, with everything it may carry."""
    text = f"{at(number)}\n\nx [1]"
    half = len(text) // 2
    rag = {"answered": True, "follow_ups": [at(number + nth) for nth in range(3)]}
    events: list[dict[str, object]] = [
        {"id": f"chatcmpl-{number}", "choices": [
            {"index": 0, "delta": {"content": piece}, "finish_reason": None}]}
        for piece in (text[:half], text[half:])
    ]  # fmt: skip
    events[-1] |= {"sources": [place(number)], "rag": rag}
    told = [f"data: {msgspec.json.encode(one).decode()}\n\n" for one in events]
    return "".join(told) + "data: [DONE]\n\n"


@pytest.fixture
def page(browser: Browser, sample_service: str) -> Iterator[Page]:
    with opened(
        browser, "", hosts=(sample_service,), expected=("status of 400",)
    ) as page:
        trap = Trap(page.context, sample_service)
        fed(page, "suggestions", lambda _: listed([]))
        fed(page, "conversations", lambda _: listed([]))
        yield page
        page.wait_for_timeout(200)
        assert trap.sprung(page) == []
        assert page.url.startswith(sample_service)


def test_kept_conversations_with_every_field_hostile(
    page: Page, sample_service: str
) -> None:
    turns = [turn(n, answered=bool(half)) for n in range(COUNT) for half in (0, 1)]
    messages: list[object] = [message for turn in turns for message in turn]
    talks: list[object] = [
        {"id": f"conv_{n}", "title": at(n), "updated": 1} for n in range(COUNT)
    ]
    fed(page, "conversations/[^/]+/messages", lambda _: listed(messages))
    fed(page, "conversations", lambda _: listed(talks))
    page.goto(f"{sample_service}/#c=conv_0")

    expect(page.locator(".exchange")).to_have_count(2 * COUNT, timeout=30_000)
    expect(page.locator(".unknown")).to_have_count(COUNT)
    # What an answer lacks is said of each.
    for lack in ("Part of the search was not", "This answer could not be kept"):
        expect(page.get_by_text(lack)).to_have_count(COUNT)
    page.get_by_role("button", name="Show conversations").click()
    expect(page.locator(".conversation")).to_have_count(COUNT)
    page.evaluate(
        """() => document.querySelectorAll('.cite').forEach((cite) => cite.dispatchEvent(
          new PointerEvent('pointerenter', { pointerType: 'mouse' })))"""
    )
    expect(page.locator(".preview").first).to_be_visible()
    assert strangers(page) == []


def test_sources_that_are_opened(page: Page, sample_service: str) -> None:
    messages: list[object] = [m for n in range(COUNT) for m in turn(n, answered=True)]
    fed(page, "conversations/[^/]+/messages", lambda _: listed(messages))
    fed(
        page,
        "sources/[^/]+",
        lambda route: source(
            int(route.request.url.partition("chunk-")[2].split("?")[0])
        ),
    )
    page.goto(f"{sample_service}/#c=conv_0")
    chips = page.locator(".chips li:first-child .chip")
    expect(chips.first).to_be_visible(timeout=30_000)
    found: list[str] = []
    for number in range(chips.count()):
        chips.nth(number).dispatch_event("click")
        page.locator(".source .cited").wait_for()
        found += strangers(page, ".source")

    assert chips.count() > COUNT // 2
    assert found == []


def test_answers_that_come_and_what_may_be_asked_next(
    page: Page, sample_service: str
) -> None:
    asked = iter(range(0, COUNT, 3))
    fed(page, "conversations", lambda _: {"id": "conv_1"})
    fed(page, "chat/completions", lambda _: stream(next(asked)))
    page.goto(sample_service)
    field = page.get_by_label("Your question", exact=True)
    found: list[str] = []
    for number in range(0, COUNT, 3):
        field.fill(at(number).replace("\0", "") or "x")
        field.press("Enter")
        expect(page.locator(".exchange")).to_have_count(number // 3 + 1)
        settled(page)
        found += strangers(page, ".exchange:last-child")

    expect(page.locator(".exchange")).to_have_count(COUNT // 3)
    expect(page.locator(".follow-ups button")).to_have_count(3)
    assert found == []


def test_what_the_service_says_of_failures(page: Page, sample_service: str) -> None:
    asked = iter(range(0, COUNT, 3))

    def refusal(_: Route) -> dict[str, object]:
        number = next(asked)
        return {"error": {"message": joined(number, 3), "code": at(number)}}

    fed(page, "conversations", lambda _: {"id": "conv_1"})
    fed(page, "chat/completions", refusal)
    page.goto(sample_service)
    field = page.get_by_label("Your question", exact=True)
    for number in range(COUNT // 3):
        field.fill(f"question {number}")
        field.press("Enter")
        expect(page.locator(".failure")).to_have_count(number + 1)
        settled(page)

    expect(page.locator(".failure")).to_have_count(COUNT // 3)
    assert strangers(page) == []


def test_how_the_page_is_set_up(page: Page, sample_service: str) -> None:
    found: list[str] = []
    for number in range(0, COUNT, 4):
        page.unroute_all()
        fed(page, "suggestions", lambda _: listed([]))
        set_up(
            page, name=joined(number, 4), greeting=joined(number, 4), colour=at(number + 2),
            questions=[at(number + nth) for nth in range(6)], handoff=at(number + 3),
            language=at(number), logo=None,
        )  # fmt: skip
        page.goto(sample_service)
        expect(page.locator(".welcome")).to_be_visible()
        found += strangers(page)

    assert found == []


def test_only_addresses_of_people_are_ever_offered(
    page: Page, sample_service: str
) -> None:
    unknown = stream(1).replace('"answered":true', '"answered":false')
    fed(page, "conversations", lambda _: {"id": "conv_1"})
    fed(page, "chat/completions", lambda _: unknown)
    for handoff in (
        "javascript:alert(1)",
        "data:text/html,x",
        "http://a.example",
        "//a",
    ):
        set_up(page, handoff=handoff)
        page.goto(f"{sample_service}/?{len(handoff)}")
        page.get_by_label("Your question", exact=True).fill("x")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Ask a person").click()

        expect(page.get_by_label("Message", exact=True)).to_be_visible()
        expect(page.locator(".handoff a")).to_have_count(0)
