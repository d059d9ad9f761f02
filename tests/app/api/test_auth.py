"""A key for every caller: which are taken, which are refused, and how it is said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access.keyring import FRESH
from app.access.keys import new_text
from tests.keyed import PAGE, Keyed, keyed, soon

QUERY = {"query": "How do I reset the hub?"}
NONE, INVALID, EXPIRED = "missing_api_key", "invalid_api_key", "expired_api_key"


@asynccontextmanager
async def closed(
    sample_home: Path, own: Path, **variables: str
) -> AsyncIterator[tuple[Keyed, str]]:
    """A service with one key, and its text."""
    async with keyed(sample_home, own, **variables) as service:
        made = await service.key("chat", "retrieve")
        yield service, made.text


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


async def searched(service: Keyed, key: str = "", **headers: str) -> httpx.Response:
    async with service.caller(key) as caller:
        return await caller.post("/v1/search", json=QUERY, headers=headers)


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER  {} ", None])
async def test_a_key_is_taken_from_either_header(
    sample_home: Path, tmp_path: Path, form: str | None
) -> None:
    async with closed(sample_home, tmp_path) as (service, key):
        shown = {"authorization": form.format(key)} if form else {"x-api-key": key}

        assert (await searched(service, **shown)).status_code == 200


@pytest.mark.parametrize(
    "shown",
    [{}, {"authorization": ""}, {"authorization": "Bearer"}, {"x-api-key": " "},
     {"authorization": "Basic dXNlcjpwYXNz"}],
)  # fmt: skip
async def test_a_caller_without_a_key_is_told_where_one_goes(
    sample_home: Path, tmp_path: Path, shown: dict[str, str]
) -> None:
    async with closed(sample_home, tmp_path) as (service, _):
        reply = await searched(service, **shown)

    assert code(reply) == (401, NONE)
    assert reply.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in reply.json()["error"]["message"]


async def test_wrong_revoked_and_unknown_keys_are_refused_in_the_same_words(
    sample_home: Path, tmp_path: Path
) -> None:
    async with closed(sample_home, tmp_path) as (service, key):
        gone = await service.key("retrieve")
        await service.keyring.revoke(gone.key.id, None)
        other = new_text("secret")
        wrong = key[:28] + other[28:]
        shown = [gone.text, other, wrong, key[:-1], "sk-other", "é" * 77, key + "x"]

        replies = [await searched(service, **{"x-api-key": k}) for k in shown[:5]]
        replies.append(await searched(service, shown[-1]))

    assert {code(reply) for reply in replies} == {(401, INVALID)}
    assert len({reply.text for reply in replies}) == 1
    assert {reply.headers["www-authenticate"] for reply in replies} == {"Bearer"}


async def test_a_key_of_yesterday_is_said_to_have_expired(
    sample_home: Path, tmp_path: Path
) -> None:
    async with closed(sample_home, tmp_path) as (service, _):
        over = await service.key("retrieve", expires=soon(-1))
        valid = await service.key("retrieve", expires=soon(600))

        assert code(await searched(service, over.text)) == (401, EXPIRED)
        assert (await searched(service, valid.text)).status_code == 200


async def test_both_keys_of_a_rotation_are_taken(
    sample_home: Path, tmp_path: Path
) -> None:
    async with closed(sample_home, tmp_path) as (service, old):
        id_ = f"key_{old.split('_')[1]}"
        new = await service.keyring.rotate(id_, None, grace=600)

        for key in (old, new.text):
            assert (await searched(service, key)).status_code == 200


async def test_a_service_under_another_pepper_takes_no_key_of_before(
    sample_home: Path, tmp_path: Path
) -> None:
    async with closed(sample_home, tmp_path, ACCESS_PEPPER="one") as (_, key):
        pass
    async with keyed(sample_home, tmp_path, ACCESS_PEPPER="two") as service:
        assert code(await searched(service, key)) == (401, INVALID)
    async with keyed(sample_home, tmp_path, ACCESS_PEPPER="one") as service:
        assert (await searched(service, key)).status_code == 200


IN_ADDRESS = (
    "api_key={}", "API-Key={}", "key={}", "access_token={}", "token={}", "x-api-key={}",
    "authorization=Bearer%20{}", "q={}", "q=a{}b", "{}", "{}=1", "a=1&b=2&q={}",
    "key=", "api_key=sk-other",
)  # fmt: skip


async def test_a_key_in_the_address_is_refused_even_beside_a_right_one(
    sample_home: Path, tmp_path: Path
) -> None:
    async with (
        closed(sample_home, tmp_path) as (service, key),
        service.caller(key) as caller,
    ):
        for query in IN_ADDRESS:
            reply = await caller.get(f"/v1/models?{query.format(key)}")

            assert code(reply) == (401, INVALID), query
            assert "x-api-key" in reply.json()["error"]["message"]
        other = await caller.get("/v1/models?start=1&end=2&keyboard=rk_1")
        assert other.status_code == 200


async def test_an_address_that_guesses_has_to_wait_and_known_keys_do_not(
    sample_home: Path, tmp_path: Path
) -> None:
    async with closed(sample_home, tmp_path, ACCESS_FAILURES="5") as (service, key):
        fresh = (await service.key("retrieve")).text
        assert (await searched(service, key)).status_code == 200
        guesses = [await searched(service, new_text("secret")) for _ in range(5)]

        refused = await searched(service, new_text("secret"))
        wrong = await searched(service, key[:28] + new_text("secret")[28:])
        unseen = await searched(service, fresh)
        await asyncio.sleep(FRESH)
        known = await searched(service, key)
        async with service.caller(fresh, address="192.0.2.8") as elsewhere:
            other = await elsewhere.post("/v1/search", json=QUERY)

    assert {code(reply) for reply in guesses} == {(401, INVALID)}
    for reply in (refused, wrong, unseen):
        assert code(reply) == (429, "rate_limit_exceeded")
        assert 1 <= int(reply.headers["retry-after"]) <= 12
    assert known.status_code == 200
    assert other.status_code == 200


async def test_a_message_of_the_system_needs_its_scope(
    sample_home: Path, tmp_path: Path
) -> None:
    def asked(role: str, place: int) -> dict[str, Any]:
        messages = [{"role": "user", "content": "How do I reset the hub?"}] * 3
        messages[place] = {"role": role, "content": "Answer in rhymes."}
        return {"model": "frontdesk", "messages": messages}

    async with closed(sample_home, tmp_path) as (service, key):
        allowed = (await service.key("chat", "chat:system")).text
        for role in ("system", "developer"):
            for place in (0, 1):
                async with service.caller(key) as caller:
                    reply = await caller.post(
                        "/v1/chat/completions", json=asked(role, place)
                    )
                async with service.caller(allowed) as caller:
                    taken = await caller.post(
                        "/v1/chat/completions", json=asked(role, place)
                    )

                assert code(reply) == (403, "insufficient_scope")
                assert reply.json()["error"]["param"] == f"messages[{place}].role"
                assert taken.status_code == 200


async def test_the_figures_of_health_are_told_to_those_who_may_know(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        async with service.caller() as caller:
            before = (await caller.get("/health/ready")).json()
        keys = [await service.key(scope) for scope in ("insights", "admin", "chat")]
        await asyncio.sleep(FRESH)
        told = []
        for key in (*[made.text for made in keys], "", new_text("secret")):
            async with service.caller(key) as caller:
                reply = await caller.get("/health/ready")
                assert reply.status_code == 200
                told.append(reply.json())

    details = [{p["detail"] != "" for p in t["parts"].values()} for t in told]
    assert [d == {True} for d in details] == [True, True, False, False, False]
    assert [d == {False} for d in details] == [False, False, True, True, True]
    assert {t["ready"] for t in told} == {True}
    assert before["parts"]["index"]["detail"].startswith("edition")


async def test_the_first_key_closes_a_running_service_and_none_opens_it_again(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        assert (await searched(service)).status_code == 200
        assert (await searched(service, "anything at all")).status_code == 200
        made = await service.key("retrieve")
        await asyncio.sleep(FRESH)
        assert code(await searched(service)) == (401, NONE)
        await service.keyring.revoke(made.key.id, None)
        await asyncio.sleep(FRESH)

        assert code(await searched(service)) == (401, NONE)
        assert code(await searched(service, made.text)) == (401, INVALID)
    async with keyed(sample_home, tmp_path) as service:
        assert code(await searched(service)) == (401, NONE)


OWN_NAMES = (
    "localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "app.localhost:8000",
    "127.9.9.9", "help.example.com", "help.example.com:443",
)  # fmt: skip

OTHER_NAMES = (
    "evil.example:8000", "localhost.evil.example", "", "127.0.0.1.evil.example",
    "192.0.2.7", "[::1", "localhost@evil.example", "2130706433", "0.0.0.0",
    "evil.example", "xhelp.example.com", "help.example.com.evil.example",
)  # fmt: skip


async def test_an_open_service_answers_to_no_name_that_a_page_could_have_chosen(
    sample_home: Path, tmp_path: Path
) -> None:
    public = {"SERVER_PUBLIC_URL": "https://help.example.com"}
    async with keyed(sample_home, tmp_path, **public) as service:
        for host in OWN_NAMES:
            assert (await searched(service, host=host)).status_code == 200, host
        for host in OTHER_NAMES:
            reply = await searched(service, host=host)

            assert code(reply) == (403, "origin_not_allowed"), host
            assert "SERVER_PUBLIC_URL" in reply.json()["error"]["message"]


async def test_a_service_with_keys_answers_to_any_name(
    sample_home: Path, tmp_path: Path
) -> None:
    async with closed(sample_home, tmp_path) as (service, key):
        assert (await searched(service, key, host="a.example")).status_code == 200


async def test_a_widgets_key_and_its_visitors_cannot_send_a_message_of_the_system(
    sample_home: Path, tmp_path: Path
) -> None:
    messages = [
        {"role": "system", "content": "x"},
        {"role": "user", "content": "How do I reset the hub?"},
    ]
    asked = {"model": "frontdesk", "messages": messages}
    async with keyed(sample_home, tmp_path) as service:
        token = await service.visitor(await service.widget())
        async with service.caller(token, origin=PAGE) as page:
            refused = await page.post("/v1/chat/completions", json=asked)
            asked["messages"] = messages[1:]
            taken = await page.post("/v1/chat/completions", json=asked)

    assert code(refused) == (403, "insufficient_scope")
    assert taken.status_code == 200
