"""A service with keys, in this process, over the sample and a database of its own."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from app.access.doorkeeper import Doorkeeper
from app.access.granting import checked
from app.access.keyring import Keyring, Made
from app.access.keys import Grant
from app.main import create_app
from app.resources import open_resources
from app.settings import load_settings
from tests.command import environment

PAGE = "https://help.example.com"
"""Origin of the page that widget keys are for, where a test names no other."""


class Keyed:
    """A service, its keyring, and callers."""

    def __init__(self, app: Any, doorkeeper: Doorkeeper) -> None:
        self.app = app
        self.doorkeeper = doorkeeper

    @property
    def keyring(self) -> Keyring:
        """The keys of the service."""
        return self.doorkeeper.keyring

    async def key(self, *scopes: str, **fields: Any) -> Made:
        """Make a key with these scopes."""
        given = {"tenant": "default", "name": "a test's", "scopes": scopes, **fields}
        grant = checked(Grant(**given), now=0.0)
        return await self.keyring.create(grant)

    async def widget(self, *origins: str, **fields: Any) -> Made:
        """Make a widget's key for these pages."""
        return await self.key(kind="widget", origins=origins or (PAGE,), **fields)

    def caller(
        self, key: str = "", *, origin: str = "", address: str = "192.0.2.7"
    ) -> httpx.AsyncClient:
        """Return a client that shows `key`, from a page and an address."""
        headers = {"authorization": f"Bearer {key}"} if key else {}
        if origin:
            headers["origin"] = origin
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app, client=(address, 40_000)),
            base_url="http://localhost:8000",
            headers=headers,
        )

    async def visitor(self, widget: Made, origin: str = PAGE) -> str:
        """Return the token of a new session that a page opened."""
        async with self.caller(widget.text, origin=origin) as page:
            reply = await page.post("/v1/widget/sessions", json={})
        assert reply.status_code == 200, reply.text
        return str(reply.json()["token"])


@asynccontextmanager
async def keyed(
    sample_home: Path, own: Path, *, url: str = "", **variables: str
) -> AsyncIterator[Keyed]:
    """Open a service over the sample whose keys are kept in `own`, or at `url`."""
    database = url or f"sqlite:///{own / 'frontdesk.db'}"
    environ = environment(sample_home, DATABASE_URL=database, **variables)
    async with open_resources(load_settings(environ), serving=True) as held:
        assert held.doorkeeper
        yield Keyed(create_app(held), held.doorkeeper)


def soon(seconds: float) -> float:
    """Return the time so many seconds from now."""
    return time.time() + seconds
