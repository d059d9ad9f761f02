"""T-xss on the desk: hostile texts through every field that it shows.

What the sections show is fed by the browser in place of the service, in this file alone:
the service refuses and escapes much of this before it leaves, and what is tested here is
that the page stands when none of that has happened.
"""

import re
from collections.abc import Iterator

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.chromium import MARKS
from tests.browser.pages import opened
from tests.browser.payloads import Trap, payloads, strangers

pytestmark = MARKS

HOSTILE = payloads(400)
AT_ONCE = 40
OF_THE_DESK = (
    "frontdesk-desk", "small", "details", "summary", "progress", "meter", "time", "dl",
    "dt", "dd", "q", "b", "caption", "g", "line", "text", "polyline",
)  # fmt: skip
"""Elements that the desk is made of besides those of the chat page."""


class Dealer:
    """Deals out payloads, one after another, and knows which were dealt."""

    def __init__(self, first: int) -> None:
        self._next = first

    def __call__(self) -> str:
        """Return the next one."""
        self._next += 1
        return HOSTILE[(self._next - 1) % len(HOSTILE)]

    def document(self, number: int) -> dict[str, object]:
        """Return a document that is hostile in each of its fields."""
        return {
            "id": f"d{number}", "path": f"{number} {self()}", "title": self(),
            "state": "failed", "chunks": 1, "bytes": 5, "changed": 1, "indexed": 1,
            "language": "en", "labels": [self()], "reason": self(), "warnings": [self()],
        }  # fmt: skip

    def documents(self) -> dict[str, object]:
        """Return a list of documents."""
        return {
            "data": [self.document(number) for number in range(AT_ONCE)],
            "last_id": None, "has_more": False, "counts": {"failed": AT_ONCE},
            "folder": {"writable": False, "reason": self()},
        }  # fmt: skip

    def runs(self) -> dict[str, object]:
        """Return the last runs."""
        told = [{"path": self(), "reason": self()} for _ in range(4)]
        counts = dict.fromkeys(
            ("added", "edited", "moved", "removed", "kept", "unchanged", "chunks"), 1
        )
        report = {
            **counts, "seconds": 1, "failures": told, "skipped": told, "warnings": told,
            "edition": self(),
        }  # fmt: skip
        run = {
            "id": "run_1", "state": "failed", "started": 1, "finished": 2, "done": 1,
            "of": 1, "stage": "", "current": self(), "report": report, "reason": self(),
        }  # fmt: skip
        return {"data": [run]}

    def passages(self) -> dict[str, object]:
        """Return what was read of a document."""
        return {
            "data": [
                {"id": f"c{at}", "text": self(), "heading_path": [self()], "page": 1,
                 "span": [at, at + 1]}
                for at in range(10)
            ]
        }  # fmt: skip

    def editions(self) -> dict[str, object]:
        """Return editions."""
        one = {"created": 1, "documents": 1, "chunks": 1, "current": False}
        names = [{**one, "name": self(), "model": self()} for _ in range(20)]
        return {"data": names, "restorable": False, "reason": self()}

    def keys(self) -> dict[str, object]:
        """Return keys."""
        one = {
            "kind": "secret", "limits": {}, "created": 1, "expires": None, "used": 1,
            "revoked": None, "replaces": None,
        }  # fmt: skip
        return {
            "data": [
                {**one, "id": f"{number} {self()}", "name": self(), "scopes": [self()],
                 "labels": [self()], "origins": [self()]}
                for number in range(AT_ONCE)
            ]
        }  # fmt: skip

    def insights(self) -> dict[str, object]:
        """Return insights."""
        day = {
            "day": "2026-09-01", "questions": 1, "refused": 1, "failed": 0, "p50": 1,
            "refusal_rate": 1, "p95": 2, "tokens": 3, "cost": 4, "up": 0, "down": 0,
        }  # fmt: skip
        topics = [
            {
                "question": f"{number} {self()}", "count": 1, "unanswered": 1,
                "down_voted": 1, "last_asked": 1,
                "examples": [{"id": self(), "question": self(), "asked": 1,
                              "comment": self()}],
                "nearest": {"path": self(), "title": self(), "similarity": 0.5},
            }
            for number in range(AT_ONCE)
        ]  # fmt: skip
        documents = {
            "total": 9, "never_used": [f"{n} {self()}" for n in range(20)],
            "most_used": [{"path": f"{n} {self()}", "answers": 1} for n in range(20)],
            "never_used_total": 20, "elsewhere": 1,
        }  # fmt: skip
        return {
            "days": 30, "total": day, "topics": topics, "topics_total": AT_ONCE,
            "unrecorded": 0, "left_out": 0, "documents": documents, "by_day": [day],
        }  # fmt: skip

    def road(self) -> dict[str, object]:
        """Return the road of an answer."""
        place = {"rank": 1, "score": 0.5}
        candidates = [
            {
                "id": f"c{at}", "title": self(), "path": self(), "page": 1,
                "heading_path": [self(), self()], "snippet": self(), "why": self(),
                "offered": at + 1 if at < 5 else None, "dense": place, "keyword": place,
                "fused": place, "rerank": place,
            }
            for at in range(AT_ONCE)
        ]  # fmt: skip
        prompt = {
            "model": self(), "window": 9, "tokens": 5,
            "messages": [{"role": self(), "content": self(), "tokens": 1}
                         for _ in range(20)],
            "sources": [{"number": at + 1, "id": "c", "title": self(), "tokens": 1}
                        for at in range(5)],
        }  # fmt: skip
        said = "\n\n".join(f"{self()} [1]" for _ in range(20))
        return {
            "queries": [self() for _ in range(10)], "edition": self(), "confidence": 0.5,
            "least_confidence": 0.4, "answered": True, "degraded": self(),
            "signals": {self(): 0.5 for _ in range(10)}, "candidates": candidates,
            "prompt": prompt,
            "stages": [{"name": self(), "start": 0, "duration": 1} for _ in range(10)],
            "answer": {"content": said, "sources": [], "finish_reason": "stop",
                       "usage": None},
        }  # fmt: skip


@pytest.fixture
def page(browser: Browser, sample_service: str) -> Iterator[Page]:
    with opened(browser, "", hosts=(sample_service,)) as page:
        yield page


def fed(page: Page, path: str, told: object) -> None:
    """Answer a route of the API in place of the service."""

    def reply(route: Route) -> None:
        body = msgspec.json.encode(told)
        route.fulfill(body=body, content_type="application/json")

    page.route(re.compile(rf"/v1/{path}(\?.*)?$"), reply)


def everything_unfolded(page: Page) -> None:
    page.evaluate("""() => {
      for (const one of document.querySelectorAll('details')) one.open = true;
    }""")


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_no_hostile_text_acts_in_any_section(
    page: Page, sample_service: str, first: int
) -> None:
    trap = Trap(page.context, sample_service)
    deal = Dealer(first)
    fed(page, "documents", deal.documents())
    fed(page, "ingests", deal.runs())
    fed(page, "search", deal.passages())
    fed(page, "editions", deal.editions())
    fed(page, "keys", deal.keys())
    fed(page, "insights", deal.insights())
    fed(page, "explain", deal.road())
    shown = {
        "documents": ".documents tbody tr",
        "answer?q=x": ".candidates tbody tr",
        "insights": ".topics > li",
        "editions": ".editions > li",
        "keys": "table.keys tbody tr",
    }
    for section, lines in shown.items():
        page.goto(f"{sample_service}/desk#{section}")
        expect(page.locator(lines).first).to_be_visible()
        if page.get_by_role("button", name="Show all").count():
            page.get_by_role("button", name="Show all").click()
        everything_unfolded(page)
        if section == "documents":
            page.locator(".documents button.link").first.click()
            expect(page.locator(".passages article").first).to_be_visible()
            assert strangers(page, "", *OF_THE_DESK) == []
            page.keyboard.press("Escape")
        if section == "keys":
            page.get_by_role("button", name="Revoke").first.click()
            expect(page.get_by_role("dialog")).to_be_visible()
        assert strangers(page, "", *OF_THE_DESK) == []
        assert trap.sprung(page) == []


def test_a_hostile_address_is_a_question_and_nothing_else(
    page: Page, sample_service: str
) -> None:
    trap = Trap(page.context, sample_service)
    fed(page, "explain", Dealer(0).road())
    page.goto(f"{sample_service}/desk#answer?q=%3Cimg%20src=x%20onerror=alert(1)%3E")
    asked = page.get_by_label("Question", exact=True)
    expect(asked).to_have_value("<img src=x onerror=alert(1)>")
    page.goto(f"{sample_service}/desk#constructor")
    expect(page.get_by_role("heading", name="Documents")).to_be_visible()
    assert trap.sprung(page) == []
