"""Runs the service: listens, serves, and ends when a signal says so."""

import asyncio
import errno
import math
import signal
import socket
import sys
from types import FrameType

import uvicorn
import uvloop

from app import logs
from app.api.terms import Terms
from app.capacity import connections_within, raise_files
from app.main import create_app
from app.resources import Resources, open_resources
from app.serving.connections import Bounds, connections_of
from app.serving.watchdog import Watchdog
from app.settings import Settings
from ingest.errors import SettingsError

_BACKLOG = 2048
"""Connections that wait to be accepted, as uvicorn has it."""

_CUT = 3
"""Seconds after SERVER_DRAIN at which an answer that did not end is cut."""


def serve(settings: Settings) -> None:
    """Run the service until a signal ends it.

    Raises:
        SettingsError: The address cannot be bound.
        ModelUnusable: The embedding model or the reranker cannot be used.
    """
    logs.configure(settings.log.level)
    files = raise_files()
    listening = _bind(settings)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(settings, listening, files))


async def _serve(settings: Settings, listening: socket.socket, files: int) -> None:
    async with open_resources(settings, serving=True) as opened:
        door = opened.doorkeeper
        guarded = door is not None and await door.refuse_unguarded()
        app = create_app(opened)
        most = connections_within(files, settings.server.connections)
        config = uvicorn.Config(
            app,
            http=connections_of(Bounds(connections=most)),
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
        async with Watchdog().watching():
            await _Server(config, opened, app.state.terms).serve(sockets=[listening])


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
        if self._resources.stopping:
            if sig == signal.SIGINT:
                self.should_exit = self.force_exit = True
            return
        self._resources.stopping = True
        notice = self._resources.settings.server.notice
        self._loop.call_soon_threadsafe(self._loop.call_later, notice, self._close)

    def _close(self) -> None:
        """Take no more questions, and give answers their time to end."""
        self._resources.closed = self.should_exit = True
        drain = self._resources.settings.server.drain
        self._loop.call_later(drain, self._terms.closing.set)


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
        f"answers    by {logs.redacted(settings.upstream.base_url)}"
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
