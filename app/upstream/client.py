"""Asks the completions API for answers, at the address that is preferred and well."""

import asyncio
import time
from collections.abc import Sequence

import httpx2

from app import metrics
from app.errors import UpstreamBroken, UpstreamFailed
from app.messages import JSON, Completion
from app.settings import ChatSettings, UpstreamSettings
from app.upstream.endpoint import FRAMING, Endpoint
from app.upstream.failures import failure_of_exception
from app.upstream.forms import context_window_in, first_model_in
from app.upstream.refusals import Failed
from app.upstream.relay import completion_of
from app.upstream.stream import UpstreamStream, close, media_type, read_whole

MAX_TRIES = 3
"""Requests sent for one answer, at most, unless there are more endpoints."""

WINDOW_AGE = 600.0
"""Seconds for which what an upstream tells of its models is remembered."""


class Upstream:
    """The completions API, at one address or several; opened by `open_upstream`."""

    def __init__(self, endpoints: Sequence[Endpoint], chat: ChatSettings) -> None:
        self._endpoints = tuple(endpoints)
        self._chat = chat
        self._windows: dict[str, tuple[float, int | None]] = {}
        self._first = 0.0, ""

    async def complete(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> Completion:
        """Return a whole answer.

        Args:
            prompt: The messages, as the API writes them.
            parameters: Every other field of the request.
            model: What to ask for.

        Raises:
            UpstreamFailed: There is no answer, or none that can be used.
        """
        body = parameters | {"model": model, "messages": list(prompt)}
        seconds = self._chat.total_timeout
        try:
            async with asyncio.timeout(seconds):
                response = await self._open(body, seconds=seconds)
                if media_type(response) in ("text/event-stream", "text/html"):
                    await close(response)
                    raise _broken("content_type", "the upstream sent no completion")
                limit = self._chat.max_answer_bytes + FRAMING
                whole = await read_whole(response, limit=limit)
        except TimeoutError as error:
            raise failure_of_exception(error).error from error
        return completion_of(whole)

    async def stream(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> UpstreamStream:
        """Return an answer in pieces, after the upstream began to give one.

        Args:
            prompt: The messages, as the API writes them.
            parameters: Every other field of the request.
            model: What to ask for.

        Raises:
            UpstreamFailed: There is no answer, or none that can be used.
        """
        options = parameters.get("stream_options") or {}
        body = parameters | {
            "model": model,
            "messages": list(prompt),
            "stream": True,
            "stream_options": options | {"include_usage": True},
        }
        seconds = self._chat.first_byte_timeout
        try:
            async with asyncio.timeout(seconds):
                response = await self._open(body, seconds=seconds)
                stream = UpstreamStream(response, self._chat)
                await _begin(stream)
        except TimeoutError as error:
            raise failure_of_exception(error).error from error
        return stream

    async def context_window(self, model: str) -> int | None:
        """Return the tokens `model` can read and write, or None if nobody says."""
        asked, window = self._windows.get(model, (0.0, None))
        if time.monotonic() < asked:
            return window
        if len(self._windows) >= 100:
            self._windows.clear()
        listed = [context_window_in(await e.models(), model) for e in self._in_order()]
        window = next((found for found in listed if found), None)
        self._windows[model] = time.monotonic() + WINDOW_AGE, window
        return window

    async def first_model(self) -> str:
        """Return the first model that the preferred endpoint lists.

        Raises:
            UpstreamBroken: None lists any; the operator must name one.
        """
        if time.monotonic() < self._first[0]:
            return self._first[1]
        for endpoint in self._in_order():
            if name := first_model_in(await endpoint.models()):
                self._first = time.monotonic() + WINDOW_AGE, name
                return name
        raise UpstreamBroken("the upstream lists no model; set CHAT_MODEL")

    async def check(self) -> str:
        """Ask every endpoint for its models; return what was found, in words.

        Raises:
            UpstreamFailed: One gave none; the message names it and says why.
        """
        for endpoint in self._endpoints:
            try:
                await endpoint.listed()
            except Failed as error:
                told = f"{endpoint.url}: {error.failure.error}"
                raise UpstreamFailed(told) from error
        model = self._chat.model or "the model a caller names"
        return f"{', '.join(e.url for e in self._endpoints)} answer; asked for {model}"

    def state(self) -> tuple[str, str]:
        """Return "up" or "degraded", and what the last calls told; asks nobody."""
        troubles = [f"{e.url}: {e.trouble}" for e in self._endpoints if e.trouble]
        if troubles:
            return "degraded", "; ".join(troubles)
        return "up", ", ".join(endpoint.url for endpoint in self._endpoints)

    async def aclose(self) -> None:
        """Close every connection."""
        for endpoint in self._endpoints:
            await endpoint.aclose()

    def _in_order(self) -> list[Endpoint]:
        """Return the endpoints by preference, those that failed just now last."""
        now = time.monotonic()
        return sorted(self._endpoints, key=lambda e: e.resting_until > now)

    async def _open(self, body: JSON, *, seconds: float) -> httpx2.Response:
        """Ask one endpoint after the other, within limits, until one answers."""
        endpoints = self._in_order()
        deadline = time.monotonic() + seconds
        tries = max(MAX_TRIES, len(endpoints))
        for number in range(tries):
            endpoint = endpoints[number % len(endpoints)]
            try:
                left = max(deadline - time.monotonic(), 0.001)
                with metrics.stage("upstream_ttfb"):
                    return await _post_fitted(endpoint, body, seconds=left)
            except Failed as failed:
                failure = failed.failure
                metrics.UPSTREAM_ERRORS.labels(failure.reason).inc()
                endpoint.note(failure)
                wait = failure.wait(number, endpoints=len(endpoints), tries=tries)
                if wait is None or time.monotonic() + wait > deadline:
                    raise failure.error from failed
            await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")


def open_upstream(upstream: UpstreamSettings, chat: ChatSettings) -> Upstream:
    """Open the completions API that `upstream` names; nothing is sent yet.

    Must be called, used and closed in one event loop.
    """
    urls = [url.strip() for url in upstream.base_url.split(",") if url.strip()]
    keys = [key.strip() for key in upstream.api_key.split(",")]
    keys = keys if len(keys) == len(urls) else keys[:1] * len(urls)
    pairs = zip(urls, keys, strict=True)
    return Upstream([Endpoint(url, key) for url, key in pairs], chat)


async def _post_fitted(
    endpoint: Endpoint, body: JSON, *, seconds: float
) -> httpx2.Response:
    """Post `body` in the form the endpoint takes, learning it if need be."""
    form = endpoint.form
    fitted = form.fitted(body)
    for _ in range(3):
        try:
            response = await endpoint.post(fitted, seconds=seconds)
        except Failed as failed:
            form = form.after(failed.failure.complaint, fitted)
            refitted = form.fitted(body)
            if refitted == fitted:
                raise
            metrics.UPSTREAM_ERRORS.labels(failed.failure.reason).inc()
            fitted = refitted
        else:
            endpoint.form = form
            return response
    return await endpoint.post(fitted, seconds=seconds)


async def _begin(stream: UpstreamStream) -> None:
    try:
        await stream.begin()
    except BaseException:
        # Being cancelled counts too: nobody else holds this connection yet.
        await stream.aclose()
        raise


def _broken(reason: str, message: str) -> UpstreamBroken:
    metrics.UPSTREAM_ERRORS.labels(reason).inc()
    return UpstreamBroken(message)
