"""A way to a TCP server that can go wrong, in every way that networks do.

    with faulty("127.0.0.1", 5432) as way:
        ...connect to 127.0.0.1:way.port...
        way.become(Fault(delay=0.5))
        way.become(Fault(cut_after=100, reset=True))
        way.become(Fault())

What is changed holds for connections that are open, too.
"""

import asyncio
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal, Self

from msgspec import Struct

from tests.threaded import ThreadedServer

_BLOCK = 16 * 1024


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong with the way; nothing as it comes.

    Attributes:
        refuse: New connections are closed at once, and open ones too.
        blackhole: Bytes vanish, both ways; connections stay open.
        delay: Seconds by which every block comes late.
        rate: Bytes a second towards the caller; 0 is as many as there are.
        cut_after: Bytes towards the caller after which a connection ends.
        reset: It ends with RST in place of FIN.
        garbage: Bytes towards the caller are replaced by random ones.
        half_close: The caller's side is closed for writing after `cut_after` bytes;
            it may still send.
    """

    refuse: bool = False
    blackhole: bool = False
    delay: float = 0.0
    rate: int = 0
    cut_after: int | None = None
    reset: bool = False
    garbage: bool = False
    half_close: bool = False


class FaultProxy:
    """Passes bytes between whoever connects and a server, as `Fault` lets it.

    Attributes:
        port: Where to connect to.
        fault: What is wrong now.
        connections: Connections taken so far.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self.fault = Fault()
        self.connections = 0
        self._live: set[asyncio.StreamWriter] = set()
        self._listening = ThreadedServer(self._connected, backlog=1024)
        self.port = self._listening.port

    def become(self, fault: Fault) -> None:
        """Let this be wrong from now on, with connections that are open as well."""
        self.fault = fault
        if fault.refuse:
            self.drop(reset=fault.reset)

    def drop(self, *, reset: bool = False) -> None:
        """End every connection that is open."""
        self._listening.run(self._drop(reset))

    def cut(self) -> None:
        """Break every connection, and refuse new ones."""
        self.become(Fault(refuse=True))

    def mend(self) -> None:
        """Let nothing be wrong."""
        self.become(Fault())

    def __enter__(self) -> Self:
        self._listening.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.stop()

    async def _drop(self, reset: bool) -> None:
        for writer in tuple(self._live):
            _end(writer, reset=reset)

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.connections += 1
        if self.fault.refuse:
            _end(writer, reset=self.fault.reset)
            return
        try:
            theirs, ours = await asyncio.open_connection(*self._server)
        except OSError:
            _end(writer, reset=True)
            return
        both = {writer, ours}
        self._live |= both
        try:
            await asyncio.gather(
                self._pass(reader, ours, "server"), self._pass(theirs, writer, "caller")
            )
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._live -= both
            for side in both:
                side.close()

    async def _pass(
        self,
        source: asyncio.StreamReader,
        target: asyncio.StreamWriter,
        towards: Literal["server", "caller"],
    ) -> None:
        passed = 0
        while data := await source.read(_BLOCK):
            fault = self.fault
            if fault.delay:
                await asyncio.sleep(fault.delay)
            if fault.blackhole:
                continue
            if towards == "caller":
                data = self._spoiled(data, fault, passed)
                passed += len(data)
                await self._write_slowly(target, data, fault)
                if fault.cut_after is not None and passed >= fault.cut_after:
                    if fault.half_close:
                        target.write_eof()
                        return
                    _end(target, reset=fault.reset)
                    return
            else:
                target.write(data)
                await target.drain()
        with suppress(OSError, RuntimeError):
            target.write_eof()

    def _spoiled(self, data: bytes, fault: Fault, passed: int) -> bytes:
        if fault.cut_after is not None:
            data = data[: max(fault.cut_after - passed, 0)]
        return os.urandom(len(data)) if fault.garbage else data

    async def _write_slowly(
        self, target: asyncio.StreamWriter, data: bytes, fault: Fault
    ) -> None:
        if not fault.rate:
            target.write(data)
            await target.drain()
            return
        block = max(fault.rate // 20, 1)
        for start in range(0, len(data), block):
            target.write(data[start : start + block])
            await target.drain()
            await asyncio.sleep(block / fault.rate)


@contextmanager
def faulty(host: str, port: int) -> Iterator[FaultProxy]:
    """Open a way to a server; ends with the block."""
    with FaultProxy(host, port) as way:
        yield way


def _end(writer: asyncio.StreamWriter, *, reset: bool) -> None:
    if reset:
        raw = writer.get_extra_info("socket")
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
        return
    writer.close()
