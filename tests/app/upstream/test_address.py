"""Addresses of the completions API: what they say of who asks, and which are none."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UpstreamUnavailable
from app.upstream.address import address_of
from ingest.errors import SettingsError
from tests.app.upstream.asking import ask, opened
from tests.scripted_upstream import ScriptedUpstream, either

both = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])


def sent(user: str) -> str:
    return f"Basic {base64.b64encode(user.encode()).decode()}"


@both
@pytest.mark.parametrize(
    ("user", "meant"),
    [
        ("user:password", "user:password"),
        ("us%40er:p%3As%2Fs", "us@er:p:s/s"),
        ("user", "user:"),
        ("user:", "user:"),
    ],
)
async def test_a_user_and_a_password_of_an_address_are_shown_in_place_of_the_key(
    user: str, meant: str, stream: bool
) -> None:
    with ScriptedUpstream(either("Hello")) as server:
        address = server.url.replace("//", f"//{user}@")
        async with opened(address, server.url) as upstream:
            said = await ask(upstream, stream=stream)

    assert said == "Hello"
    assert [r.headers["authorization"] for r in server.requests] == [sent(meant)]


@given(user=st.text(max_size=20), password=st.text(max_size=20))
def test_an_address_is_shown_without_who_asks(user: str, password: str) -> None:
    quoted = [text.encode(errors="replace").hex("%") for text in (user, password)]
    encoded = ":".join(f"%{text}" if text else "" for text in quoted)
    found = address_of(f"https://{encoded}@example.com:8443/v1")
    assert found.url == "https://example.com:8443/v1"
    said = ":".join(text.encode(errors="replace").decode() for text in (user, password))
    assert found.headers == {"Authorization": sent(said)}


def test_an_address_without_a_user_leaves_the_key() -> None:
    assert address_of("http://[::1]:9/v1").headers == {}


@pytest.mark.parametrize(
    "host",
    [
        "host:99999", "host:abc", "host:0", "host:-1", "[::1", "a..b", ":80", "",
        "a" * 64, "h\u2028st",
    ],
)  # fmt: skip
def test_an_address_where_no_request_can_go_is_refused_without_its_password(
    host: str,
) -> None:
    with pytest.raises(SettingsError, match="OPENAI_BASE_URL: no address") as raised:
        address_of(f"http://user:secret@{host}/v1")
    assert "secret" not in str(raised.value)


@both
async def test_whatever_the_http_client_raises_is_a_failure_of_the_upstream(
    stream: bool,
) -> None:
    async with opened("http://127.0.0.1:9/v1") as upstream:
        await upstream.aclose()
        # The client, closed already, raises what no connection raises.
        with pytest.raises(UpstreamUnavailable, match="cannot be reached"):
            await ask(upstream, stream=stream)
