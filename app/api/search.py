"""Hits with scores, without an answer."""

from typing import Annotated, Any

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
    asked = _checked(body)
    messages = _messages(asked, body)
    within = filter_of(asked.filter, "filter")
    async with resources.admission.work():
        found = await resources.retriever.retrieve(
            principal, queries(messages), limit=asked.limit, filter=within
        )
    return Response(search_results(found))


def _checked(body: JSON) -> SearchRequest:
    given = {name: value for name, value in body.items() if value is not None}
    for name in sorted(given.keys() - set(SearchRequest.__struct_fields__)):
        # A misspelled filter would else let everything through.
        known = ", ".join(SearchRequest.__struct_fields__)
        raise InvalidRequest(f"there is no {name!r}; there are {known}", param=name)
    require_known(given.get("filter"), "filter")
    try:
        return msgspec.convert(given, SearchRequest)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def _messages(asked: SearchRequest, body: JSON) -> tuple[Message, ...]:
    if (asked.query is None) == (asked.messages is None):
        raise InvalidRequest(
            "give either query or messages",
            param="query",
            code="missing_required_parameter",
        )
    if asked.messages is not None:
        if not any(message.role == "user" for message in asked.messages):
            raise InvalidRequest("no user message asks anything", param="messages")
        check_messages(asked.messages)
        return tuple(message_of(message) for message in body["messages"])
    query = asked.query or ""
    if not query.strip():
        raise InvalidRequest("query is empty", param="query")
    return (Message(role="user", content=query),)
