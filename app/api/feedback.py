"""What people think of an answer: given, given again, taken back."""

import asyncio
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import Meta, Struct

from app.api.body import json_of, refusal_of
from app.api.idempotency import answer_once
from app.conversations.keeping import Kept
from app.conversations.recording import REST_SECONDS
from app.database.engine import Database
from app.errors import NotFound
from app.insights.opinions import (
    Opinion,
    OpinionDeleted,
    Rating,
    keep,
    take_back,
)
from ingest.documents import Principal

_User = Annotated[str, Meta(max_length=256)]


class FeedbackRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A thumb, and why.

    Attributes:
        message_id: Id of the completion that is meant, ``chatcmpl-…``.
        rating: "up" or "down".
        comment: Why, in their words.
        user: Whose opinion it is, as the caller calls them; the opinions of a key's
            users are kept apart. A visitor's session speaks for itself.
    """

    message_id: Annotated[str, Meta(min_length=1, max_length=200)]
    rating: Rating
    comment: Annotated[str, Meta(max_length=2000)] | None = None
    user: _User | None = None


@post(
    "/v1/feedback",
    status_code=200,
    summary="Rate an answer",
    scopes=("feedback",),
    before_request=answer_once,
)
async def give_feedback(
    request: Request[Any, Any, Any],
    database: NamedDependency[Database],
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
) -> Response[Opinion]:
    """Keep a thumb and a comment, in place of what the same author said before."""
    try:
        given = msgspec.convert(await json_of(request), FeedbackRequest)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error
    judge = partial(
        keep,
        database,
        principal,
        given.message_id,
        rating=given.rating,
        comment=given.comment or "",
        user=given.user or "",
    )
    try:
        return Response(await judge())
    except NotFound:
        await _until_written(database, kept)
        return Response(await judge())


async def _until_written(database: Database, kept: Kept) -> None:
    """Wait for the turns of answers that were given a moment ago."""
    await kept.recorder.flush()
    if database.dialect == "postgresql":
        # Other services may have given them.
        await asyncio.sleep(2 * REST_SECONDS)


@delete(
    "/v1/feedback/{message_id:str}",
    status_code=200,
    summary="Take a rating back",
    scopes=("feedback",),
)
async def delete_feedback(
    message_id: FromPath[str],
    database: NamedDependency[Database],
    principal: NamedDependency[Principal],
    user: FromQuery[str] = "",
) -> Response[OpinionDeleted]:
    """Forget what the caller, or one of its users, said of an answer."""
    taken = await take_back(
        database, principal, message_id, user=user.replace("\0", "")
    )
    return Response(taken)


routes = (give_feedback, delete_feedback)
