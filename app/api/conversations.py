"""Conversations: begun, listed, shown with their messages, changed and deleted."""

from typing import Annotated, Any, TypeVar

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta, Struct

from app.api.body import json_of, refusal_of
from app.api.idempotency import answer_once
from app.api.kept_messages import KeptMessage, messages_of, turn_id_of
from app.api.terms import Terms
from app.conversations.keeping import Kept
from app.conversations.store import Draft
from app.conversations.turns import Conversation, Page
from app.errors import NotFound
from app.messages import JSON
from ingest.documents import Principal

T = TypeVar("T")

_Limit = Annotated[int, QueryParameter(ge=1, le=100)]


class DraftConversation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a caller may say of a conversation. A field that is null is not given.

    Attributes:
        title: What they call it.
        metadata: What they note beside it.
    """

    title: Annotated[str, Meta(max_length=200)] | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Meta(max_length=64)],
                Annotated[str, Meta(max_length=512)],
            ],
            Meta(max_length=16),
        ]
        | None
    ) = None


class NewConversation(DraftConversation, frozen=True, kw_only=True):
    """A conversation to begin.

    Attributes:
        user: Whom it is with, as the caller calls them.
    """

    user: Annotated[str, Meta(max_length=512)] | None = None


class ShownConversation(Struct, frozen=True, kw_only=True):
    """A conversation as it is shown.

    Attributes:
        id: Its id; a chat continues it by ``rag.conversation_id``.
        object: Always "conversation".
        title: What its owner calls it, or "".
        metadata: What its owner notes beside it.
        user: Whom it is with, or "".
        created: Seconds since the epoch.
        updated: When it was changed or last continued.
    """

    id: str
    object: str = "conversation"
    title: str
    metadata: dict[str, str]
    user: str
    created: int
    updated: int


class ConversationList(Struct, frozen=True, kw_only=True):
    """A page of conversations, newest first.

    Attributes:
        object: Always "list".
        data: The conversations.
        first_id: Id of the first, or None.
        last_id: Id of the last, or None; ``after`` it the next page begins.
        has_more: Whether there is a next page.
    """

    object: str = "list"
    data: tuple[ShownConversation, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool


class MessageList(Struct, frozen=True, kw_only=True):
    """A page of messages, oldest first; fields as `ConversationList` has them."""

    object: str = "list"
    data: tuple[KeptMessage, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool


class DeletedConversation(Struct, frozen=True, kw_only=True):
    """A conversation that is gone.

    Attributes:
        id: Its id.
        object: Always "conversation.deleted".
        deleted: Always true.
    """

    id: str
    object: str = "conversation.deleted"
    deleted: bool = True


@post(
    "/v1/conversations",
    status_code=200,
    summary="Begin a conversation",
    scopes=("conversations",),
    before_request=answer_once,
)
async def create_conversation(
    request: Request[Any, Any, Any],
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
) -> Response[ShownConversation]:
    """Begin a conversation that chats can continue."""
    given = _read(await json_of(request), NewConversation)
    draft = Draft(title=given.title, metadata=given.metadata)
    made = await kept.conversations.create(principal, draft, user=given.user or "")
    return Response(_shown(made))


@get("/v1/conversations", summary="List conversations", scopes=("conversations",))
async def list_conversations(
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
    limit: _Limit = 20,
    after: FromQuery[str] = "",
    user: FromQuery[str] = "",
    q: Annotated[str, QueryParameter(max_length=200)] = "",
) -> ConversationList:
    """Return conversations, newest first; with `q`, those its words stand in."""
    page = Page(limit=limit, after=after)
    found, more = await kept.conversations.page(principal, page, user=user, words=q)
    return ConversationList(
        data=tuple(map(_shown, found)),
        first_id=found[0].id if found else None,
        last_id=found[-1].id if found else None,
        has_more=more,
    )


@get(
    "/v1/conversations/{conversation_id:str}",
    summary="Show one conversation",
    scopes=("conversations",),
)
async def show_conversation(
    conversation_id: FromPath[str],
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
) -> ShownConversation:
    """Return one conversation, without its messages."""
    return _shown(await kept.conversations.read(principal, conversation_id))


@post(
    "/v1/conversations/{conversation_id:str}",
    status_code=200,
    summary="Change a conversation",
    scopes=("conversations",),
)
async def change_conversation(
    conversation_id: FromPath[str],
    request: Request[Any, Any, Any],
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
) -> Response[ShownConversation]:
    """Change title or metadata; what is not given stays."""
    given = _read(await json_of(request), DraftConversation)
    draft = Draft(title=given.title, metadata=given.metadata)
    changed = await kept.conversations.change(principal, conversation_id, draft)
    return Response(_shown(changed))


@delete(
    "/v1/conversations/{conversation_id:str}",
    status_code=200,
    summary="Delete a conversation",
    scopes=("conversations",),
)
async def delete_conversation(
    conversation_id: FromPath[str],
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
) -> DeletedConversation:
    """Delete a conversation with its turns and what was thought of them."""
    await kept.conversations.delete(principal, conversation_id)
    return DeletedConversation(id=conversation_id)


@get(
    "/v1/conversations/{conversation_id:str}/messages",
    summary="Show a conversation's messages",
    scopes=("conversations",),
)
async def list_messages(
    conversation_id: FromPath[str],
    request: Request[Any, Any, Any],
    kept: NamedDependency[Kept],
    principal: NamedDependency[Principal],
    limit: _Limit = 20,
    after: FromQuery[str] = "",
) -> MessageList:
    """Return questions and answers, oldest first, with what the answers stand on."""
    terms: Terms = request.app.state.terms
    address = terms.address(request.scope["scheme"], request.headers.get("host", ""))
    turns = await kept.history.page(
        principal,
        conversation_id,
        # Every turn holds two messages at least; those of the first may be over.
        limit=limit // 2 + 2,
        after=turn_id_of(after) if after else "",
    )
    found = [message for turn in turns for message in messages_of(turn, address)]
    if after:
        ids = [message.id for message in found]
        if after not in ids:
            raise NotFound("There is no such message in this conversation.")
        found = found[ids.index(after) + 1 :]
    shown = found[:limit]
    return MessageList(
        data=tuple(shown),
        first_id=shown[0].id if shown else None,
        last_id=shown[-1].id if shown else None,
        has_more=len(found) > limit,
    )


def _read(body: JSON, cls: type[T]) -> T:
    given = {name: value for name, value in body.items() if value is not None}
    try:
        return msgspec.convert(given, cls)
    except msgspec.ValidationError as error:
        raise refusal_of(error) from error


def _shown(conversation: Conversation) -> ShownConversation:
    return ShownConversation(
        id=conversation.id,
        title=conversation.title,
        metadata=conversation.metadata,
        user=conversation.user,
        created=int(conversation.created),
        updated=int(conversation.updated),
    )


routes = (
    create_conversation,
    list_conversations,
    show_conversation,
    change_conversation,
    delete_conversation,
    list_messages,
)
