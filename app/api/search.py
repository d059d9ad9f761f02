"""Hits with scores, without an answer."""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from app.api.body import json_of, refusal_of
from app.api.content import check_messages
from app.api.filtering import RequestFilter, filter_of, require_known
from app.api.request import message_of
from app.api.schema import RequestMessage
from app.chat.question import queries
from app.errors import InvalidRequest
from app.messages import JSON, Message
from app.resources import Resources
from app.retrieval.results import SearchResults, search_results
from ingest.documents import Principal

T = TypeVar("T", bound=Struct)


class SearchRequest(Struct, frozen=True, kw_only=True):
    """What to search for: a query, or a conversation whose last turn is the question.

    A field that is null counts as not given.

    Attributes:
        query: The question, or words of it.
        messages: A conversation, instead of `query`.
        limit: Most hits.
        filter: Which documents may answer.
    """

    query: Annotated[str, Meta(max_length=100_000)] | None = None
    messages: tuple[RequestMessage, ...] | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 10
    filter: RequestFilter | None = None


@post(
    "/v1/search",
    status_code=200,
    summary="Search without an answer",
    scopes=("retrieve",),
)
async def create_search(
    request: Request[Any, Any, Any],
    resources: NamedDependency[Resources],
    principal: NamedDependency[Principal],
) -> Response[SearchResults]:
    """Return the hits for a query or a conversation, best first."""
    resources.admission.refuse_if_full()
    body = await json_of(request)
    asked = checked(body, SearchRequest)
    messages = asked_in(body, asked.query, asked.messages)
    within = filter_of(asked.filter, "filter")
    async with resources.admission.work():
        found = await resources.retriever.retrieve(
            principal, queries(messages), limit=asked.limit, filter=within
        )
    return Response(search_results(found))


def checked(body: JSON, cls: type[T]) -> T:
    """Return a request's body as a `cls`.

    Raises:
        InvalidRequest: It is none; a field that nobody knows is refused as well.
    """
    given = {name: value for name, value in body.items() if value is not None}
    fields = [field.name for field in msgspec.structs.fields(cls)]
    for name in sorted(given.keys() - set(fields)):
        # A misspelled filter would else let everything through.
        raise InvalidRequest(
            f"there is no {name!r}; there are {', '.join(fields)}", param=name
        )
    require_known(given.get("filter"), "filter")
    try:
        return msgspec.convert(given, cls)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def asked_in(
    body: JSON, query: str | None, messages: Sequence[RequestMessage] | None
) -> tuple[Message, ...]:
    """Return the conversation whose last turn is the question.

    Args:
        body: The request's body.
        query: A question in it, or None.
        messages: A conversation in it, or None.

    Raises:
        InvalidRequest: There is neither, or both; or nothing is asked in it.
    """
    if (query is None) == (messages is None):
        raise InvalidRequest(
            "give either query or messages",
            param="query",
            code="missing_required_parameter",
        )
    if messages is not None:
        if not any(message.role == "user" for message in messages):
            raise InvalidRequest("no user message asks anything", param="messages")
        check_messages(messages)
        return tuple(message_of(message) for message in body["messages"])
    if not (query or "").strip():
        raise InvalidRequest("query is empty", param="query")
    return (Message(role="user", content=query),)
