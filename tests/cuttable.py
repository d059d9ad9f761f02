"""A way to a TCP server that a test can cut and mend."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Cuttable:
    """Passes bytes between whoever connects and a server, until it is cut.

    Attributes:
        port: Where to connect to.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._is_cut = False
        self._lock = threading.Lock()
        self._live: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        with self._lock:
            self._is_cut = True
            for live in self._live:
                with contextlib.suppress(OSError):
                    live.shutdown(socket.SHUT_RDWR)
            self._live.clear()

    def mend(self) -> None:
        """Take connections again."""
        with self._lock:
            self._is_cut = False

    def close(self) -> None:
        """End."""
        self.cut()
        # Wakes the thread that waits for a connection.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            with self._lock:
                if self._is_cut:
                    caller.close()
                    continue
                server = socket.create_connection(self._server)
                self._live |= {caller, server}
            for source, target in ((caller, server), (server, caller)):
                pump = threading.Thread(
                    target=self._pump, args=(source, target), daemon=True
                )
                pump.start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for side in (source, target):
            with contextlib.suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)
        source.close()


@contextmanager
def cuttable(host: str, port: int) -> Iterator[Cuttable]:
    """Open a way to a server; ends with the block."""
    way = Cuttable(host, port)
    try:
        yield way
    finally:
        way.close()
