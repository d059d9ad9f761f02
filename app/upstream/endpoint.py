"""One address of the completions API, and what was learned about it; the openai door.

The SDK builds the request and holds the connections. The bytes of the answer are
read by us (relay.py), and so are its refusals: the SDK would read an error's body
of any size, and would make objects of every chunk.
"""

import asyncio
import logging

import httpx2
import msgspec
from openai import AsyncOpenAI, OpenAIError

from app import metrics
from app.errors import UpstreamBroken
from app.messages import JSON
from app.upstream.address import address_of
from app.upstream.breaker import Breaker
from app.upstream.budget import RetryBudget
from app.upstream.failures import Failure, failure_of_exception
from app.upstream.forms import Form
from app.upstream.refusals import Failed, Refused, look_at
from app.upstream.stream import FRAMING, TRANSPORT, UNFORESEEN, read_whole
from app.upstream.transport import Transport

CONNECT_TIMEOUT = 3.0
"""Seconds for looking up a name, waiting for a connection, and connecting."""

SHUNNED = 5.0
"""Seconds during which an endpoint that refused us is asked last."""

_CONNECTIONS = 1000
"""Connections at the same time, at most."""

log = logging.getLogger(__name__)

_TIMEOUT = httpx2.Timeout(None, connect=CONNECT_TIMEOUT, pool=CONNECT_TIMEOUT)


class Endpoint:
    """One address of the upstream, and what was learned about it.

    Attributes:
        form: How it wants its requests.
        url: Its address, without a password.
        trouble: What went wrong at the last call; "" if nothing did.
        breaker: Whether it is asked at all.
        budget: How often it may be asked again.
    """

    def __init__(self, url: str, key: str, *, number: int = 1) -> None:
        """Open nothing yet.

        Args:
            url: Its address; a user and a password in it are shown in place of the key.
            key: The key to show.
            number: Which endpoint it is, from 1.

        Raises:
            SettingsError: The address is none.
        """
        self.form = Form()
        address = address_of(url)
        self.url = address.url
        self.trouble = ""
        self.breaker = Breaker(self.url, number=number)
        self.budget = RetryBudget()
        self._shunned_until = 0.0
        self._has_answered = False
        # The SDK insists on a key; servers without one ignore what is sent.
        self._client = AsyncOpenAI(
            base_url=self.url,
            api_key=key or "none",
            default_headers=address.headers,
            max_retries=0,
            timeout=_TIMEOUT,
            http_client=_transport(keepalive=5.0),
        )
        self._fresh: AsyncOpenAI | None = None

    @property
    def is_shunned(self) -> bool:
        """Whether it refused us just now, so that others are asked before it."""
        return asyncio.get_running_loop().time() < self._shunned_until

    async def post(self, body: JSON) -> httpx2.Response:
        """Ask for a completion; return when the head of the answer has come.

        A connection that was kept may be closed by the other side just as it is used
        again. Then the request is sent once more, on a new one, and nobody is told.

        Raises:
            Failed: It was refused, or the connection broke.
        """
        try:
            return await self._send(self._client, body)
        except Failed as failed:
            if failed.failure.reason != "closed" or not self._has_answered:
                raise
            metrics.UPSTREAM_ERRORS.labels("stale_socket").inc()
            # If a new connection is closed as well, it is no matter of keeping them.
            self._has_answered = False
        if self._fresh is None:
            new = _transport(keepalive=0.0)
            self._fresh = self._client.with_options(http_client=new)
        return await self._send(self._fresh, body)

    async def _send(self, client: AsyncOpenAI, body: JSON) -> httpx2.Response:
        request = client.chat.completions.with_streaming_response.create(
            # The whole body goes around the SDK's field-by-field transformation.
            model=body["model"],
            messages=(),
            extra_body=body,
            extra_headers={"Accept-Encoding": "identity"},
        )
        try:
            answered = await request.__aenter__()
        except Refused as error:
            self._has_answered = True
            raise Failed(error.failure(body["model"])) from error
        except (OpenAIError, *TRANSPORT) as error:
            raise Failed(_failure_of(error)) from error
        self.trouble = ""
        self._has_answered = True
        return answered.http_response

    def learn(self, form: Form) -> None:
        """Remember the form in which it took a request."""
        if form == self.form:
            return
        for name in form.differences(self.form):
            metrics.REPAIRS.labels(name).inc()
        self.form = form

    def broke_off(self, failure: Failure) -> None:
        """Count an answer that broke off after it had begun."""
        metrics.UPSTREAM_ERRORS.labels(failure.reason).inc()
        self.breaker.failed(failure)
        self.note(failure)

    def state(self) -> str:
        """Return what is wrong with it in words, "" if nothing is."""
        if self.breaker.state == "closed":
            return f"{self.url}: {self.trouble}" if self.trouble else ""
        return f"{self.url} is not asked for now: {self.trouble}"

    def note(self, failure: Failure) -> None:
        """Remember that a call failed, unless the request was to blame."""
        if failure.elsewhere:
            self.trouble = str(failure.error)
        if failure.refused_us:
            self._shunned_until = asyncio.get_running_loop().time() + SHUNNED

    async def models(self) -> object:
        """Return what the endpoint lists as its models, or None if it does not."""
        try:
            return await self.listed()
        except Failed:
            return None

    async def listed(self) -> object:
        """Return what the endpoint lists as its models.

        Raises:
            Failed: It was refused, the connection broke, or there is no list.
        """
        request = self._client.models.with_streaming_response.list(
            extra_headers={"Accept-Encoding": "identity"}
        )
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                response = (await request.__aenter__()).http_response
                body = await read_whole(response, limit=FRAMING)
            return msgspec.json.decode(body)
        except Refused as error:
            raise Failed(error.failure("")) from error
        except (OpenAIError, TimeoutError, *TRANSPORT) as error:
            raise Failed(_failure_of(error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            unreadable = UpstreamBroken(f"{self.url} lists no models that can be read")
            raise Failed(Failure("bad_frame", unreadable)) from error

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.close()
        if self._fresh is not None:
            await self._fresh.close()


def _failure_of(error: Exception) -> Failure:
    if isinstance(error, UNFORESEEN):
        # It is told as what it comes to; what it was, only its frames say.
        log.error("the HTTP client failed", exc_info=error)
    return failure_of_exception(error)


def _transport(*, keepalive: float) -> httpx2.AsyncClient:
    """Return what holds connections.

    Args:
        keepalive: Seconds for which one that is not used is kept; 0 keeps none.
    """
    return httpx2.AsyncClient(
        transport=Transport(connections=_CONNECTIONS, keepalive=keepalive),
        timeout=_TIMEOUT,
        event_hooks={"response": [look_at]},
    )
