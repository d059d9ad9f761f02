"""Which pages may read answers: CORS."""

import asyncio
from pathlib import Path

import pytest

from app.access.keyring import FRESH
from app.api.origins import listed
from ingest.errors import SettingsError
from tests.keyed import PAGE, keyed

LISTED = "https://desk.example.com"
SETTING = {"SERVER_CORS_ORIGINS": f"{LISTED}, http://localhost:5173"}
STRANGERS = (
    "null", "*", "https://evil.example", f"{LISTED}.evil.example", f"{LISTED}/",
    "http://desk.example.com", f"{LISTED}:443", "https://deskXexample.com",
    "http://localhost:5174", "https://desk.example.com, http://localhost:5173",
)  # fmt: skip
ALLOW = "access-control-allow-origin"


async def test_a_listed_page_reads_answers_of_every_kind(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path, **SETTING) as service:
        key = (await service.key("retrieve")).text
        async with service.caller(key, origin=LISTED) as page:
            replies = [
                await page.get("/v1/models"),
                await page.get("/v1/nothing"),
                await page.get("/v1/keys"),
                await page.post("/v1/search", content=b"{"),
                await page.put("/v1/search"),
                await page.get("/health/live"),
            ]
        async with service.caller(origin=LISTED) as page:
            replies.append(await page.get("/v1/models"))

    assert [r.status_code for r in replies] == [200, 404, 403, 415, 405, 200, 401]
    for reply in replies:
        assert reply.headers[ALLOW] == LISTED
        assert "Origin" in reply.headers["vary"]
        assert "access-control-allow-credentials" not in reply.headers
        exposed = reply.headers["access-control-expose-headers"].split(", ")
        assert {"x-request-id", "retry-after"} < set(exposed)
        assert "x-ratelimit-remaining-tokens" in exposed


async def test_a_page_that_is_not_listed_is_told_nothing_and_caches_know_why(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path, **SETTING) as service:
        for origin in STRANGERS:
            async with service.caller(origin=origin) as page:
                asked = {"access-control-request-method": "POST"}
                replies = [
                    await page.get("/v1/models"),
                    await page.options("/v1/chat/completions", headers=asked),
                ]

            for reply in replies:
                assert not [h for h in reply.headers if h.startswith("access-control")]
                assert reply.headers["vary"] == "Origin"
        async with service.caller() as nobody:
            assert (await nobody.get("/health/live")).headers["vary"] == "Origin"


async def test_a_browser_may_ask_before_without_a_key(
    sample_home: Path, tmp_path: Path
) -> None:
    wished = "Authorization, content-type,idempotency-key, x-api-key, X-Stainless-Lang"
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": f"{wished}, x-evil, cookie, x-stainless-_",
    }
    async with keyed(sample_home, tmp_path, **SETTING) as service:
        await service.key("chat")
        async with service.caller(origin=LISTED) as page:
            for path in ("/v1/chat/completions", "/v1/keys", "/v1/nothing"):
                reply = await page.options(path, headers=asked)

                assert reply.status_code == 204
                assert reply.content == b""
                assert reply.headers[ALLOW] == LISTED
                assert "POST" in reply.headers["access-control-allow-methods"]
                assert reply.headers["access-control-allow-headers"] == (
                    "authorization, content-type, idempotency-key, x-api-key, "
                    "x-stainless-lang"
                )
                assert reply.headers["x-request-id"]


async def test_pages_of_widget_keys_may_read_as_long_as_their_key_is_valid(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        asked = {"access-control-request-method": "POST"}
        async with service.caller(origin=PAGE) as page:
            await asyncio.sleep(FRESH)
            before = await page.options("/v1/widget/sessions", headers=asked)
            await service.keyring.revoke(widget.key.id, None)
            after = await page.options("/v1/widget/sessions", headers=asked)

    assert before.headers[ALLOW] == PAGE
    assert ALLOW not in after.headers


async def test_a_caller_who_is_no_browser_gets_the_methods_of_a_route(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service, service.caller() as caller:
        reply = await caller.options("/v1/models")

    assert reply.status_code == 204
    assert "GET" in reply.headers["allow"]


@pytest.mark.parametrize(
    "text", ["*", "https://a.example/", "https://*.a.example", "null"]
)
def test_an_origin_that_no_browser_sends_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match="SERVER_CORS_ORIGINS"):
        listed(f"https://b.example, {text}")


def test_origins_are_listed_with_commas() -> None:
    assert listed("") == frozenset()
    assert listed(" https://a.example ,, http://b.example:81") == {
        "https://a.example",
        "http://b.example:81",
    }
