"""Answers kept for callers that ask again with the same idempotency key.

A claim is made before the work, and either finished with what was answered or given
back. A claim whose process died is free again when its lease is over.
"""

import time
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.database.engine import Database
from app.database.retrying import tried_again
from app.database.tables import replies
from app.errors import InvalidRequest, RequestInProgress
from ingest.documents import Principal

KEPT_SECONDS = 24 * 3600.0
"""How long an answer is kept."""

LEASE_SECONDS = 60.0
"""How long a claim stands that nobody renews."""

_TRIES = 3


class Reply(Struct, frozen=True, kw_only=True):
    """An answer as it was sent.

    Attributes:
        status: Its HTTP status.
        headers: Its headers as JSON, names and values.
        body: Every byte of it.
    """

    status: int
    headers: str
    body: bytes


class Claim(Struct, frozen=True, kw_only=True):
    """The right to answer one request, once.

    Attributes:
        tenant: Whose it is.
        author: Session or key that asked.
        key: What the caller sent as ``Idempotency-Key``.
        digest: SHA-256 of method, path and canonical body, as hex digits.
    """

    tenant: str
    author: str
    key: str
    digest: str


class Replies:
    """Keeps answers in the database."""

    def __init__(
        self, database: Database, *, clock: Callable[[], float] = time.time
    ) -> None:
        """Keep them in `database`; `clock` tells seconds since the epoch."""
        self._database = database
        self._now = clock

    async def claim(self, principal: Principal, key: str, digest: str) -> Claim | Reply:
        """Return the right to answer, or the answer that was given before.

        Raises:
            InvalidRequest: The key was used for another request.
            RequestInProgress: The same request is being answered now.
        """
        author = principal.session or principal.key_id
        wanted = Claim(tenant=principal.tenant, author=author, key=key, digest=digest)
        for _ in range(_TRIES):
            try:
                return await self._claim(wanted)
            except IntegrityError:
                # Another replica was faster by a moment: see what it has.
                continue
        raise RequestInProgress("the same request is being answered")

    async def renew(self, claim: Claim) -> None:
        """Promise to be at work on `claim` for another lease."""
        lease = self._now() + LEASE_SECONDS
        await self._set(claim, lease=lease)

    async def finish(self, claim: Claim, reply: Reply) -> None:
        """Keep what was answered."""
        await self._set(
            claim,
            status=reply.status,
            headers=reply.headers,
            body=reply.body,
            lease=None,
            expires=self._now() + KEPT_SECONDS,
        )

    @tried_again
    async def give_back(self, claim: Claim) -> None:
        """Let the next request with this key be answered anew."""
        async with self._database.writing() as connection:
            await connection.execute(
                delete(replies).where(_is(claim), replies.c.status.is_(None))
            )

    @tried_again
    async def _claim(self, wanted: Claim) -> Claim | Reply:
        now = self._now()
        over = (replies.c.expires < now) | (
            replies.c.status.is_(None) & (replies.c.lease < now)
        )
        async with self._database.writing() as connection:
            await connection.execute(delete(replies).where(_is(wanted), over))
            row = (await connection.execute(select(replies).where(_is(wanted)))).first()
            if row is None:
                await connection.execute(
                    insert(replies).values(
                        tenant=wanted.tenant,
                        author=wanted.author,
                        key=wanted.key,
                        digest=wanted.digest,
                        headers="[]",
                        lease=now + LEASE_SECONDS,
                        expires=now + KEPT_SECONDS,
                    )
                )
                return wanted
        if row.digest != wanted.digest:
            raise InvalidRequest(
                "This idempotency key was used for another request: choose a new one.",
                param="Idempotency-Key",
                code="idempotency_key_reused",
            )
        if row.status is None:
            raise RequestInProgress("the same request is being answered")
        return Reply(status=row.status, headers=row.headers, body=row.body)

    @tried_again
    async def _set(self, claim: Claim, **values: Any) -> None:  # noqa: ANN401
        async with self._database.writing() as connection:
            await connection.execute(
                update(replies)
                .where(_is(claim), replies.c.status.is_(None))
                .values(**values)
            )


def _is(claim: Claim) -> ColumnElement[bool]:
    return and_(
        replies.c.tenant == claim.tenant,
        replies.c.author == claim.author,
        replies.c.key == claim.key,
    )
