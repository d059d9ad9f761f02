"""Creates the service: routes, errors, what is opened and closed; and runs it."""

import asyncio
import errno
import math
import signal
import socket
import sys
from types import FrameType
from typing import Any

import uvicorn
import uvloop
from litestar import Litestar, Request
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from app import logs, metrics
from app.access.doorkeeper import Doorkeeper
from app.api import (
    auth,
    chat_completions,
    conversations,
    data,
    errors,
    feedback,
    health,
    idempotency,
    insights,
    keys,
    limiting,
    models,
    observing,
    openapi,
    origins,
    pages,
    search,
    sources,
    widget_sessions,
)
from app.api.terms import Terms, terms_of
from app.chat.memory import Memory
from app.conversations.keeping import Kept
from app.database.engine import Database
from app.errors import DatabaseUnavailable
from app.replies import Replies
from app.resources import Resources, open_resources
from app.retrieval.late_index import LateIndex
from app.settings import Settings
from app.web import Asset, load_assets
from ingest.documents import Principal
from ingest.errors import SettingsError

_BACKLOG = 2048
"""Connections that wait to be accepted, as uvicorn has it."""

_CUT = 3
"""Seconds after SERVER_DRAIN at which an answer that did not end is cut."""


def create_app(held: Resources) -> Litestar:
    """Create the service over what is held open; who opened it closes it."""
    settings = held.settings
    terms_now = terms_of(settings, held.models)
    memory = Memory(
        held.answerer, held.kept, code_of=errors.code_of, closing=terms_now.closing
    )
    provided = (
        resources, answerer, database, index, kept, doorkeeper, principal, terms, assets,
    )  # fmt: skip
    service = Litestar(
        route_handlers=[
            *chat_completions.routes,
            *conversations.routes,
            *data.routes,
            *models.routes,
            search.create_search,
            sources.read_source,
            *keys.routes,
            widget_sessions.create_session,
            *feedback.routes,
            insights.show_insights,
            health.show_live,
            health.show_ready,
            health.show_metrics,
            openapi.show_schema,
            pages.show_page,
            pages.show_asset,
            pages.show_icon,
        ],
        guards=[auth.admit, limiting.count],
        dependencies={f.__name__: Provide(f, sync_to_thread=False) for f in provided},
        exception_handlers=errors.exception_handlers,
        state=State(
            {
                "assets": load_assets(),
                "replies": Replies(held.database) if held.database else None,
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
    idempotency.record(service)
    if held.doorkeeper:
        of_widgets = held.doorkeeper.keyring.origins
        listed = origins.listed(settings.server.cors_origins)
        origins.share(service, listed=listed, of_widgets=of_widgets)
    return observing.observe(service)


def resources(state: State) -> Resources:
    """Return what the service holds."""
    opened: Resources = state.resources
    return opened


def answerer(state: State, resources: NamedDependency[Resources]) -> Memory:
    """Return what answers, unless the service is about to stop."""
    resources.refuse_when_stopping()
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


def assets(state: State) -> dict[str, Asset]:
    """Return the files of the chat page."""
    held: dict[str, Asset] = state.assets
    return held


def serve(settings: Settings) -> None:
    """Run the service until a signal ends it.

    Raises:
        SettingsError: The address cannot be bound.
        ModelUnusable: The embedding model or the reranker cannot be used.
    """
    logs.configure(settings.log.level)
    listening = _bind(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening))


async def _serve(settings: Settings, listening: socket.socket) -> None:
    async with open_resources(settings, serving=True) as opened:
        door = opened.doorkeeper
        guarded = door is not None and await door.refuse_unguarded()
        app = create_app(opened)
        config = uvicorn.Config(
            app,
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=math.ceil(settings.server.drain) + _CUT,
        )
        sys.stdout.write(_welcome(settings, listening, guarded=guarded))
        sys.stdout.flush()
        watching = asyncio.create_task(metrics.watch_loop())
        try:
            await _Server(config, opened, app.state.terms).serve(sockets=[listening])
        finally:
            watching.cancel()


class _Server(uvicorn.Server):
    """A server that tells the service as soon as it is to end.

    uvicorn cuts live answers without a word when its own patience ends: the service
    must end them before, and say so.
    """

    def __init__(self, config: uvicorn.Config, opened: Resources, terms: Terms) -> None:
        super().__init__(config)
        self._resources = opened
        self._terms = terms
        self._loop = asyncio.get_running_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 — the server's signature
        """Take a signal: end what runs in time; a second Ctrl-C ends it at once.

        The signal is not raised again afterwards, as uvicorn would: ending when told
        to is a success.
        """
        if self.should_exit:
            self.force_exit = self.force_exit or sig == signal.SIGINT
            return
        self.should_exit = True
        self._resources.stopping = True
        self._loop.call_soon_threadsafe(
            self._loop.call_later,
            self._resources.settings.server.drain,
            self._terms.closing.set,
        )


def _bind(settings: Settings) -> socket.socket:
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        # At once, or a second service could bind as well before either listens.
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        advice = "choose another with --host and --port"
        if error.errno == errno.EADDRINUSE:
            other = port + 1 if port < 65535 else port - 1
            advice = (
                f"end what listens there or choose another port: "
                f"frontdesk serve --port {other}"
            )
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror}; {advice}"
        ) from error
    return listening


def _welcome(settings: Settings, listening: socket.socket, *, guarded: bool) -> str:
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    model = settings.chat.model or "frontdesk"
    answers = (
        f"answers    by {settings.upstream.base_url}"
        if settings.upstream.base_url
        else "answers    extracts, word for word (set OPENAI_BASE_URL for a model)"
    )
    callers, shown = "this machine, without a key: frontdesk keys create", ""
    if guarded:
        callers, shown = "with a key", " -H 'authorization: Bearer rk_…'"
    return f"""
frontdesk  {address}
index      {settings.index.url}
{answers}
callers    {callers}

curl {address}/v1/chat/completions -H 'content-type: application/json'{shown} \\
  -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "How do I get started?"}}]}}'
"""
