"""An answer that a model writes, as the widget shows it: growing, stopped, broken off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import MARKS
from tests.browser.sites import QUESTION, Site, ask, heard, opens, site
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

pytestmark = MARKS


@pytest.fixture(scope="module")
def upstream() -> Iterator[ScriptedUpstream]:
    with ScriptedUpstream(spoken("The light turns purple [1].")) as found:
        yield found


@pytest.fixture(scope="module")
def written(
    sample_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
    upstream: ScriptedUpstream,
) -> Iterator[Site]:
    own = tmp_path_factory.mktemp("written")
    model = {"OPENAI_BASE_URL": upstream.url, "CHAT_MODEL": "writer-1"}
    with site(sample_home, own, **model) as found:
        yield found


def pieces(*texts: str) -> tuple[bytes, ...]:
    return tuple(event(chunk({"content": text})) for text in texts)


def test_an_answer_streams_can_be_stopped_and_keeps_what_came(
    browser: Browser, written: Site, upstream: ScriptedUpstream
) -> None:
    upstream.then(Reply(steps=(*pieces("Hold the pin ", "for thirty "), Hold())))
    with written.visit(browser) as (_, widget):
        opens(widget)
        ask(widget, QUESTION)
        widget.until_text(".answer", "Hold the pin")
        widget.click(".send", "Stop")
        widget.until_text(".answer", "Stopped")

        assert "Hold the pin" in widget.text(".answer")
        assert "Ask" in widget.tree()


def test_an_answer_that_breaks_off_keeps_what_came_and_can_be_asked_again(
    browser: Browser, written: Site, upstream: ScriptedUpstream
) -> None:
    upstream.then(
        Reply(steps=(*pieces("Hold the pin for thirty seconds. "), Wait(0.5), Cut())),
        Reply(steps=(*pieces("The light turns purple."), DONE)),
    )
    with written.visit(browser) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        widget.until_text(".failure", "broke before the answer was complete")
        assert "Hold the pin" in widget.text(".answer")
        assert heard(page, last="answer")[-2:] == ["error", "answer"]

        widget.click(".failure button", "Try again")
        widget.until_text(".answer", "The light turns purple")
