"""One service for twenty tenants, each with everything a tenant can have.

Its upstream is as obedient as can be: it says all that it was shown.
"""

import asyncio
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from app.access.keyring import Keyring
from app.access.keys import Grant
from app.access.limits import Limits
from app.access.scopes import SCOPES
from app.database.engine import open_database
from app.settings import DatabaseSettings
from ingest.logbook import Logbook
from ingest.plan import Job, Report, Trouble
from tests.isolation.shelves import Shelf, canary, fill
from tests.scripted_upstream import Recorded, ScriptedUpstream, either
from tests.service import service

TENANTS = tuple(f"tenant-{number:02}" for number in range(20))

ORIGIN = "https://shop.example"

_EVERYTHING = tuple(scope for scope in SCOPES if scope != "session")


class Party(Struct, frozen=True, kw_only=True):
    """A tenant, its keys, and the ids of what it has.

    Attributes:
        shelf: Its documents.
        key: Text of a key with every scope and the label "public".
        widget: Text of a widget's key.
        session: Token of a visitor's session.
        canaries: Words that only this tenant may be shown, those of documents too.
        ids: Ids by what they name: ``source``, ``conversation``, ``turn``, ``key``.
        once: Idempotency key of a request that was answered.
    """

    shelf: Shelf
    key: str
    widget: str
    session: str
    canaries: frozenset[str]
    ids: dict[str, str]
    once: str


class Desk(Struct, frozen=True, kw_only=True):
    """A running service and those who use it."""

    address: str
    parties: tuple[Party, ...]


@contextmanager
def open_desk(
    home: Path, tenants: Sequence[str] = TENANTS, **variables: str
) -> Iterator[Desk]:
    """Serve documents of several tenants; every one has used every part of it."""
    shelves = fill(home / "index", tenants)
    files = {tenant: _filed(home, tenant) for tenant in tenants}
    url = f"sqlite:///{home / 'frontdesk.db'}"
    keys = asyncio.run(_keys(url, tenants))
    with (
        ScriptedUpstream(_obedient) as upstream,
        service(
            home,
            **{
                "DATABASE_URL": url,
                "OPENAI_BASE_URL": upstream.url,
                "OPENAI_API_KEY": "the-upstreams-key",
                "CHAT_MODEL": "writer-1",
                "RETRIEVAL_MIN_CONFIDENCE": "0",
                "SESSION_LIMIT_REQUESTS_PER_MINUTE": "0",
                "DESK_FOLDER": str(home / "folders" / "{tenant}"),
                **variables,
            },
        ) as address,
    ):
        parties = [
            _settled(address, shelf, *keys[shelf.tenant], files[shelf.tenant])
            for shelf in shelves
        ]
        yield Desk(address=address, parties=tuple(parties))


def _obedient(request: Recorded) -> Any:
    said = [str(message["content"]) for message in request.body["messages"]]
    return either("\n".join(said))(request)


async def _keys(url: str, tenants: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the texts of a secret and of a widget's key by tenant."""
    made = {}
    async with open_database(DatabaseSettings(url=url)) as database:
        keyring = Keyring(database)
        for tenant in tenants:
            limits = Limits(streams=100)
            secret = Grant(
                tenant=tenant, name=canary(), scopes=_EVERYTHING, limits=limits
            )
            widget = Grant(
                tenant=tenant, name=canary(), kind="widget", scopes=("session",),
                origins=(ORIGIN,), limits=limits,
            )  # fmt: skip
            made[tenant] = (
                (await keyring.create(secret)).text,
                (await keyring.create(widget)).text,
            )
        await keyring.close()
    return made


def _filed(home: Path, tenant: str) -> dict[str, str]:
    """Put a file that no other tenant may learn of into a folder, and note a run of it."""
    folder, name = home / "folders" / tenant, f"{canary()}.md"
    folder.mkdir(parents=True)
    (folder / name).write_text(canary(), encoding="utf-8")
    job = Job(folder=folder, tenant=tenant, labels=("public",))
    entry = Logbook(home / "index").begin(job)
    assert entry is not None
    with entry:
        entry.close(Report(failures=(Trouble(path=name, reason=canary()),)))
    (run,) = [r for r in Logbook(home / "index").runs() if r.tenant == tenant]
    return {"file": name, "run": run.id}


def _settled(
    address: str, shelf: Shelf, key: str, widget: str, files: dict[str, str]
) -> Party:
    """Use everything there is as one tenant, and note the ids."""
    words = {name: canary() for name in ("title", "fact", "note", "comment", "user")}
    with httpx.Client(base_url=address, timeout=60) as http:
        http.headers["authorization"] = f"Bearer {key}"
        conversation = post(
            http, "/v1/conversations",
            {"title": words["title"], "metadata": {"note": words["note"]},
             "user": words["user"]},
        )["id"]  # fmt: skip
        question = f"How do I reset the hub? My number is {words['fact']}."
        asked = {
            "model": "frontdesk",
            "messages": [{"role": "user", "content": question}],
            "rag": {"conversation_id": conversation},
            "user": words["user"],
        }
        once = canary()
        turn = post(http, "/v1/chat/completions", asked, once=once)["id"]
        post(
            http, "/v1/feedback",
            {"message_id": turn, "rating": "down", "comment": words["comment"]},
        )  # fmt: skip
        listed = http.get("/v1/keys").raise_for_status().json()["data"]
        http.headers.update({"authorization": f"Bearer {widget}", "origin": ORIGIN})
        session = post(http, "/v1/widget/sessions", {})["token"]
    names = {key["name"] for key in listed}
    return Party(
        shelf=shelf,
        key=key,
        widget=widget,
        session=session,
        canaries=frozenset(
            (*shelf.canaries, shelf.staff, *words.values(), *names, files["file"][:-3])
        ),
        ids={
            **files,
            "source": shelf.sources[0],
            "staff_source": shelf.sources[-1],
            "document": shelf.documents[0],
            "conversation": conversation,
            "turn": turn,
            "key": listed[0]["id"],
            "user": words["user"],
        },
        once=once,
    )


def post(http: httpx.Client, path: str, body: Any, *, once: str = "") -> Any:
    """Post JSON that must be accepted, and return the answer."""
    headers = {"idempotency-key": once} if once else {}
    reply = http.post(path, json=body, headers=headers)
    assert reply.status_code < 300, f"{path}: {reply.status_code} {reply.text}"
    return json.loads(reply.text)
