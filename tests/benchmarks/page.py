"""The chat page in a browser: first paint, frames while answers come, a long talk.

The browser, the service and a model that speaks as it is told share one machine, so that
what is told here is worse than what a person's own machine shows.
"""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from msgspec import Struct
from playwright.sync_api import Browser, Page, expect

from tests.benchmarks.corpora import help_centre, ingested
from tests.benchmarks.figures import Figure, Part, main
from tests.browser.asking import KNOWN, long_answer, model, settled
from tests.browser.chromium import chromium
from tests.browser.pages import DESKTOP, opened
from tests.scripted_upstream import DONE, Reply, ScriptedUpstream, Wait, chunk, event
from tests.service import service

PIECES = 2000
GAP = 0.002
"""Seconds between two pieces: a model that writes 500 of them a second."""

EXCHANGES = 250
"""Of the long conversation: 500 messages."""

_NOTES = (
    "Chromium without a GPU; it shares the machine with the service and the model.",
    "A task is one of the page's main thread in the browser's own trace, in processor time.",
    "The time between two frames also holds what others did with the machine meanwhile.",
)

_WATCH = """() => {
  window.frames_ = []; window.watching_ = true;
  let last = 0;
  const look = (now) => {
    if (last) window.frames_.push(now - last);
    last = now;
    if (window.watching_) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""

_WATCHED = "() => { window.watching_ = false; return window.frames_; }"

_READ = """async (question) => {
  const body = { model: 'frontdesk', stream: true,
                 messages: [{ role: 'user', content: question }] };
  const reply = await fetch('/v1/chat/completions', { method: 'POST',
    headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const reader = reply.body.getReader();
  while (!(await reader.read()).done);
}"""

_PAINT = """() => [
  performance.getEntriesByName('first-contentful-paint')[0].startTime,
  [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !name.includes('/v1/'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
]"""


class Frames(Struct, frozen=True):
    """What was seen while a page drew: times in milliseconds.

    Attributes:
        between: From one frame to the next.
        tasks: Processor time of each task of the page's main thread.
    """

    between: tuple[float, ...]
    tasks: tuple[float, ...]


def measure(home: Path, *, quick: bool) -> Part:
    """Measure the page over the sample help centre."""
    place = ingested(help_centre(), home)
    database = home / "page.db"
    database.unlink(missing_ok=True)
    with (
        ScriptedUpstream(_whole()) as upstream,
        service(
            place, DATABASE_URL=f"sqlite:///{database}", **model(upstream)
        ) as address,
        chromium() as browser,
    ):
        paints, size = _paints(browser, address, loads=3 if quick else 9)
        written = _written(browser, address, upstream)
        idle = _read(browser, address, upstream)
        talk = _kept(address, upstream, exchanges=25 if quick else EXCHANGES)
        seconds, scrolled = _scrolled(browser, f"{address}/#c={talk}")
    return Part(
        title="The chat page",
        figures=(
            Figure(
                what="first contentful paint, cold, median of loads", unit="ms",
                ours=statistics.median(paints), asked=300,
            ),
            Figure(
                what="page, scripts and styles as they are sent", unit="KB",
                ours=size / 1000,
            ),
            *_figures(f"{PIECES} pieces are written", written),
            Figure(
                what="the same with nothing drawn: between two frames, longest",
                unit="ms", ours=max(idle.between),
            ),
            Figure(
                what="500 messages opened and drawn", unit="s", ours=seconds,
            ),
            *_figures("500 messages are scrolled", scrolled),
        ),
        notes=_NOTES,
    )  # fmt: skip


def _figures(when: str, seen: Frames) -> Iterator[Figure]:
    between, tasks = sorted(seen.between), sorted(seen.tasks)
    yield Figure(
        what=f"longest task while {when}", unit="ms", ours=tasks[-1],
    )  # fmt: skip
    yield Figure(
        what=f"between two frames while {when}, p50", unit="ms",
        ours=statistics.median(between),
    )  # fmt: skip
    yield Figure(
        what=f"between two frames while {when}, p99", unit="ms",
        ours=between[int(len(between) * 0.99)],
    )  # fmt: skip
    yield Figure(
        what=f"between two frames while {when}, longest", unit="ms", ours=between[-1],
        asked=50,
    )  # fmt: skip


def _tasks(events: list[dict[str, Any]]) -> Iterator[float]:
    """Yield the processor time, in milliseconds, of what main threads of pages did."""
    mains = {
        (one["pid"], one["tid"])
        for one in events
        if one["name"] == "thread_name" and one["args"].get("name") == "CrRendererMain"
    }
    for one in events:
        if (one["pid"], one["tid"]) in mains and "RunTask" in one["name"]:
            yield one.get("tdur", 0) / 1000


def _paints(browser: Browser, address: str, *, loads: int) -> tuple[list[float], int]:
    """Return first paints in milliseconds of fresh profiles, and bytes of one load."""
    paints: list[float] = []
    size = 0
    for _ in range(loads + 1):
        with opened(browser, address) as page:
            page.wait_for_function(
                "() => performance.getEntriesByName('first-contentful-paint').length"
            )
            paint, size = page.evaluate(_PAINT)
            paints.append(paint)
    return paints[1:], size  # The first one starts processes of the browser.


def _written(browser: Browser, address: str, upstream: ScriptedUpstream) -> Frames:
    upstream.then(_whole())
    with opened(browser, address) as page:
        field = page.get_by_label("Your question", exact=True)
        field.fill(KNOWN)
        page.wait_for_timeout(500)
        with _watched(page) as seen:
            field.press("Enter")
            page.locator(".answer[aria-busy=true]").wait_for()
            settled(page)
    return seen[0]


def _read(browser: Browser, address: str, upstream: ScriptedUpstream) -> Frames:
    """Read the same stream in a page that draws nothing: what the machine alone does."""
    upstream.then(_whole())
    nothing = opened(browser, f"{address}/health/live", hosts=(address,))
    with nothing as page, _watched(page) as seen:
        page.evaluate(_READ, KNOWN)
    return seen[0]


def _scrolled(browser: Browser, address: str) -> tuple[float, Frames]:
    with opened(browser, "", hosts=(address.partition("/#")[0],)) as page:
        page.goto(address)
        expect(page.locator(".exchange").first).to_be_attached(timeout=60_000)
        seconds: float = page.evaluate("() => performance.now() / 1000")
        page.wait_for_timeout(500)
        page.mouse.move(DESKTOP.width / 2, DESKTOP.height / 2)
        with _watched(page) as seen:
            for step in range(300):
                page.mouse.wheel(0, -300 if step < 200 else 300)
                page.wait_for_timeout(16)
    return seconds, seen[0]


@contextmanager
def _watched(page: Page) -> Iterator[list[Frames]]:
    seen: list[Frames] = []
    browser = page.context.browser
    assert browser
    browser.start_tracing(page=page, categories=["toplevel", "__metadata"])
    page.evaluate(_WATCH)
    yield seen
    between = page.evaluate(_WATCHED)
    traced = msgspec.json.decode(browser.stop_tracing())
    seen.append(Frames(tuple(between), tuple(_tasks(traced["traceEvents"]))))


def _kept(address: str, upstream: ScriptedUpstream, *, exchanges: int) -> str:
    """Hold a conversation; return its id."""
    said = [event(chunk({"content": piece})) for piece in (*long_answer(150), " [1]")]
    upstream.then(Reply((b"".join(said), event(chunk(finish="stop")), DONE)))
    with httpx.Client(base_url=address, timeout=60) as caller:
        talk = str(caller.post("/v1/conversations", json={}).json()["id"])
        asked = [{"role": "user", "content": KNOWN}]
        body = {"model": "frontdesk", "messages": asked, "stream": True}
        for _ in range(exchanges):
            caller.post(
                "/v1/chat/completions", json=body | {"rag": {"conversation_id": talk}}
            ).raise_for_status()
    return talk


def _whole() -> Reply:
    said = [event(chunk({"content": piece})) for piece in long_answer(PIECES)]
    steps = [step for piece in said for step in (piece, Wait(GAP))]
    return Reply((*steps, event(chunk(finish="stop")), DONE))


if __name__ == "__main__":
    main(measure)
