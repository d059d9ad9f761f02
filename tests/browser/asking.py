"""What every test of the chat page does: ask, wait for the answer, set the page up."""

import re
from collections.abc import Mapping

import msgspec
from playwright.sync_api import Page, Route, expect

from tests.command import ROOT
from tests.scripted_upstream import ScriptedUpstream

KNOWN = "How long do I hold the pin button for a factory reset?"
"""A question that the sample help centre answers."""

UNKNOWN = "What is the best recipe for sourdough bread?"
"""One that it does not."""

SUGGESTIONS = "/v1/suggestions"
"""Asked by the page for first questions; that there are none is no complaint."""

_SETTINGS = re.compile(r'(<script type="application/json" id="page">)[^<]*(</script>)')

_PLAIN: dict[str, object] = {
    "object": "page", "name": "frontdesk", "colour": "", "logo": None, "greeting": "",
    "questions": [], "language": "", "handoff": None, "access": "open", "version": "0",
}  # fmt: skip


def ask(page: Page, question: str) -> None:
    """Type a question, send it, and wait until its answer is there."""
    field = page.get_by_label("Your question", exact=True)
    field.fill(question)
    field.press("Enter")
    expect(page.locator(".exchange").last).to_contain_text(question)
    settled(page)


def settled(page: Page) -> None:
    """Wait until no answer is being written."""
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible(
        timeout=30_000
    )
    expect(page.locator(".answer[aria-busy=true]")).to_have_count(0)


def set_up(page: Page, **settings: object) -> None:
    """Show pages as if the service were set up so; everything else is the service's.

    One service is started for many tests; only the block that it writes into the page
    at its start is another one.
    """

    def written(route: Route) -> None:
        reply = route.fetch()
        block = msgspec.json.encode(_PLAIN | settings).decode().replace("<", "\\u003c")
        body = _SETTINGS.sub(lambda found: found[1] + block + found[2], reply.text())
        route.fulfill(response=reply, body=body)

    page.route(re.compile(r"^https?://[^/]+/(\?.*)?$"), written)


def model(upstream: ScriptedUpstream) -> Mapping[str, str]:
    """Return the settings of a service that asks `upstream`."""
    return {
        "OPENAI_BASE_URL": upstream.url,
        "OPENAI_API_KEY": "none",
        "CHAT_MODEL": "scripted",
    }


def long_answer(words: int) -> list[str]:
    """Return the pieces of an answer with headings, lists, code and a table in it."""
    text = (ROOT / "data" / "documents" / "getting-started.md").read_text("utf-8")
    body = text.partition("---\n\n")[2]
    pieces = re.findall(r"\s*\S+", body)
    return [pieces[at % len(pieces)] for at in range(words)]
