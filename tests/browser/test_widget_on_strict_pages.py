"""The widget under the policies of its host's page, wherever its script stands."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import MARKS
from tests.browser.hosts import embedded
from tests.browser.pages import opened
from tests.browser.rooted import Rooted
from tests.browser.sites import QUESTION, Site, answered, ask, opens

pytestmark = MARKS

TRUSTED = "; require-trusted-types-for 'script'; trusted-types 'none'"

POLICIES = {
    "by address": "default-src 'none'; script-src {service}; connect-src {service}",
    "by nonce": "default-src 'none'; script-src 'nonce-abc123'; connect-src {service}",
    "by what a nonce brings": (
        "default-src 'none'; script-src 'nonce-abc123' 'strict-dynamic'; "
        "connect-src {service}"
    ),
}
"""Policies that a host's page may have; each of them forbids trusted strings as well."""


@pytest.mark.parametrize("policy", POLICIES)
def test_a_strict_policy_of_the_page_lets_the_widget_work_and_is_never_broken(
    browser: Browser, shop: Site, policy: str
) -> None:
    said = POLICIES[policy].format(service=shop.service) + TRUSTED
    headers = {"content-security-policy": said}
    # The page's own empty icon is no picture of the widget's.
    headers["content-security-policy"] += "; img-src data:"
    attributes = {"nonce": "abc123"} if "nonce" in policy else {}
    with shop.visit(browser, headers=headers, attributes=attributes) as (page, widget):
        opens(widget)
        ask(widget, QUESTION)
        answered(widget)
        widget.click("button.cite")
        widget.until("function () { return !!this.querySelector('.source .cited'); }")
        page.keyboard.press("Escape")

        assert page.evaluate("window.broken") == []
        # The styles are there although the page allows none.
        assert (
            widget.run(
                "function () { return getComputedStyle(this.querySelector('.panel'))"
                ".position; }"
            )
            == "fixed"
        )


def test_the_policy_that_is_sent_is_one_that_is_kept(
    browser: Browser, shop: Site
) -> None:
    policy = POLICIES["by address"].format(service="https://elsewhere.example")
    headers = {"content-security-policy": policy}
    with shop.visit(browser, headers=headers, expected=(".*",)) as (page, _):
        page.wait_for_function("window.broken.length > 0")

        assert page.evaluate("'frontdesk' in window") is False


PLACES = {
    "in the head": ("head", ""),
    "deferred": ("head", " defer"),
    "without an order": ("head", " async"),
    "at the end": ("body", ""),
    "as a module": ("body", ' type="module"'),
}


@pytest.mark.parametrize("place", PLACES)
def test_the_script_may_stand_anywhere(
    browser: Browser, shop: Site, place: str
) -> None:
    where, how = PLACES[place]
    # A module is fetched with a check of its own, which the service's answer passes.
    tag = shop.tag().replace("<script", f"<script{how}")
    parts = {"head": f"<title>A shop</title>{tag}", "tag": "<!-- none -->"}
    given: dict[str, Any] = parts if where == "head" else {"tag": tag}
    with shop.visit(browser, **given) as (page, widget):
        opens(widget)

        assert page.locator("frontdesk-widget").count() == 1
        assert (
            page.evaluate(
                "document.querySelector('frontdesk-widget').previousElementSibling.tagName"
            )
            == "BODY"
        )


def test_a_script_that_is_there_twice_draws_one_widget(
    browser: Browser, shop: Site
) -> None:
    tag = shop.tag() * 3
    expected = ("has a widget, or a thing of that name, already",)
    with shop.visit(browser, tag=tag, expected=expected) as (page, widget):
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        opens(widget)

        assert page.locator("frontdesk-widget").count() == 1
        assert len(said) == 2


def test_the_root_is_closed_and_one_name_is_all_a_page_gains(
    browser: Browser, shop: Site
) -> None:
    with shop.visit(browser, tag="<!-- none -->") as (page, _):
        names = "Object.getOwnPropertyNames(window).sort()"
        before = page.evaluate(names)
        shop.shop.page.body = shop.tag()
        page.reload()
        page.wait_for_selector("frontdesk-widget", state="attached")

        assert set(page.evaluate(names)) - set(before) == {"frontdesk"}
        assert (
            page.evaluate("document.querySelector('frontdesk-widget').shadowRoot")
            is None
        )
        assert page.evaluate("Object.keys(window.frontdesk)") == [
            "open", "close", "ask", "destroy",
        ]  # fmt: skip
        assert page.evaluate("Object.isFrozen(window.frontdesk)")


def test_a_widget_without_a_key_works_where_the_service_wants_none(
    browser: Browser, sample_service: str
) -> None:
    demo = f"{sample_service}/demo"
    with opened(browser, demo, hosts=(sample_service,)) as page:
        widget = Rooted(page)
        page.get_by_role("button", name="Ask us anything").click()
        widget.until("function () { return this.activeElement?.matches('textarea'); }")
        ask(widget, QUESTION)
        answered(widget)
        widget.until_text(".answer", "30 seconds")
        assert (
            'src="' + sample_service + '/widget.js"'
            in page.locator("#snippet").inner_text()
        )
        assert "frontdesk:answer" in page.locator("#heard").inner_text()


def test_a_wrong_attribute_is_told_once_and_the_usual_value_stands(
    browser: Browser, shop: Site
) -> None:
    wrong = {
        "data_position": "top",
        "data_colour": "teal; background: url(https://evil.example)",
        "data_language": "tlh",
        "data_z_index": "1e9",
        "data_context": "everything",
        "data_color": "#ff0000",
    }
    with shop.visit(browser, attributes=wrong, expected=("frontdesk: data-",)) as (
        page,
        widget,
    ):
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        opens(widget)

        assert len(said) == len(wrong)
        for name in wrong:
            attribute = name.replace("_", "-")
            told = (f"frontdesk: {attribute}=", f"frontdesk: {attribute} ")
            assert len([text for text in said if text.startswith(told)]) == 1
        assert widget.run(
            "function () { const frame = this.querySelector('.frame');"
            " return [frame.dataset.side, frame.lang, frame.style.getPropertyValue('--brand')]; }"
        ) == ["right", "en", ""]


def test_a_secret_key_is_never_shown_to_the_service(
    browser: Browser, shop: Site
) -> None:
    secret = "rk_" + "a" * 24 + "_" + "b" * 49
    tag = embedded(shop.service, data_key=secret)
    expected = ("data-key is not taken", "401", "does not let this page in")
    with shop.visit(browser, tag=tag, expected=expected) as (page, widget):
        sent: list[str] = []
        page.on("request", lambda request: sent.append(str(request.all_headers())))
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.reload()
        opens(widget)
        ask(widget, QUESTION)
        widget.until_text(".failure", "not set up for this page")

        assert not any(secret in text for text in [*sent, *said])
