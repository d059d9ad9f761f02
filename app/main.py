"""Creates the service: routes, errors, what is opened and closed; and runs it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from types import FrameType

import uvicorn
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import NamedDependency, Provide

from app import logs
from app.api import (
    chat_completions,
    errors,
    health,
    models,
    observing,
    openapi,
    pages,
    search,
    sources,
)
from app.api.terms import Terms, terms_of
from app.chat.answer import Answerer
from app.resources import Resources, open_resources
from app.retrieval.late_index import LateIndex
from app.settings import Settings
from app.web import Asset, load_assets
from ingest.documents import Principal
from ingest.errors import SettingsError


def create_app(settings: Settings) -> Litestar:
    """Create the service; nothing is opened before it starts."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        async with open_resources(settings) as resources:
            agreed = terms_of(settings, resources.models)

            def stop() -> None:
                resources.stopping = True
                loop.call_later(settings.server.drain, agreed.closing.set)

            app.state.resources = resources
            app.state.terms = agreed
            app.state.stop = partial(loop.call_soon_threadsafe, stop)
            yield

    provided = (resources, answerer, index, principal, terms, assets)
    service = Litestar(
        route_handlers=[
            *chat_completions.routes,
            *models.routes,
            search.create_search,
            sources.read_source,
            health.show_live,
            health.show_ready,
            health.show_metrics,
            openapi.show_schema,
            pages.show_page,
            pages.show_asset,
            pages.show_icon,
        ],
        dependencies={f.__name__: Provide(f, sync_to_thread=False) for f in provided},
        exception_handlers=errors.exception_handlers,
        lifespan=[lifespan],
        state=State({"assets": load_assets()}),
        openapi_config=openapi.CONFIG,
        logging_config=None,
        request_max_body_size=settings.server.max_body,
    )
    return observing.observe(service)


def resources(state: State) -> Resources:
    """Return what the service holds."""
    held: Resources = state.resources
    return held


def answerer(resources: NamedDependency[Resources]) -> Answerer:
    """Return what answers, unless the service is about to stop."""
    resources.refuse_when_stopping()
    return resources.answerer


def index(resources: NamedDependency[Resources]) -> LateIndex:
    """Return the index."""
    return resources.index


def principal(resources: NamedDependency[Resources]) -> Principal:
    """Return who is asking: everybody is whom the settings name."""
    return resources.principal


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
    """
    logs.configure(settings.log.level)
    listening = _bind(settings)
    app = create_app(settings)
    server = _Server(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=round(settings.server.drain) + 5,
        )
    )
    host, port = listening.getsockname()[:2]
    sys.stdout.write(_welcome(settings, f"http://{host}:{port}"))
    sys.stdout.flush()
    server.run(sockets=[listening])


class _Server(uvicorn.Server):
    """A server that tells the service as soon as it is to end.

    uvicorn cuts live streams without a word when its own patience ends: the service
    must end them before, with a frame that says so.
    """

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Take a signal: tell the service, then stop listening."""
        service = self.config.app
        if isinstance(service, Litestar) and "stop" in service.state:
            service.state.stop()
        super().handle_exit(sig, frame)


def _bind(settings: Settings) -> socket.socket:
    host, port = settings.server.host, settings.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror}; end what listens there "
            f"or choose another port: frontdesk serve --port {port + 1}"
        ) from error
    return listening


def _welcome(settings: Settings, address: str) -> str:
    model = settings.chat.model or "frontdesk"
    answers = (
        f"answers    by {settings.upstream.base_url}"
        if settings.upstream.base_url
        else "answers    extracts, word for word (set OPENAI_BASE_URL for a model)"
    )
    return f"""
frontdesk  {address}
index      {settings.index.url}
{answers}

curl {address}/v1/chat/completions -H 'content-type: application/json' \\
  -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "How do I …?"}}]}}'
"""
