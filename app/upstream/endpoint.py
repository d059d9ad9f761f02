"""One address of the completions API, and what was learned about it; the openai door.

The SDK builds the request and holds the connections. The bytes of the answer are
read by us (relay.py), and so are its refusals: the SDK would read an error's body
of any size, and would make objects of every chunk.
"""

import asyncio
import re
import time

import httpx2
import msgspec
from openai import AsyncOpenAI, DefaultAioHttpClient, OpenAIError

from app.errors import UpstreamBroken, UpstreamFailed
from app.messages import JSON
from app.upstream.failures import Failure, failure_of_exception
from app.upstream.forms import Form
from app.upstream.refusals import Failed, Refused, look_at
from app.upstream.stream import TRANSPORT, read_whole

CONNECT_TIMEOUT = 3.0
"""Seconds for looking up a name, waiting for a connection, and connecting."""

REST = 5.0
"""Seconds during which an endpoint that failed is asked last."""

FRAMING = 1024 * 1024
"""Bytes that a whole answer may have beyond its text."""

_TIMEOUT = httpx2.Timeout(None, connect=CONNECT_TIMEOUT, pool=CONNECT_TIMEOUT)


class Endpoint:
    """One address of the upstream, and what was learned about it."""

    def __init__(self, url: str, key: str) -> None:
        self.form = Form()
        # Shown to people: a password in it is not.
        self.url = re.sub(r"//[^/@]*@", "//", url)
        self.trouble = ""
        self.resting_until = 0.0
        self._client = AsyncOpenAI(
            base_url=url,
            # The SDK insists on a key; servers without one ignore what is sent.
            api_key=key or "none",
            max_retries=0,
            timeout=_TIMEOUT,
            http_client=DefaultAioHttpClient(
                follow_redirects=False,
                timeout=_TIMEOUT,
                event_hooks={"response": [look_at]},
            ),
        )

    async def post(self, body: JSON, *, seconds: float) -> httpx2.Response:
        """Ask for a completion; return when the head of the answer has come.

        Raises:
            Failed: It was refused, or the connection broke.
        """
        request = self._client.chat.completions.with_streaming_response.create(
            # The whole body goes around the SDK's field-by-field transformation.
            model=body["model"],
            messages=(),
            extra_body=body,
            extra_headers={"Accept-Encoding": "identity"},
        )
        try:
            async with asyncio.timeout(seconds):
                answered = await request.__aenter__()
        except Refused as error:
            raise Failed(error.failure(body["model"])) from error
        except (OpenAIError, TimeoutError, *TRANSPORT) as error:
            raise Failed(failure_of_exception(error)) from error
        self.trouble = ""
        return answered.http_response

    def note(self, failure: Failure) -> None:
        """Remember that a call failed, unless the request was to blame."""
        if failure.elsewhere:
            self.trouble = str(failure.error)
            self.resting_until = time.monotonic() + REST

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
            raise Failed(failure_of_exception(error)) from error
        except UpstreamFailed as error:
            raise Failed(Failure("bad_response", error)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            unreadable = UpstreamBroken(f"{self.url} lists no models that can be read")
            raise Failed(Failure("bad_frame", unreadable)) from error

    async def aclose(self) -> None:
        """Close its connections."""
        await self._client.close()
