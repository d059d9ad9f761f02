"""Creates the service: routes, errors, and what they are given."""

from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from app.access.doorkeeper import Doorkeeper
from app.api import (
    auth,
    chat_completions,
    conversations,
    data,
    documents,
    editions,
    errors,
    explain,
    feedback,
    health,
    idempotency,
    ingests,
    insights,
    keys,
    limiting,
    models,
    observing,
    openapi,
    origins,
    overload,
    page_settings,
    pages,
    search,
    sources,
    suggestions,
    uploading,
    widget_sessions,
)
from app.api.page_settings import Face
from app.api.terms import Terms, terms_of
from app.capacity import body_budget
from app.chat.memory import Memory
from app.conversations.keeping import Kept
from app.database.engine import Database
from app.documents.desk import Desk
from app.errors import DatabaseUnavailable
from app.insights.suggesting import MostAsked
from app.replies import Replies
from app.resources import Resources
from app.retrieval.late_index import LateIndex
from app.web import Assets, load_assets
from ingest.documents import Principal

ROUTES = (
    *chat_completions.routes,
    *conversations.routes,
    *data.routes,
    *models.routes,
    search.create_search,
    explain.explain,
    sources.read_source,
    *documents.routes,
    *ingests.routes,
    *editions.routes,
    *keys.routes,
    widget_sessions.create_session,
    *feedback.routes,
    insights.show_insights,
    suggestions.list_suggestions,
    health.show_live,
    health.show_ready,
    health.show_metrics,
    openapi.show_schema,
    *pages.routes,
    *page_settings.routes,
)
"""What the service answers."""


def create_app(held: Resources) -> Litestar:
    """Create the service over what is held open; who opened it closes it."""
    settings = held.settings
    terms_now = terms_of(settings, held.models)
    memory = Memory(
        held.answerer, held.kept, code_of=errors.code_of, closing=terms_now.closing
    )
    provided = (
        resources, answerer, database, index, kept, doorkeeper, principal, terms, assets,
        face, desk,
    )  # fmt: skip
    service = Litestar(
        route_handlers=ROUTES,
        guards=[auth.admit, limiting.count],
        dependencies={f.__name__: Provide(f, sync_to_thread=False) for f in provided},
        exception_handlers=errors.exception_handlers,
        state=State(
            {
                "assets": load_assets(),
                "face": page_settings.face_of(settings),
                "replies": Replies(held.database) if held.database else None,
                "most_asked": _most_asked(held),
                "resources": held,
                "answerer": memory,
                "terms": terms_now,
            }
        ),
        openapi_config=openapi.CONFIG,
        logging_config=None,
        request_max_body_size=settings.server.max_body,
    )
    auth.refuse_undeclared(service)
    most = body_budget(settings.server.bodies, largest=settings.server.max_body)
    uploading.hold(service, uploading.Room(most))
    idempotency.record(service)
    overload.refuse(service, held)
    if held.doorkeeper:
        of_widgets = held.doorkeeper.keyring.origins
        listed = origins.listed(settings.server.cors_origins)
        origins.share(service, listed=listed, of_widgets=of_widgets)
    return observing.observe(service)


def _most_asked(held: Resources) -> MostAsked | None:
    if held.database is None:
        return None
    return MostAsked(held.database, unkeyed=held.principal.labels)


def resources(state: State) -> Resources:
    """Return what the service holds."""
    opened: Resources = state.resources
    return opened


def answerer(state: State, resources: NamedDependency[Resources]) -> Memory:
    """Return what answers, unless no question may begin."""
    resources.refuse_unless_open()
    held: Memory = state.answerer
    return held


def kept(resources: NamedDependency[Resources]) -> Kept:
    """Return what keeps conversations.

    Raises:
        DatabaseUnavailable: No database is open.
    """
    if resources.kept is None:
        raise DatabaseUnavailable("no database is open")
    return resources.kept


def database(resources: NamedDependency[Resources]) -> Database:
    """Return the database.

    Raises:
        DatabaseUnavailable: None was opened.
    """
    if resources.database is None:
        raise DatabaseUnavailable("none was opened")
    return resources.database


def index(resources: NamedDependency[Resources]) -> LateIndex:
    """Return the index."""
    return resources.index


def desk(resources: NamedDependency[Resources]) -> Desk:
    """Return who looks after the documents."""
    return resources.desk


def doorkeeper(resources: NamedDependency[Resources]) -> Doorkeeper:
    """Return who knows the keys."""
    if resources.doorkeeper is None:
        raise DatabaseUnavailable("none was opened")
    return resources.doorkeeper


def principal(request: Request[Any, Principal, Any]) -> Principal:
    """Return who is asking, as `app.api.auth.admit` found."""
    return request.auth


def terms(state: State) -> Terms:
    """Return on what terms the chat is served."""
    held: Terms = state.terms
    return held


def assets(state: State) -> Assets:
    """Return the pages and their files."""
    held: Assets = state.assets
    return held


def face(state: State) -> Face:
    """Return what the pages are told about themselves."""
    held: Face = state.face
    return held
