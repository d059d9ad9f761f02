"""What a key may be."""

import pytest

from app.access.granting import USUAL, checked, is_origin
from app.access.keys import Grant
from app.errors import InvalidRequest

SERVER = Grant(tenant="acme", name="the server")
WIDGET = Grant(
    tenant="acme", name="the page", kind="widget", origins=("https://acme.example",)
)

ORIGINS = (
    "https://example.com",
    "http://example.com:8080",
    "https://xn--mnchen-3ya.example",
    "http://localhost:3000",
    "http://127.0.0.1:5173",
    "http://[::1]:5173",
    "https://a-b.c-d.example",
)

NOT_ORIGINS = (
    "", "null", "*", "example.com", "https://", "https://*", "https://*.example.com",
    "https://example.com/", "https://example.com/path", "https://example.com?a=b",
    "https://example.com#a", "HTTPS://example.com", "https://Example.com",
    "https://user@example.com", "https://user:pass@example.com", "//example.com",
    "https://example.com:443", "http://example.com:80", "https://example.com:",
    "https://example.com:0", "https://example.com:99999", "https://example.com:08",
    "ftp://example.com", "file://", "data:text/html,x", "javascript:alert(1)",
    "https://example..com", "https://.example.com", "https://example.com.",
    "https://-example.com", "https://example-.com", "https://münchen.example",
    "https://exa mple.com", "https://example.com\n", "\thttps://example.com",
    "https://example.com,https://b.example", "https://example.com https://b.example",
    "https://[::1", "https://[0:0:0:0:0:0:0:1]", "https://[example.com]",
    "http://127.0.0.01", "http://127.1", "http://2130706433", "http://0x7f000001",
    "https://example.com\0", "https://exam_ple.com", "https://example.com\\@b.example",
    "https://%65xample.com", "https://example。com", "chrome-extension://abc",
)  # fmt: skip


@pytest.mark.parametrize("origin", ORIGINS)
def test_what_browsers_send_is_an_origin(origin: str) -> None:
    assert is_origin(origin)


@pytest.mark.parametrize("text", NOT_ORIGINS)
def test_what_no_browser_sends_is_no_origin(text: str) -> None:
    assert not is_origin(text)


def test_a_key_for_which_no_scopes_are_named_can_do_what_a_help_desk_needs() -> None:
    assert checked(SERVER, now=0).scopes == USUAL
    assert not {"admin", "ingest", "chat:system", "insights"} & set(USUAL)


def test_a_key_of_a_widget_can_only_open_sessions() -> None:
    assert checked(WIDGET, now=0).scopes == ("session",)


@pytest.mark.parametrize(
    ("grant", "param"),
    [
        (Grant(tenant="", name="n"), "tenant"),
        (Grant(tenant=" ", name="n"), "tenant"),
        (Grant(tenant="a\0b", name="n"), "tenant"),
        (Grant(tenant="a", name=""), "name"),
        (Grant(tenant="a", name="a\nb"), "name"),
        (Grant(tenant="a", name="a\x1b[31m"), "name"),
        (Grant(tenant="a", name="\ud800"), "name"),
        (Grant(tenant="a", name="n" * 201), "name"),
        (Grant(tenant="a", name="n", labels=()), "labels"),
        (Grant(tenant="a", name="n", labels=("",)), "labels"),
        (Grant(tenant="a", name="n", labels=("x",) * 101), "labels"),
        (Grant(tenant="a", name="n", expires=99.0), "expires"),
        (Grant(tenant="a", name="n", scopes=("session",)), "scopes"),
        (Grant(tenant="a", name="n", origins=("https://a.example",)), "origins"),
        (Grant(tenant="a", name="n", kind="widget"), "origins"),
        (Grant(tenant="a", name="n", kind="widget", origins=("null",)), "origins"),
        (Grant(tenant="a", name="n", kind="widget", scopes=("chat",)), "scopes"),
    ],
)
def test_what_cannot_be_granted_is_refused_by_name(grant: Grant, param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        checked(grant, now=100.0)

    assert caught.value.param == param
