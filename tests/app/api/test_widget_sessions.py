"""Sessions of visitors, and the pages a widget's key is for."""

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import jwt

from app.access.keyring import FRESH
from app.access.sessions import CONTINUED, issue, secret_of
from tests.app.access.test_granting import NOT_ORIGINS
from tests.keyed import PAGE, Keyed, keyed

LIKE_IT = (
    "null", "NULL", "", "https://help.example.com/", "https://help.example.com:443",
    "https://help.example.com:8443", "http://help.example.com", "HTTPS://help.example.com",
    "https://HELP.example.com", "https://help.example.com.evil.example",
    "https://evil.example/https://help.example.com", "https://evilhelp.example.com",
    "https://help-example.com", "https://helpXexample.com", "https://example.com",
    "https://a.help.example.com", "https://help.example.com@evil.example",
    "https://user@help.example.com", "https://help.example.com#", "https://help.example.com?",
    "https://help.example.com,https://evil.example", "https://help.example.com https://a",
    "help.example.com", "//help.example.com", "https:help.example.com", "https://help.example.co",
    "https://help.example.com.", "https://xn--hlp-bma.example.com", "https://help.example.com%00",
    "https://help.example.com\\.evil.example", "https://help%2eexample.com", "*",
    "https://*", "https://*.example.com", ".*", "https://help.example.com|.*", "^https://.*$",
    "file://", "https://help.example.com:0", "https://[::1]", "https://127.0.0.1",
)  # fmt: skip
"""Forms of an origin that are not the page's, though they look like it."""

QUESTION = {"model": "frontdesk", "messages": [{"role": "user", "content": "Reset?"}]}


async def opened(page: httpx.AsyncClient, earlier: str | None = None) -> httpx.Response:
    body = {} if earlier is None else {"session": earlier}
    return await page.post("/v1/widget/sessions", json=body)


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


async def secret(service: Keyed, key_id: str) -> bytes:
    kept = await service.keyring.look_up(key_id)
    assert kept
    return secret_of(kept.digest, service.keyring.pepper)


async def test_a_page_opens_a_session_in_which_one_can_ask(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        async with service.caller(widget.text, origin=PAGE) as page:
            reply = await opened(page)
        made = reply.json()
        async with service.caller(made["token"], origin=PAGE) as visitor:
            asked = await visitor.post("/v1/chat/completions", json=QUESTION)
            models = await visitor.get("/v1/models")

    claims = jwt.decode(made["token"], options={"verify_signature": False})
    assert reply.status_code == asked.status_code == models.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert made["expires_in"] <= 900
    assert claims["exp"] - time.time() <= 900
    assert claims["sub"] == made["session"]
    assert jwt.get_unverified_header(made["token"])["alg"] == "HS256"


async def test_a_visitor_may_ask_and_nothing_else(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        token = await service.visitor(widget)
        for key in (token, widget.text):
            async with service.caller(key, origin=PAGE) as page:
                replies = [
                    await page.post("/v1/search", json={"query": "reset"}),
                    await page.get("/v1/keys"),
                    await page.get("/metrics"),
                ]
                if key == widget.text:
                    asked = await page.post("/v1/chat/completions", json=QUESTION)
                    replies.append(asked)
                else:
                    replies.append(await opened(page))

            assert {code(r) for r in replies} == {(403, "insufficient_scope")}


async def test_no_origin_but_the_pages_own_is_taken(
    sample_home: Path, tmp_path: Path
) -> None:
    forms = {*LIKE_IT, *NOT_ORIGINS}
    assert len(forms) >= 60
    async with keyed(sample_home, tmp_path, ACCESS_FAILURES="0") as service:
        widget = await service.widget()
        token = await service.visitor(widget)
        for form in sorted(forms):
            headers = [(b"origin", form.encode())]
            async with (
                service.caller(widget.text) as page,
                service.caller(token) as visitor,
            ):
                replies = [
                    await page.post("/v1/widget/sessions", json={}, headers=headers),
                    await visitor.post(
                        "/v1/chat/completions", json=QUESTION, headers=headers
                    ),
                ]

            assert {code(r) for r in replies} == {(403, "origin_not_allowed")}, form
            assert not any("access-control-allow-origin" in r.headers for r in replies)


async def test_a_request_that_names_no_origin_is_from_no_page(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        async with service.caller(widget.text) as page:
            assert code(await opened(page)) == (403, "origin_not_allowed")


async def test_a_page_of_the_service_itself_reads_what_it_may(
    sample_home: Path, tmp_path: Path
) -> None:
    own = "http://localhost:8000"
    async with keyed(sample_home, tmp_path) as service:
        mine = await service.visitor(await service.widget(own), own)
        others = await service.visitor(await service.widget())
        replies = []
        for token in (mine, others):
            async with service.caller(token) as page:
                for site in ("same-origin", "same-site", "cross-site", "none"):
                    headers = {"sec-fetch-site": site}
                    replies.append(await page.get("/v1/models", headers=headers))

    assert [reply.status_code for reply in replies] == [200, *[403] * 7]


async def test_each_of_a_keys_pages_may_use_it_and_those_of_others_may_not(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget("https://a.example", "http://localhost:3000")
        await service.widget("https://other.example")
        for origin, status in (
            ("https://a.example", 200),
            ("http://localhost:3000", 200),
            ("http://localhost:3001", 403),
            ("https://other.example", 403),
        ):
            async with service.caller(widget.text, origin=origin) as page:
                assert (await opened(page)).status_code == status


async def test_a_session_goes_on_with_its_token_also_after_its_end(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        async with service.caller(widget.text, origin=PAGE) as page:
            first = (await opened(page)).json()
            ended = time.time() - CONTINUED + 600 - 900
            old = issue(
                first["session"],
                key_id=widget.key.id,
                secret=await secret(service, widget.key.id),
                now=ended,
            )
            again = [await opened(page, token) for token in (first["token"], old)]
            new = (await opened(page)).json()

    assert {reply.json()["session"] for reply in again} == {first["session"]}
    assert new["session"] != first["session"]


async def test_a_session_of_long_ago_or_of_another_key_is_not_gone_on_with(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget, other = await service.widget(), await service.widget()
        long_ago = time.time() - CONTINUED - 901
        old = issue(
            "sess_" + "a" * 24,
            key_id=widget.key.id,
            secret=await secret(service, widget.key.id),
            now=long_ago,
        )
        tokens = [await service.visitor(other), old, "", "x", "a.b.c", widget.text]
        tokens.append((await service.visitor(widget))[:-2])
        async with service.caller(widget.text, origin=PAGE) as page:
            replies = [await opened(page, token) for token in tokens]

    assert replies.pop(2).status_code == 200
    assert {code(reply) for reply in replies} == {(400, "invalid_value")}
    assert {r.json()["error"]["param"] for r in replies} == {"session"}


async def test_a_token_is_refused_once_it_is_over(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        token = issue(
            "sess_" + "a" * 24,
            key_id=widget.key.id,
            secret=await secret(service, widget.key.id),
            now=time.time() - 901,
        )
        async with service.caller(token, origin=PAGE) as visitor:
            reply = await visitor.post("/v1/chat/completions", json=QUESTION)

    assert code(reply) == (401, "expired_api_key")


async def test_revoking_a_widgets_key_ends_the_sessions_it_opened(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        widget = await service.widget()
        token = await service.visitor(widget)
        await service.keyring.revoke(widget.key.id, None)
        await asyncio.sleep(FRESH)
        for key in (token, widget.text):
            async with service.caller(key, origin=PAGE) as page:
                assert code(await page.get("/v1/models")) == (401, "invalid_api_key")


async def test_a_token_signed_with_a_secret_keys_digest_opens_nothing(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        made = await service.key("chat")
        forged: dict[str, Any] = {
            "key_id": made.key.id,
            "secret": await secret(service, made.key.id),
            "now": time.time(),
        }
        token = issue("sess_" + "a" * 24, **forged)
        async with service.caller(token, origin=PAGE) as visitor:
            reply = await visitor.get("/v1/models")

    assert code(reply) == (401, "invalid_api_key")


async def test_guessed_tokens_count_as_wrong_keys(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path, ACCESS_FAILURES="3") as service:
        widget = await service.widget()
        token = await service.visitor(widget)
        forged = issue(
            "sess_" + "a" * 24,
            key_id=widget.key.id,
            secret=b"x" * 32,
            now=time.time(),
        )
        async with service.caller(forged, origin=PAGE) as visitor:
            guesses = [await visitor.get("/v1/models") for _ in range(4)]
        async with service.caller(token, origin=PAGE) as visitor:
            real = await visitor.get("/v1/models")

    assert [reply.status_code for reply in guesses] == [401, 401, 401, 429]
    assert real.status_code == 200


async def test_an_open_service_has_no_sessions_to_open(
    sample_home: Path, tmp_path: Path
) -> None:
    async with (
        keyed(sample_home, tmp_path) as service,
        service.caller(origin="http://localhost:8000") as page,
    ):
        reply = await opened(page)

    assert reply.status_code == 403
