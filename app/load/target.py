"""The service under load, by HTTP; beside the upstream an aiohttp door."""

import errno
import os
import re
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import msgspec
from msgspec import Struct

from app.errors import LoadImpossible
from app.load.address import base_of, has_password, shown
from app.load.bodies import Bodies
from app.load.questions import Questions
from app.load.reading import StreamReader, read_whole, refused
from app.load.runs import Exchange
from app.messages import JSON

_CONNECT = 10.0
"""Seconds a connection may take."""

_CONNECTING: dict[type[Exception], str] = {
    aiohttp.ClientConnectorDNSError: "no such host",
    aiohttp.ClientSSLError: "no trusted TLS connection",
    ssl.SSLError: "no trusted TLS connection",
    aiohttp.ServerDisconnectedError: "cut before the answer",
    ConnectionError: "cut before the answer",
}
"""What went wrong before an answer, the first that fits."""

_HOPELESS = frozenset((400, 401, 403, 404, 405, 422))
"""What no repetition mends: the request, the key, the model or the address is wrong."""


class _Model(Struct):
    id: str


class _Models(Struct):
    data: list[_Model]


class _Sent(Struct, kw_only=True):
    """A request on its way: what an `Exchange` will tell."""

    question: int
    due: float
    began: float
    first: float | None = None
    silence: float = 0.0
    pieces: int = 0
    tokens: int | None = None
    error: str = ""
    faults: tuple[str, ...] = ()
    retry_after: float | None = None
    message: str = ""
    status: int = 0


class Target:
    """Asks one service.

    Attributes:
        name: Its address for people: without a password.
        model: The model that is asked.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        *,
        stream: bool,
        distinct: bool,
        patience: float,
    ) -> None:
        """Ask through `session`; see `open_target` for the rest."""
        self.name = shown(url)
        self.model = ""
        self._session = session
        self._url = url
        self._stream = stream
        self._timeout = aiohttp.ClientTimeout(total=patience, sock_connect=_CONNECT)
        self._distinct = distinct
        self._bodies = Bodies((), {}, distinct=distinct)
        # Tells tokens at the end of a stream; not every service knows it.
        self._options: dict[str, object] = {"include_usage": True}
        self._start = 0.0

    async def prepare(self, model: str, questions: Questions) -> None:
        """Choose the model and ask once, so that what is wrong is told before a run.

        Args:
            model: The model to ask; "" takes the first that is listed.
            questions: What to ask.

        Raises:
            LoadImpossible: Nobody is there, the key is not taken, there is no such
                model, or a question is refused for good.
        """
        self.model = await self._chosen(model)
        probe = await self._probed(questions)
        if probe.status in _HOPELESS and "stream_options" in probe.message:
            self._options = {}
            probe = await self._probed(questions)
        if probe.status in _HOPELESS:
            said = f": {probe.message}" if probe.message else ""
            raise LoadImpossible(
                f"{self.name} refused a question ({probe.error}){said}"
            )
        if probe.error and not probe.status:
            raise LoadImpossible(f"{self.name} cannot be asked: {probe.error}")

    async def _probed(self, questions: Questions) -> _Sent:
        rest: JSON = {"model": self.model}
        if self._stream:
            rest |= {"stream": True}
            rest |= {"stream_options": self._options} if self._options else {}
        self._bodies = Bodies(questions.conversations, rest, distinct=self._distinct)
        return await self._sent(0, time.perf_counter())

    def begin(self) -> None:
        """Count the times of exchanges from now on."""
        self._start = time.perf_counter()

    async def ask(self, number: int, due: float) -> Exchange:
        """Ask the question of a request and return what becomes of it.

        Args:
            number: Number of the request, from 0; the questions take turns.
            due: When it was meant to begin, as `time.perf_counter` tells it.
        """
        sent = await self._sent(number % len(self._bodies), due)
        return Exchange(
            question=sent.question,
            due=self._milliseconds(due),
            began=self._milliseconds(sent.began),
            ended=self._milliseconds(time.perf_counter()),
            first=None if sent.first is None else self._milliseconds(sent.first),
            silence=round(sent.silence * 1000, 3),
            pieces=sent.pieces,
            tokens=sent.tokens,
            error=sent.error,
            faults=sent.faults,
            retry_after=sent.retry_after,
        )

    async def _sent(self, question: int, due: float) -> _Sent:
        body = self._bodies[question]
        sent = _Sent(question=question, due=due, began=time.perf_counter())
        try:
            async with self._session.post(
                f"{self._url}/chat/completions",
                data=body,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                sent.status = response.status
                await self._read(response, sent)
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            sent.error = _kind(error, begun=bool(sent.status))
        return sent

    async def _read(self, response: aiohttp.ClientResponse, sent: _Sent) -> None:
        if response.status != 200:
            code, sent.message = refused(await response.read())
            sent.error = f"{response.status} {code}".strip()
            sent.retry_after = _seconds(response.headers.get("retry-after", ""))
        elif not self._stream:
            whole = read_whole(await response.read())
            sent.pieces, sent.tokens, sent.faults = (
                whole.pieces, whole.tokens, whole.faults,
            )  # fmt: skip
        elif response.content_type != "text/event-stream":
            sent.error = f"not streamed, but {response.content_type}"
        else:
            await _read_stream(response, sent)

    async def _chosen(self, model: str) -> str:
        listed = await self._models()
        if listed is None and not model:
            raise LoadImpossible(f"{self.name} lists no models: name one with --model")
        if not listed or model in listed:
            if not (model or listed):
                raise LoadImpossible(
                    f"{self.name} serves no model: name one with --model"
                )
            return model
        if not model:
            return listed[0]
        named = ", ".join(listed[:8]) + (", …" if len(listed) > 8 else "")
        raise LoadImpossible(f"{self.name} has no model {model!r}; it lists {named}")

    async def _models(self) -> list[str] | None:
        """Return the models that are listed, or None where there is no list.

        Raises:
            LoadImpossible: Nobody is there, or the key is not taken.
        """
        limit = aiohttp.ClientTimeout(total=_CONNECT)
        try:
            async with self._session.get(
                f"{self._url}/models", timeout=limit, allow_redirects=False
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            why = _kind(error, begun=False)
            raise LoadImpossible(
                f"{self.name} cannot be asked: {why}; is a service running there?"
            ) from error
        if response.status in (401, 403):
            raise LoadImpossible(
                f"{self.name} does not take the key ({response.status}): "
                "give one with --key or FRONTDESK_API_KEY"
            )
        try:
            return [m.id for m in msgspec.json.decode(body, type=_Models).data]
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def _milliseconds(self, moment: float) -> float:
        return round((moment - self._start) * 1000, 3)


@asynccontextmanager
async def open_target(
    url: str, *, key: str, stream: bool, distinct: bool, patience: float
) -> AsyncIterator[Target]:
    """Open connections to the service at `url`, as many as are needed.

    Args:
        url: Its base address, as OpenAI's client takes it; ``/v1`` is added to one
            without a path.
        key: What it knows its caller by; "" sends none.
        stream: Whether answers are to be streamed.
        distinct: Whether each question gets a number that no other has.
        patience: Seconds a request may take.

    Raises:
        LoadImpossible: `url` is no address, or names a second key.
    """
    base = base_of(url)
    if key and has_password(base):
        raise LoadImpossible("give a key or a password in the URL, not both")
    headers = {
        "content-type": "application/json",
        "accept": "text/event-stream" if stream else "application/json",
        # Compressed frames would be counted and timed by their blocks.
        "accept-encoding": "identity",
    }
    if key:
        headers["authorization"] = f"Bearer {key}"
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=None)
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:
        yield Target(session, base, stream=stream, distinct=distinct, patience=patience)


async def _read_stream(response: aiohttp.ClientResponse, sent: _Sent) -> None:
    reader = StreamReader()
    try:
        async for data in response.content.iter_any():
            reader.feed(data, time.perf_counter())
    finally:
        # What came before a cut is told as well.
        sent.faults = reader.end()
        sent.first, sent.silence = reader.first, reader.silence
        sent.pieces, sent.tokens = reader.pieces, reader.tokens
        sent.error = reader.error


def _seconds(text: str) -> float | None:
    """Return the seconds of a ``Retry-After``; None for a date or nothing."""
    return float(text) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) else None


def _kind(error: Exception, *, begun: bool) -> str:
    """Return what went wrong with a connection, in few words.

    Args:
        error: What was raised.
        begun: Whether the answer had begun.
    """
    if isinstance(error, TimeoutError):
        return "too late: the answer did not end in time" if begun else "too late"
    if begun:
        return "cut in the middle of the answer"
    named = (word for cls, word in _CONNECTING.items() if isinstance(error, cls))
    if word := next(named, ""):
        return word
    if isinstance(error, aiohttp.ClientConnectorError):
        # The text of the error itself names the address again.
        return f"no connection: {os.strerror(error.errno or errno.EIO).lower()}"
    return f"no HTTP: {type(error).__name__}"
