"""Asks the completions API for answers, at the address that is preferred and well."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar

import httpx2

from app import metrics
from app.errors import (
    UpstreamBroken,
    UpstreamFailed,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from app.messages import JSON, Completion
from app.settings import ChatSettings, UpstreamSettings
from app.upstream.breaker import Call
from app.upstream.endpoint import Endpoint
from app.upstream.failures import Failure, no_first_byte
from app.upstream.forms import context_window_in, first_model_in
from app.upstream.refusals import Failed
from app.upstream.stream import (
    FRAMING,
    UpstreamStream,
    close,
    media_type,
    read_whole,
    whole_of,
)
from app.upstream.tries import STREAM_WAIT, Limits, Tries

WINDOW_AGE = 600.0
"""Seconds for which what an upstream tells of its models is remembered."""

UNTOLD_AGE = 60.0
"""The same where one of them told nothing."""

T = TypeVar("T")

Begin = Callable[[Endpoint, httpx2.Response, asyncio.Timeout], Awaitable[T]]
"""Makes what is wanted of an answer whose head has come; closes it if it cannot.

The time-out is that of the first byte.
"""


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
        now, seconds = _now(), self._chat.total_timeout
        # Nothing comes of a whole answer before the model has written all of it.
        limits = Limits(now + seconds, now + seconds, now + seconds)
        body = parameters | {"model": model, "messages": list(prompt)}
        most = self._chat.max_answer_bytes + FRAMING

        async def begin(
            _: Endpoint, response: httpx2.Response, timer: asyncio.Timeout
        ) -> Completion:
            if media_type(response) in ("text/event-stream", "text/html"):
                await close(response)
                other = UpstreamBroken("the upstream sent no completion")
                raise Failed(Failure("content_type", other))
            begun = partial(timer.reschedule, limits.whole)
            return whole_of(await read_whole(response, limit=most, on_first=begun))

        return await self._ask(body, begin, limits)

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
        now, chat = _now(), self._chat
        whole = now + chat.total_timeout
        first = min(now + chat.first_byte_timeout, whole)
        options = parameters.get("stream_options") or {}
        body = parameters | {
            "model": model,
            "messages": list(prompt),
            "stream": True,
            "stream_options": options | {"include_usage": True},
        }

        async def begin(
            endpoint: Endpoint, response: httpx2.Response, _: asyncio.Timeout
        ) -> UpstreamStream:
            stream = UpstreamStream(
                response, chat, until=whole, on_broken=endpoint.broke_off
            )
            try:
                await stream.begin()
            except BaseException:
                # Being cancelled counts too: nobody else holds this connection yet.
                await stream.aclose()
                raise
            return stream

        return await self._ask(body, begin, Limits(first, whole, now + STREAM_WAIT))

    async def context_window(self, model: str) -> int | None:
        """Return the tokens `model` can read and write, or None if nobody says."""
        until, window = self._windows.get(model, (0.0, None))
        if _now() < until:
            return window
        if len(self._windows) >= 100:
            self._windows.clear()
        listed = await asyncio.gather(*(e.models() for e in self._in_order()))
        found = (context_window_in(models, model) for models in listed)
        window = next((tokens for tokens in found if tokens), None)
        # Who could not be asked may tell more when it is well again.
        age = UNTOLD_AGE if window is None and None in listed else WINDOW_AGE
        self._windows[model] = _now() + age, window
        return window

    async def first_model(self) -> str:
        """Return the first model that the preferred endpoint lists.

        Raises:
            UpstreamBroken: None lists any; the operator must name one.
            UpstreamFailed: None can be reached.
        """
        if _now() < self._first[0]:
            return self._first[1]
        endpoints, failed = self._in_order(), None
        if not endpoints:
            raise self._unasked()
        for endpoint in endpoints:
            try:
                listed = await endpoint.listed()
            except Failed as error:
                failed = error
                continue
            if name := first_model_in(listed):
                self._first = _now() + WINDOW_AGE, name
                return name
        if failed is not None and failed.failure.is_unreached:
            raise failed.failure.error from failed
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
        told = [e.state() for e in self._endpoints]
        if any(told):
            return "degraded", "; ".join(one for one in told if one)
        return "up", ", ".join(endpoint.url for endpoint in self._endpoints)

    async def aclose(self) -> None:
        """Close every connection."""
        for endpoint in self._endpoints:
            await endpoint.aclose()

    def _in_order(self) -> list[Endpoint]:
        """Return the endpoints that may be asked, those that refused us last."""
        well = [e for e in self._endpoints if not e.breaker.wait]
        return sorted(well, key=lambda e: e.is_shunned)

    async def _ask(self, body: JSON, begin: Begin[T], limits: Limits) -> T:
        """Ask one endpoint after the other, within limits, until one answers."""
        tries, last = Tries(self._in_order(), limits), None
        while (endpoint := tries.next()) is not None:
            try:
                return await _tried(endpoint, body, begin, until=tries.share())
            except Failed as failed:
                last = failed
                wait = tries.wait_after(endpoint, failed.failure)
            if wait is None:
                break
            await asyncio.sleep(wait)
        if last is not None:
            raise last.failure.error from last
        raise self._unasked()

    def _unasked(self) -> UpstreamUnavailable:
        """Return why nobody is asked: each endpoint failed just now."""
        metrics.UPSTREAM_ERRORS.labels("open").inc()
        wait = min(endpoint.breaker.wait for endpoint in self._endpoints)
        return UpstreamUnavailable(self.state()[1], retry_after=wait)


def open_upstream(upstream: UpstreamSettings, chat: ChatSettings) -> Upstream:
    """Open the completions API that `upstream` names; nothing is sent yet.

    Must be called, used and closed in one event loop.

    Raises:
        SettingsError: An address is none.
    """
    urls = [url.strip() for url in upstream.base_url.split(",") if url.strip()]
    keys = [key.strip() for key in upstream.api_key.split(",")]
    keys = keys if len(keys) == len(urls) else keys[:1] * len(urls)
    pairs = enumerate(zip(urls, keys, strict=True), start=1)
    return Upstream([Endpoint(*pair, number=n) for n, pair in pairs], chat)


async def _tried(endpoint: Endpoint, body: JSON, begin: Begin[T], *, until: float) -> T:
    """Ask `endpoint` once, whose first byte must have come by `until`.

    Raises:
        Failed: It gave no answer.
    """
    with endpoint.breaker.call() as call:
        try:
            async with asyncio.timeout_at(until) as timer:
                with metrics.stage("upstream_ttfb"):
                    response = await _post_fitted(endpoint, body)
                begun = await begin(endpoint, response, timer)
        except TimeoutError as error:
            failed = Failed(_too_late(came=timer.when() != until))
            _note(endpoint, call, failed.failure)
            raise failed from error
        except Failed as failed:
            _note(endpoint, call, failed.failure)
            raise
        call.answered()
        return begun


def _too_late(*, came: bool) -> Failure:
    if not came:
        return no_first_byte()
    late = UpstreamTimeout("the answer was not whole in time")
    return Failure("stall", late, elsewhere=False)


def _note(endpoint: Endpoint, call: Call, failure: Failure) -> None:
    metrics.UPSTREAM_ERRORS.labels(failure.reason).inc()
    call.failed(failure)
    endpoint.note(failure)


async def _post_fitted(endpoint: Endpoint, body: JSON) -> httpx2.Response:
    """Post `body` in the form the endpoint takes, learning it if need be."""
    form = endpoint.form
    fitted = form.fitted(body)
    for _ in range(2):
        try:
            response = await endpoint.post(fitted)
        except Failed as failed:
            form = form.after(failed.failure.complaint, fitted)
            refitted = form.fitted(body)
            if refitted == fitted:
                raise
            metrics.UPSTREAM_ERRORS.labels(failed.failure.reason).inc()
            fitted = refitted
        else:
            endpoint.learn(form)
            return response
    response = await endpoint.post(fitted)
    endpoint.learn(form)
    return response


def _now() -> float:
    return asyncio.get_running_loop().time()
