"""A whole service in this process, and a plain model of what it should hold."""

import asyncio
import contextlib
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar, cast

import httpx
import msgspec
from msgspec import Struct, field

from app.access.keyring import Keyring
from app.access.keys import Grant
from app.access.scopes import SCOPES, Scope
from app.main import create_app
from app.resources import Resources, open_resources
from app.settings import (
    AccessSettings,
    DatabaseSettings,
    RetrievalSettings,
    Settings,
)
from ingest.building import built_with
from ingest.documents import document_id
from ingest.index import edit_index
from ingest.settings import EmbeddingSettings, IndexSettings
from tests.command import ROOT
from tests.isolation.shelves import chunk_of, document_of

T = TypeVar("T")

ALL_SCOPES = tuple(scope for scope in SCOPES if scope != "session")

_PAUSE, _LOOKS = 0.02, 1000


class KnownKey(Struct, kw_only=True):
    """What the model knows of a key: whose, what for, and whether it is valid."""

    id: str
    text: str
    tenant: str
    scopes: frozenset[str]
    valid: bool = True


class KnownConversation(Struct, kw_only=True):
    """What the model knows of a conversation: whose, its title, its questions."""

    id: str
    tenant: str
    title: str
    questions: list[str] = field(default_factory=list)
    there: bool = True


class World:
    """The service, started and restarted over one folder, and its clock of editions."""

    def __init__(self, home: Path) -> None:
        self._runner = asyncio.Runner()
        self._stack = contextlib.AsyncExitStack()
        self._settings = Settings(
            index=IndexSettings(url=f"file:{home / 'index'}", disk_floor=0, editions=1),
            embedding=EmbeddingSettings(cache=str(ROOT / "data" / "models")),
            database=DatabaseSettings(url=f"sqlite:///{home / 'frontdesk.db'}"),
            retrieval=RetrievalSettings(min_confidence=0.0, per_document=50),
            # Every caller is at one address, and many show a key that was revoked.
            access=AccessSettings(failures=0),
        )
        self._resources: Resources
        self._http: httpx.AsyncClient

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the loop that the service lives on."""
        return self._runner.run(work)

    def start(self) -> None:
        """Start the service."""
        self.run(self._start())

    def stop(self) -> None:
        """Stop the service, as an operator does."""
        self.run(self._stack.aclose())

    def close(self) -> None:
        """Stop the service and the loop."""
        self.stop()
        self._runner.close()

    def call(
        self, method: str, path: str, key: str, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        """Send a request with a key."""
        headers = {"authorization": f"Bearer {key}"}
        return self.run(self._http.request(method, path, json=body, headers=headers))

    def make_key(self, tenant: str, scopes: tuple[Scope, ...]) -> KnownKey:
        """Make a key in the database, as the command does."""
        return self.run(self._make_key(tenant, scopes))

    def publish(
        self, *, put: list[tuple[str, str, str]], gone: list[tuple[str, str]]
    ) -> None:
        """Publish an edition, and wait until the service shows it.

        Args:
            put: Tenant, path and text of documents.
            gone: Tenant and path of documents.
        """
        self.run(self._publish(put, gone))

    async def _start(self) -> None:
        self._stack = contextlib.AsyncExitStack()
        opened = await self._stack.enter_async_context(
            open_resources(self._settings, serving=True)
        )
        self._resources = opened
        transport = httpx.ASGITransport(cast(Any, create_app(opened)))
        self._http = await self._stack.enter_async_context(
            httpx.AsyncClient(
                transport=transport, base_url="http://127.0.0.1", timeout=60
            )
        )

    async def _make_key(self, tenant: str, scopes: tuple[Scope, ...]) -> KnownKey:
        assert self._resources.database is not None
        keyring = Keyring(self._resources.database)
        made = await keyring.create(Grant(tenant=tenant, name="k", scopes=scopes))
        await keyring.close()
        return KnownKey(
            id=made.key.id, text=made.text, tenant=tenant, scopes=frozenset(scopes)
        )

    async def _publish(
        self, put: list[tuple[str, str, str]], gone: list[tuple[str, str]]
    ) -> None:
        embedder = self._resources.embedder
        built = built_with(embedder, self._settings.chunk)
        writer = await edit_index(self._settings.index, built)
        for tenant, path, text in put:
            chunk = chunk_of(tenant, path, text)
            vectors = embedder.embed_passages([text])
            await writer.replace(document_of(chunk), [chunk], vectors)
        for tenant, path in gone:
            await writer.remove(document_id(tenant, path))
        edition = await writer.publish()
        # The service looks at the pointer once a second.
        for _ in range(_LOOKS):
            if self._shown() == edition.name:
                return
            await asyncio.sleep(_PAUSE)
        raise AssertionError(f"edition {edition.name} was never shown")

    def _shown(self) -> str:
        from ingest.errors import IndexUnusable

        try:
            return self._resources.index.edition.name
        except IndexUnusable:
            return ""


def decoded(reply: httpx.Response) -> Any:
    """Return the JSON of an answer."""
    return msgspec.json.decode(reply.content)
