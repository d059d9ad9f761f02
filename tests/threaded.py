"""A server of a test in a thread of its own, so that it can be asked from any event loop."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

_SECONDS = 5
"""What anything here may take: all of it happens on this machine."""


class ThreadedServer:
    """Answers a socket's connections in an event loop of its own thread.

    Attributes:
        port: Where to connect to; connections queue there before it is started.
    """

    def __init__(
        self,
        connected: Connected,
        *,
        port: int = 0,
        backlog: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Open the socket.

        Args:
            connected: Answers one connection and closes it, even when cancelled.
            port: Of 127.0.0.1; 0 takes a free one.
            backlog: Connections that may queue; None for the machine's usual number.
            tls: What connections are encrypted with, if they are.
        """
        self._connected = connected
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", port), backlog=backlog)
        self.port: int = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Start the thread, and wait until it takes connections."""
        self._thread.start()
        self.run(self._serve())

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` where connections are answered, and wait until it is done."""
        asyncio.run_coroutine_threadsafe(work, self._loop).result(_SECONDS)

    def stop(self) -> None:
        """Cancel what is being answered, and end the thread."""
        self.run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_SECONDS)
        self._loop.close()
        self._socket.close()

    async def _serve(self) -> None:
        self._accepting = await asyncio.start_server(
            self._answer, sock=self._socket, ssl=self._tls
        )

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await self._connected(reader, writer)

    async def _end(self) -> None:
        self._accepting.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
