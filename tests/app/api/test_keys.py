"""Keys made, listed, revoked and rotated over HTTP, by those who may."""

import re
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from app.access.keys import DAY, digest_of
from app.access.scopes import SCOPES
from tests.keyed import PAGE, Keyed, keyed, soon

NAMED = {"name": "shop"}
SHOWN = {
    "id", "object", "name", "kind", "scopes", "labels", "origins", "limits", "created",
    "expires", "revoked", "used", "replaces",
}  # fmt: skip
STRANGE = (
    "key_" + "a" * 24, "a", "%00", "key_%00", "' OR 1=1 --", "..%2f..", "%f0%9f%92%a9",
    "%ff%fe", "key_" + "a" * 5000, "*", "null", "-1", "%ed%a0%80",
)  # fmt: skip


async def admin(service: Keyed, tenant: str = "default") -> httpx.AsyncClient:
    made = await service.key("admin", tenant=tenant, labels=("public", "staff"))
    return service.caller(made.text)


def code(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["code"]


async def test_a_key_made_over_http_works_and_is_told_once(
    sample_home: Path, tmp_path: Path
) -> None:
    asked = {
        "name": "shop",
        "scopes": ["retrieve"],
        "labels": ["public"],
        "limits": {"streams": 3},
        "expires_in_days": 30,
    }
    async with keyed(sample_home, tmp_path) as service:
        async with await admin(service) as caller:
            reply = await caller.post("/v1/keys", json=asked)
            made = reply.json()
            listed = (await caller.get("/v1/keys")).json()
        async with service.caller(made["key"]) as holder:
            found = await holder.post("/v1/search", json={"query": "reset"})

    told = made.pop("key")
    assert reply.status_code == found.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"rk_\w{24}_\w{49}", told)
    assert listed["data"][0] == made
    assert set(made) == SHOWN
    assert (made["scopes"], made["labels"]) == (["retrieve"], ["public"])
    assert made["limits"]["streams"] == 3
    assert made["expires"] == pytest.approx(soon(30 * DAY), abs=120)
    secret = told.split("_")[2]
    assert secret not in msgspec.json.encode(listed).decode()
    assert digest_of(told, "") not in msgspec.json.encode(listed).decode()


async def test_a_widgets_key_is_made_over_http(
    sample_home: Path, tmp_path: Path
) -> None:
    asked = {"name": "page", "kind": "widget", "origins": [PAGE]}
    async with keyed(sample_home, tmp_path) as service:
        async with await admin(service) as caller:
            made = (await caller.post("/v1/keys", json=asked)).json()
        async with service.caller(made["key"], origin=PAGE) as page:
            opened = await page.post("/v1/widget/sessions", json={})

    assert made["key"].startswith("wk_")
    assert made["scopes"] == ["session"]
    # What the caller may see, visitors may see, where nothing else is said.
    assert made["labels"] == ["public", "staff"]
    assert opened.status_code == 200


NOT_THEIRS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"tenant": "other"}, "tenant"),
    ({"id": "key_" + "a" * 24}, "id"),
    ({"digest": "a" * 64}, "digest"),
    ({"key": "rk_mine"}, "key"),
    ({"created": 0}, "created"),
    ({"revoked": None}, "revoked"),
    ({"used": 1}, "used"),
    ({"expires": 4e9}, "expires"),
    ({"replaces": "key_a"}, "replaces"),
    ({"limits": {"streams": 1, "unlimited": True}}, "limits.unlimited"),
    ({"__class__": "x"}, "__class__"),
)
"""Fields that no caller sets, and how they are named when they are refused."""


async def test_a_field_that_callers_do_not_set_is_refused_and_makes_no_key(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service, await admin(service) as caller:
        [mine] = await service.keyring.list(None)
        for extra, param in NOT_THEIRS:
            reply = await caller.post("/v1/keys", json=NAMED | extra)
            path = f"/v1/keys/{mine.id}/rotate"
            turned = await caller.post(path, json={"grace_hours": 1} | extra)

            assert code(reply) == code(turned) == (400, "invalid_value"), param
            assert reply.json()["error"]["param"] == param

        [after] = await service.keyring.list(None)
    assert after.id == mine.id
    assert after.expires is None


IMPOSSIBLE: tuple[tuple[dict[str, Any], str], ...] = (
    ({}, "name"),
    ({"name": ""}, "name"),
    ({"name": "\u0000"}, "name"),
    ({"name": "a\u202eb"}, "name"),
    ({"name": 5}, "name"),
    ({"name": "n" * 1_000_000}, "name"),
    (NAMED | {"scopes": ["all"]}, "scopes[0]"),
    (NAMED | {"scopes": ["session"]}, "scopes"),
    (NAMED | {"scopes": "chat"}, "scopes"),
    (NAMED | {"kind": "root"}, "kind"),
    (NAMED | {"labels": ["\n"]}, "labels"),
    (NAMED | {"labels": ["x"] * 101}, "labels"),
    (NAMED | {"origins": [PAGE]}, "origins"),
    (NAMED | {"kind": "widget"}, "origins"),
    (NAMED | {"kind": "widget", "origins": ["*"]}, "origins"),
    (NAMED | {"limits": {"streams": -1}}, "limits.streams"),
    (NAMED | {"expires_in_days": 0}, "expires_in_days"),
    (NAMED | {"expires_in_days": 1e9}, "expires_in_days"),
)


async def test_what_cannot_be_a_key_is_refused_by_name(
    sample_home: Path, tmp_path: Path
) -> None:
    surrogate = {"content-type": "application/json"}
    async with keyed(sample_home, tmp_path) as service, await admin(service) as caller:
        for asked, param in IMPOSSIBLE:
            reply = await caller.post("/v1/keys", json=asked)

            assert reply.status_code == 400, asked
            assert reply.json()["error"]["param"] == param
        lone = await caller.post(
            "/v1/keys", content=b'{"name": "\\ud800"}', headers=surrogate
        )
        cleaned = await caller.post("/v1/keys", json={"name": "a\0b"})
        made = await service.keyring.list(None)

    assert code(lone) == (400, "invalid_json")
    assert cleaned.json()["name"] == "ab"
    assert len(made) == 2


async def test_a_revoked_key_is_shown_as_revoked(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service, await admin(service) as caller:
        made = (await caller.post("/v1/keys", json=NAMED)).json()

        gone = await caller.delete(f"/v1/keys/{made['id']}")
        async with service.caller(made["key"]) as holder:
            refused = await holder.get("/v1/models")

    assert gone.status_code == 200
    assert gone.json()["revoked"]
    assert set(gone.json()) == SHOWN
    assert code(refused) == (401, "invalid_api_key")


async def test_both_keys_of_a_rotation_work(sample_home: Path, tmp_path: Path) -> None:
    async with keyed(sample_home, tmp_path) as service, await admin(service) as caller:
        old = (await caller.post("/v1/keys", json=NAMED)).json()
        path = f"/v1/keys/{old['id']}/rotate"

        new = (await caller.post(path, json={"grace_hours": 2})).json()
        again = await caller.post(path, json={})
        for key in (old["key"], new["key"]):
            async with service.caller(key) as holder:
                assert (await holder.get("/v1/models")).status_code == 200

    assert new["replaces"] == old["id"]
    assert new["scopes"] == old["scopes"]
    assert code(again) == (400, "invalid_value")


async def test_keys_of_another_tenant_are_not_there(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service:
        theirs = await service.key("chat", tenant="other", name="secret plan")
        async with await admin(service) as caller:
            replies = [
                await caller.delete(f"/v1/keys/{id_}")
                for id_ in (theirs.key.id, *STRANGE)
            ]
            replies += [
                await caller.post(f"/v1/keys/{id_}/rotate", json={})
                for id_ in (theirs.key.id, *STRANGE)
            ]
            listed = await caller.get("/v1/keys")

        assert (await service.keyring.find(theirs.key.id, None)).revoked is None
        assert len(await service.keyring.list("other")) == 1

    assert {code(reply) for reply in replies} == {(404, "not_found")}
    assert replies[0].text == replies[1].text
    assert "secret plan" not in listed.text


async def test_an_admin_grants_every_scope_but_only_within_the_tenant(
    sample_home: Path, tmp_path: Path
) -> None:
    every = [scope for scope in SCOPES if scope != "session"]
    asked = {"name": "second admin", "scopes": every, "labels": ["internal"]}
    async with keyed(sample_home, tmp_path) as service:
        await service.key("chat", tenant="other")
        async with await admin(service, "acme") as caller:
            made = (await caller.post("/v1/keys", json=asked)).json()
        async with service.caller(made["key"]) as holder:
            listed = (await holder.get("/v1/keys")).json()["data"]

        assert {k.tenant for k in await service.keyring.list("acme")} == {"acme"}

    assert made["scopes"] == every
    assert len(listed) == 2


async def test_the_first_key_can_be_made_over_http(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path) as service, service.caller() as anybody:
        reply = await anybody.post("/v1/keys", json=NAMED | {"scopes": ["admin"]})

    assert reply.status_code == 200
    assert reply.json()["key"].startswith("rk_")
