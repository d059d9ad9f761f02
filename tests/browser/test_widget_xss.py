"""T-xss in the widget: hostile texts through every field that it shows.

The browser feeds it in place of the service, in this file alone: the service cuts and
escapes much of this, and what is tested is that the widget stands where it did not.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.chromium import MARKS
from tests.browser.hosts import Host, HostPage, embedded, host
from tests.browser.pages import opened
from tests.browser.payloads import PART_ELEMENTS, TEXT_ELEMENTS, Trap, payloads
from tests.browser.rooted import Rooted
from tests.browser.sites import ask

pytestmark = MARKS

HOSTILE = payloads(400)
TURNS = 50

_STRANGERS = """function (allowed) {
  const found = [];
  for (const one of this.querySelectorAll('*')) {
    if (!allowed.includes(one.localName)) found.push(`<${one.localName}>`);
    for (const {name, value} of one.attributes) {
      if (/^on|^srcdoc$|^formaction$|^ping$/i.test(name)) found.push(`${name}=${value}`);
      if (/^(src|data|action|xlink:href)$/i.test(name)) found.push(`${name}=${value}`);
      if (name === 'style' && /url|expression/i.test(value)) found.push(value);
      if (name === 'href' && !/^(https:|mailto:)/.test(value)
        && !one.closest('.source > footer')) found.push(value);
      if (name === 'href' && !/^(https?:|mailto:)/.test(value)) found.push(value);
    }
  }
  return found;
}"""
"""Elements and attributes in the root that are none of ours."""

ALLOWED = sorted(TEXT_ELEMENTS | PART_ELEMENTS)


@pytest.fixture
def shop() -> Iterator[Host]:
    with host() as found:
        yield found


def at(number: int) -> str:
    """Return a payload; every number has one."""
    return HOSTILE[number % len(HOSTILE)]


def place(number: int, nth: int) -> dict[str, Any]:
    """Return a source that is hostile in each of its fields."""
    return {
        "id": at(number), "number": nth, "title": at(number + 1), "page": None,
        "heading_path": [at(number + 2), at(number + 3)], "score": 1,
        "snippet": at(number + 4), "url": at(number + 5),
    }  # fmt: skip


def turn(number: int) -> list[dict[str, Any]]:
    """Return a kept question and its answer; every other one is not known."""
    rag = {
        "answered": bool(number % 2), "degraded": at(number), "queries": [at(number)],
        "nearest": [place(number + 5, 1)],
        "follow_ups": [at(number + 6), at(number + 7)],
    }  # fmt: skip
    return [
        {"id": f"msg_{number}", "role": "user", "content": at(number), "status": "complete"},
        {
            "id": f"chatcmpl-{number}", "role": "assistant", "status": "complete",
            "content": f"{at(number + 8)}\n\nx [1] [2]", "rag": rag,
            "sources": [place(number, 1), place(number + 9, 2)],
        },
    ]  # fmt: skip


def opened_source(number: int) -> dict[str, Any]:
    """Return a source as it is opened."""
    chunks = [
        {"id": str(n), "heading_path": [at(number + n)], "page": None,
         "text": at(number + n + 10), "cited": n == 1}
        for n in range(3)
    ]  # fmt: skip
    document = {
        "id": "d",
        "path": at(number),
        "title": at(number),
        "url": at(number + 1),
    }
    return {
        "id": at(number), "document": document, "heading_path": [at(number + 2)],
        "page": None, "context": chunks,
    }  # fmt: skip


class Hostile:
    """Answers whatever the widget asks, with payloads; its numbers go on."""

    def __init__(self, page: Page, service: str) -> None:
        self.number = 0
        page.route(f"{service}/v1/**", self._answer)

    def _answer(self, route: Route) -> None:
        path = route.request.url.partition("/v1/")[2].partition("?")[0]
        self.number += 37
        number = self.number
        if path == "chat/completions":
            self._complete(route, number)
        elif path == "page":
            _send(route, _settings(number))
        elif path.endswith("/messages"):
            said = [message for n in range(TURNS) for message in turn(number + n * 8)]
            _send(route, {"object": "list", "data": said, "has_more": False})
        elif path.startswith("sources/"):
            _send(route, opened_source(number))
        else:
            _send(route, {"id": "conv_1", "data": [at(number), at(number + 1)]})

    def _complete(self, route: Route, number: int) -> None:
        if number % 2:
            error = {"message": at(number), "code": at(number + 1), "param": None}
            _send(route, {"error": error}, status=400)
            return
        answer = turn(number)[1]
        delta = {
            "delta": {"content": answer["content"]},
            "index": 0,
            "finish_reason": "stop",
        }
        chunk = {
            "id": at(number), "choices": [delta], "sources": answer["sources"],
            "rag": answer["rag"],
        }  # fmt: skip
        body = b"data: " + msgspec.json.encode(chunk) + b"\n\ndata: [DONE]\n\n"
        headers = {
            "access-control-allow-origin": "*",
            "content-type": "text/event-stream",
        }
        route.fulfill(body=body, headers=headers)


def _settings(number: int) -> dict[str, Any]:
    return {
        "object": "page", "name": at(number), "colour": at(number + 1), "logo": None,
        "greeting": at(number + 2), "questions": [at(number + 3), at(number + 4)],
        "language": at(number + 5), "handoff": at(number + 6), "access": "open",
        "version": at(number + 7),
    }  # fmt: skip


def _send(route: Route, told: object, status: int = 200) -> None:
    headers = {"access-control-allow-origin": "*", "content-type": "application/json"}
    route.fulfill(body=msgspec.json.encode(told), status=status, headers=headers)


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "new"])
def test_no_hostile_text_runs_or_becomes_more_than_text(
    browser: Browser, sample_service: str, shop: Host, kept: bool
) -> None:
    shop.page.head = HostPage().head
    shop.page.body = embedded(
        sample_service,
        data_title="<img src=x onerror=window.__canary()>",
        data_greeting="<svg onload=window.__canary()>",
    )
    visit = {"conversation": "conv_1" if kept else "", "isOpen": True, "token": ""}
    hosts = (sample_service, shop.address, "data:,")
    with opened(browser, "", hosts=hosts, expected=("400", "ERR_UNKNOWN")) as page:
        trap = Trap(page.context, *hosts)
        page.add_init_script(
            f"sessionStorage.setItem('frontdesk:{sample_service}:',"
            f" {msgspec.json.encode(msgspec.json.encode(visit).decode()).decode()});"
        )
        Hostile(page, sample_service)
        page.goto(shop.address)
        widget = Rooted(page)
        widget.until("function () { return !!this.querySelector('textarea'); }")
        if kept:
            widget.until(
                "function (n) { return this.querySelectorAll('.exchange').length === n; }",
                TURNS,
            )
        assert widget.run(_STRANGERS, ALLOWED) == []
        widget.click("textarea")
        for number in range(6):
            before = widget.count(".exchange")
            ask(widget, "What now?")
            widget.until(
                "function (n) { return this.querySelectorAll('.exchange').length > n"
                " && [...this.querySelectorAll('.answer')].at(-1).ariaBusy === 'false'; }",
                before,
            )
            if widget.count("button.cite"):
                widget.click("button.cite")
                widget.until(
                    "function () { return !!this.querySelector('.source .cited'); }"
                )
                assert widget.run(_STRANGERS, ALLOWED) == [], number
                page.keyboard.press("Escape")
            widget.click("textarea")
        assert widget.run(_STRANGERS, ALLOWED) == []
        assert trap.sprung(page) == []
        assert widget.text(".head h2").startswith("<img src=x")
