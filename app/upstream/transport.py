"""Carries requests to the upstream, and reads no further ahead than need be.

The SDK's own transport holds half a megabyte of each answer that nobody takes, and the
system as much again: a few hundred callers that do not read would cost a gigabyte.
"""

import socket
from collections.abc import AsyncIterator
from typing import Any
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2

_AHEAD = 4 * 1024
"""Bytes of an answer from which on no more is read until they are taken."""

_RECEIVED = 8 * 1024
"""Bytes that the system keeps of an answer, which it counts twice."""


class Transport(httpx2.AsyncBaseTransport):
    """Carries requests; proxies are those that the environment names."""

    def __init__(self, *, connections: int, keepalive: float) -> None:
        """Open nothing yet.

        Args:
            connections: Most that are open at once.
            keepalive: Seconds for which one that is not used is kept.
        """
        self._connections = connections
        self._keepalive = keepalive
        self._tls = httpx2.create_ssl_context()
        self._opened: aiohttp.ClientSession | None = None
        self._proxies = getproxies()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; return when the head of its answer has come.

        Raises:
            aiohttp.ClientError: It could not be sent, or was not answered.
            TimeoutError: Nobody was reached in time.
        """
        limits = request.extensions.get("timeout", {})
        response = await self._session().request(
            request.method,
            str(request.url),
            headers=request.headers,
            proxy=self._proxy(request.url),
            data=await request.aread() or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(
                connect=limits.get("pool"),
                sock_connect=limits.get("connect"),
                sock_read=limits.get("read"),
            ),
        )
        return httpx2.Response(
            response.status,
            headers=list(response.raw_headers),
            stream=_Body(response),
            request=request,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        if self._opened is not None:
            await self._opened.close()

    def _proxy(self, url: httpx2.URL) -> str | None:
        # Not by aiohttp's `trust_env`: that also looks for a password in ~/.netrc,
        # from a thread and for each request, and takes none beside our key.
        if not self._proxies or proxy_bypass(url.host):
            return None
        return self._proxies.get(url.scheme) or self._proxies.get("all")

    def _session(self) -> aiohttp.ClientSession:
        if self._opened is None:
            connector = aiohttp.TCPConnector(
                limit=self._connections,
                keepalive_timeout=self._keepalive,
                ssl=self._tls,
                socket_factory=_socket,
            )
            self._opened = aiohttp.ClientSession(
                connector=connector,
                auto_decompress=False,
                read_bufsize=_AHEAD,
            )
        return self._opened


class _Body(httpx2.AsyncByteStream):
    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        content = self._response.content
        try:
            async for data in content.iter_any():
                yield data
        except aiohttp.ClientError:
            # It is told before what came ahead of it was read: that may be all of it.
            if rest := content._read_nowait(-1):  # noqa: SLF001 - nothing public does
                yield rest
            raise

    async def aclose(self) -> None:
        self._response.release()


def _socket(address: Any) -> socket.socket:  # noqa: ANN401 - as the system gives it
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    # Before it connects: afterwards the other side has been told of a larger one.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVED)
    return made
