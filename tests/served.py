"""Serves an ASGI application on a real socket, in a thread, as a test's server."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn

from app.serving.connections import Bounds, connections_of

USUAL = Bounds(connections=1000)


@contextmanager
def served(
    app: Any,
    bounds: Bounds = USUAL,
    *,
    loop: Literal["auto", "asyncio"] = "auto",
    keep_alive: int = 30,
) -> Iterator[str]:
    """Serve `app` on a free port of this machine, in a `loop`; yields the address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=connections_of(bounds),
            loop=loop,
            timeout_keep_alive=keep_alive,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, daemon=True
    )
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        assert time.monotonic() < deadline, "the server did not start in time"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
