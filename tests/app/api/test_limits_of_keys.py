"""Limits of keys, of their tenant and of visitors' sessions, over HTTP."""

from pathlib import Path

import httpx

from app.budgets import Limits
from tests.keyed import PAGE, keyed

NAME = "x-ratelimit-limit-requests"
QUESTION = {"model": "frontdesk", "messages": [{"role": "user", "content": "Reset?"}]}


async def statuses(caller: httpx.AsyncClient, times: int) -> list[int]:
    return [(await caller.get("/v1/models")).status_code for _ in range(times)]


async def test_a_key_keeps_to_its_own_limit_and_others_to_the_usual_one(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(
        sample_home, tmp_path, KEY_LIMIT_REQUESTS_PER_MINUTE="5"
    ) as service:
        narrow = await service.key("chat", limits=Limits(requests_per_minute=2))
        usual = await service.key("chat")
        async with service.caller(narrow.text) as one, service.caller(
            usual.text
        ) as other:  # fmt: skip
            asked = await statuses(one, 4), await statuses(other, 7)
            told = (await one.get("/v1/models")).json()["error"]["message"]
            limit = (await other.get("/v1/models")).headers[NAME]

    assert asked == ([200] * 2 + [429] * 2, [200] * 5 + [429] * 2)
    assert "of this key" in told
    assert limit == "5"
    assert narrow.key.id not in told


async def test_a_request_that_is_not_let_in_counts_against_nobody(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(
        sample_home, tmp_path, TENANT_LIMIT_REQUESTS_PER_MINUTE="2"
    ) as service:
        key = await service.key("chat")
        async with service.caller(key.text) as caller, service.caller(
            key.text[:-8] + "AAAAAAAA"
        ) as stranger:  # fmt: skip
            strange = await stranger.get("/v1/models")
            forbidden = await caller.get("/v1/keys")
            asked = await statuses(caller, 3)

    assert strange.status_code == 401
    assert NAME not in strange.headers
    assert forbidden.status_code == 403
    assert asked == [200, 200, 429]


async def test_a_tenant_at_its_limit_leaves_another_tenant_alone(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(
        sample_home, tmp_path, TENANT_LIMIT_REQUESTS_PER_MINUTE="3"
    ) as service:
        keys = [
            await service.key("chat", tenant=tenant)
            for tenant in ("default", "default", "other")
        ]
        asked = []
        for key in keys:
            async with service.caller(key.text) as caller:
                asked.append(await statuses(caller, 2))

    assert asked == [[200, 200], [200, 429], [200, 200]]


async def test_every_visitor_has_a_limit_and_the_widget_has_one_for_all(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(
        sample_home, tmp_path, SESSION_LIMIT_REQUESTS_PER_MINUTE="2"
    ) as service:
        # Opening each of three sessions counts, too.
        widget = await service.widget(limits=Limits(requests_per_minute=8))
        asked = []
        for _ in range(3):
            token = await service.visitor(widget)
            async with service.caller(token, origin=PAGE) as visitor:
                asked.append(await statuses(visitor, 3))
                last = await visitor.get("/v1/models")

    assert asked == [[200, 200, 429], [200, 200, 429], [200, 429, 429]]
    assert "of this key" in last.json()["error"]["message"]
    assert last.headers["access-control-allow-origin"] == PAGE


async def test_a_chat_by_an_unlimited_key_is_answered(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        key = await service.key("chat")
        async with service.caller(key.text) as caller:
            asked = await caller.post("/v1/chat/completions", json=QUESTION)

    assert asked.status_code == 200
    assert NAME not in asked.headers
