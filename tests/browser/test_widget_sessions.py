"""What a visit with the widget lives through: tokens that end, limits, lost lines."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
from playwright.sync_api import Browser, Page, Request

from app.access.keys import digest_of
from app.access.sessions import issue, secret_of
from tests.browser.chromium import MARKS
from tests.browser.sites import (
    QUESTION,
    Site,
    answered,
    ask,
    heard,
    opens,
    site,
)
from tests.keys import id_of

pytestmark = MARKS

SESSIONS = "/v1/widget/sessions"


def kept(page: Page) -> dict[str, Any]:
    """Return what the widget keeps of the visit."""
    found: dict[str, Any] = page.evaluate(
        "JSON.parse(Object.values(sessionStorage)[0])"
    )
    return found


def asked_of(page: Page, path: str) -> list[Request]:
    """Return the requests to a path from now on, as they come."""
    found: list[Request] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(path):
            found.append(request)

    page.on("request", note)
    return found


def test_a_token_is_opened_when_it_is_needed_and_changed_before_it_ends(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        page.clock.install()
        page.reload()
        sessions = asked_of(page, SESSIONS)
        page.clock.resume()
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        first = kept(page)
        assert len(sessions) == 1
        lasts = first["ends"] / 1000 - page.evaluate("Date.now()") / 1000
        assert 780 < lasts < 850

        page.clock.set_system_time(time.time() + 14.5 * 60)
        ask(widget, "And a network reset?")
        answered(widget, 2)

        second = kept(page)
        assert len(sessions) == 2
        assert json.loads(sessions[1].post_data or "")["session"] == first["token"]
        assert second["session"] == first["session"]
        assert second["conversation"] == first["conversation"] != ""


def test_a_token_that_is_refused_is_changed_once_and_the_question_asked_again(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser, expected=("401",)) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        before = kept(page)
        over = issued(shop, before["session"], ago=1200)
        # This browser's clock is behind: the token seems to be valid.
        keep(page, before | {"token": over, "ends": before["ends"] + 10**9})
        page.reload()
        widget.until_text(".answer", "30 seconds")
        sessions = asked_of(page, SESSIONS)
        widget.click("textarea")
        ask(widget, "And a network reset?")
        answered(widget, 2)

        assert len(sessions) <= 1
        assert kept(page)["session"] == before["session"]
        assert kept(page)["token"] != over


def test_a_session_of_long_ago_is_followed_by_a_new_one(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser, expected=("400", "404")) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        before = kept(page)
        old = issued(shop, before["session"], ago=2 * 86_400)
        keep(page, before | {"token": old, "ends": 0})
        page.reload()
        widget.until("function () { return !!this.querySelector('.greeting'); }")
        widget.click("textarea")
        ask(widget, QUESTION)
        answered(widget)

        widget.until_text(".answer", "30 seconds")
        assert kept(page)["session"] != before["session"]
        assert kept(page)["conversation"] != before["conversation"]


def issued(shop: Site, session: str, *, ago: float) -> str:
    """Return a token of a session as the service issued it so many seconds ago."""
    secret = secret_of(digest_of(shop.key, ""), "")
    now = time.time() - ago
    return issue(session, key_id=id_of(shop.key), secret=secret, now=now)


def keep(page: Page, visit: dict[str, Any]) -> None:
    """Put a visit in the place of the one that is kept."""
    page.evaluate(
        "visit => sessionStorage.setItem(Object.keys(sessionStorage)[0], visit)",
        json.dumps(visit),
    )


def test_the_token_is_all_that_is_kept_and_ends_with_the_tab(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)

        found = kept(page)
        assert set(found) == {"token", "ends", "session", "conversation", "isOpen"}
        assert jwt.decode(found["token"], options={"verify_signature": False})
        assert shop.key not in page.evaluate("JSON.stringify({...sessionStorage})")
        assert page.evaluate("localStorage.length") == 0
        assert page.evaluate("document.cookie") == ""
        page.context.new_page().goto(shop.shop.address)
        other = page.context.pages[-1]
        assert other.evaluate("sessionStorage.length") == 0


def test_a_page_that_may_store_nothing_has_a_widget_all_the_same(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser) as (page, widget):
        page.add_init_script(
            "Object.defineProperty(window, 'sessionStorage',"
            " {get() { throw new DOMException('no', 'SecurityError'); }});"
        )
        page.reload()
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)

        widget.until_text(".answer", "30 seconds")


def test_a_visitor_who_asks_too_often_is_told_when_to_ask_again(
    browser: Browser, sample_home: Path, tmp_path: Path
) -> None:
    limit = ("--requests-per-minute", "4")
    with (
        site(sample_home, tmp_path, *limit, PAGE_QUESTIONS="Reset?") as shop,
        shop.visit(browser, expected=("429",)) as (page, widget),
    ):
        opens(widget)
        for _ in range(6):
            ask(widget, QUESTION)
            widget.until(
                "function () { const last = [...this.querySelectorAll('.answer')].at(-1);"
                " return last?.ariaBusy === 'false'; }"
            )
            if widget.count(".failure"):
                break
        widget.until_text(".failure", "Too many questions at once")
        widget.until_text(".failure button", "Try again in")
        assert page.evaluate("window.heard.at(-1)") == [
            "error",
            {"code": page.evaluate("window.heard.at(-1)[1].code"), "status": 429},
        ]


def test_a_line_that_is_lost_is_told_and_used_again_when_it_is_back(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser, expected=("ERR_INTERNET_DISCONNECTED",)) as (page, widget):
        opens(widget)
        page.context.set_offline(True)
        widget.until_text(".connection", "offline")
        ask(widget, QUESTION)
        widget.until_text(".failure", "You are offline")

        page.context.set_offline(False)
        widget.until(
            "function () { return !this.querySelector('.connection').innerText; }"
        )
        widget.click(".failure button", "Try again")
        answered(widget)
        widget.until_text(".answer", "30 seconds")
        assert widget.count(".exchange") == 1


def test_a_panel_that_did_not_come_is_told_and_comes_at_the_next_try(
    browser: Browser, shop: Site
) -> None:
    expected = ("ERR_INTERNET_DISCONNECTED", "panel could not be loaded")
    with shop.visit(browser, expected=expected) as (page, widget):
        widget.until("function () { return !!this.querySelector('.launcher'); }")
        page.context.set_offline(True)
        widget.click(".launcher")
        widget.until_text(".lost", "could not be loaded")
        assert heard(page, last="error") == ["error"]

        page.context.set_offline(False)
        opens(widget)
        assert widget.text(".lost") == ""


def test_a_page_that_stayed_open_over_an_update_finds_todays_panel(
    browser: Browser, shop: Site
) -> None:
    script = httpx.get(f"{shop.service}/widget.js").text
    (name,) = {part for part in script.split("`") if part.startswith("assets/panel-")}
    gone = script.replace(name, "assets/panel-OfYester.js")
    with shop.visit(browser, expected=("404",)) as (page, widget):
        # The script as this page got it before the service was updated.
        first = {"is": True}

        def yesterday(route: Any) -> None:
            if first.pop("is", False):
                route.fulfill(body=gone, content_type="text/javascript")
            else:
                route.continue_()

        page.route("**/widget.js", yesterday)
        page.reload()
        opens(widget)

        assert widget.count("textarea") == 1
