"""How a failed call leaves the transport, before it is known what follows from it."""

import httpx2

from app.errors import UpstreamBroken
from app.upstream.failures import Failure, failure_of_status

_REFUSAL_BYTES = 64 * 1024


class Refused(Exception):
    """The upstream answered with something else than a plain 2xx.

    Attributes:
        status: Its status.
        headers: Its header fields, names in lower case.
        body: The head of its body.
    """

    def __init__(self, response: httpx2.Response, body: bytes) -> None:
        super().__init__(response.status_code)
        self.status = response.status_code
        self.headers = {k.lower(): v for k, v in response.headers.items()}
        self.body = body

    def failure(self, model: str) -> Failure:
        """Tell what this means for a request that asked for `model`."""
        if self.status < 300:
            broken = UpstreamBroken("the upstream compressed its answer")
            return Failure("content_type", broken)
        return failure_of_status(self.status, self.headers, self.body, model=model)


class Failed(Exception):
    """One call of the upstream failed.

    Attributes:
        failure: What that means.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


async def look_at(response: httpx2.Response) -> None:
    """Refuse an answer that is no plain 2xx, with the head of its body."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if response.status_code < 300 and encoding in ("", "identity"):
        return
    body = b""
    if encoding in ("", "identity"):
        async for data in response.aiter_raw():
            body += data
            if len(body) > _REFUSAL_BYTES:
                break
    raise Refused(response, body)
