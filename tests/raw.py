"""A caller that writes and reads bytes: what no client library would send."""

import contextlib
import json
import socket
import time
from typing import Any, Self

from msgspec import Struct


class Answered(Struct, frozen=True, kw_only=True):
    """One answer as it came.

    Attributes:
        status: Its status; 0 where the connection closed before one.
        headers: Names in small letters.
        body: Without the coding.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The code of the contract's error, or ""."""
        try:
            return str(json.loads(self.body)["error"]["code"])
        except (ValueError, KeyError, TypeError):
            return ""


class Caller:
    """One connection; a context manager."""

    def __init__(self, address: str, *, seconds: float = 60, buffer: int = 0) -> None:
        """Connect to `address`.

        Args:
            address: ``http://host:port``.
            seconds: How long to wait for anything.
            buffer: Bytes the system may receive ahead; 0 leaves it as it is.
        """
        host, port = address.removeprefix("http://").split(":")
        self._socket = socket.socket()
        if buffer:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._socket.settimeout(seconds)
        self._socket.connect((host, int(port)))
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        self._socket.sendall(data)

    def trickle(self, data: bytes, *, every: float) -> int:
        """Send a byte now and then until the other side closes; return how many."""
        for sent, byte in enumerate(data):
            try:
                self._socket.sendall(bytes([byte]))
            except OSError:
                return sent
            time.sleep(every)
        return len(data)

    def close_writing(self) -> None:
        """Say that nothing more is sent."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def read(self, *, head: bool = False) -> Answered:
        """Return the next answer, interim ones left out."""
        while True:
            start = self._until(b"\r\n\r\n")
            if not start:
                return Answered(status=0, headers={}, body=b"")
            first, *lines = start.decode("latin-1").split("\r\n")
            status = int(first.split()[1])
            if status >= 200:
                break
        headers = {
            name.lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines if line)
        }
        body = b"" if head or status in (204, 304) else self._body(headers)
        return Answered(status=status, headers=headers, body=body)

    def take(self, size: int) -> int:
        """Receive so many bytes more, to be read later; return how many came."""
        before = len(self._left)
        while len(self._left) < before + size and (more := self._more()):
            self._left += more
        return len(self._left) - before

    def is_closed(self) -> bool:
        """Return whether the other side closes, within the time to wait."""
        try:
            return self._socket.recv(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def _body(self, headers: dict[str, str]) -> bytes:
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while size := int(self._until(b"\r\n") or b"0", 16):
                body += self._exactly(size + 2)[:-2]
            self._until(b"\r\n")
            return body
        return self._exactly(int(headers.get("content-length", "0")))

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._left and (more := self._more()):
            self._left += more
        found, _, self._left = self._left.partition(mark)
        return found

    def _exactly(self, size: int) -> bytes:
        while len(self._left) < size and (more := self._more()):
            self._left += more
        found, self._left = self._left[:size], self._left[size:]
        return found

    def _more(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except ConnectionError:
            return b""


def request(
    method: str = "GET",
    path: str = "/health/live",
    *headers: str,
    version: str = "1.1",
    body: bytes | None = None,
) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{method} {path} HTTP/{version}", "host: localhost", *headers]
    if body is not None:
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join((*lines, "", "")).encode("latin-1") + (body or b"")


def chat(*, stream: bool = False, question: str = "Hi?", **fields: Any) -> bytes:
    """Return the body of a question."""
    said = [{"role": "user", "content": question}]
    asked = {"model": "frontdesk", "messages": said, "stream": stream, **fields}
    return json.dumps(asked).encode()


def post(body: bytes, *headers: str, version: str = "1.1") -> bytes:
    """Return the bytes of a request that asks a question."""
    kind = "content-type: application/json"
    return request(
        "POST", "/v1/chat/completions", kind, *headers, version=version, body=body
    )
