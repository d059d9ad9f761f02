"""A completions API that says what a test tells it to, byte for byte.

It is a real server on a real socket, in a thread of its own, so that it can be
asked from any event loop. Each request takes the next reply; the last one repeats.

    with ScriptedUpstream(spoken("Hello")) as upstream:
        ...ask the service whose OPENAI_BASE_URL is upstream.url...
    assert upstream.requests[0].body["messages"]
"""

import asyncio
import ssl
import threading
from collections.abc import Callable, Sequence
from typing import Any, Self

import msgspec

from tests.scripted_socket import (
    JSON_TYPE,
    Cut,
    Hold,
    Recorded,
    Reply,
    Wait,
    left,
    read_request,
    send,
)
from tests.threaded import ThreadedServer

__all__ = [
    "DONE", "Cut", "Hold", "Recorded", "Reply", "Script", "ScriptedUpstream", "Wait",
    "answered", "chunk", "either", "event", "refused", "spoken", "usage", "written",
]  # fmt: skip

Script = Reply | Callable[[Recorded], Reply]


def event(content: object) -> bytes:
    """Return one server-sent event that holds `content` as JSON."""
    return b"data: " + msgspec.json.encode(content) + b"\n\n"


DONE = b"data: [DONE]\n\n"


def chunk(
    delta: dict[str, Any] | None = None,
    *,
    index: int = 0,
    finish: str | None = None,
    **rest: Any,
) -> dict[str, Any]:
    """Return a chunk of a stream with one choice."""
    choice = {"index": index, "delta": delta or {}, "finish_reason": finish}
    return {
        "id": "chatcmpl-up",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [choice],
        **rest,
    }


def usage(prompt: int = 10, completion: int = 5) -> dict[str, Any]:
    """Return a usage object."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def spoken(*contents: str, finish: str = "stop") -> Reply:
    """Return a whole, well-formed stream of one choice, with usage."""
    events = [event(chunk({"role": "assistant", "content": ""}))]
    events += [event(chunk({"content": content})) for content in contents]
    events.append(event(chunk(finish=finish)))
    events.append(event({**chunk(), "choices": [], "usage": usage()}))
    return Reply((*events, DONE))


def written(content: str | None, **message: Any) -> Reply:
    """Return a whole completion that is not streamed."""
    finish = "tool_calls" if "tool_calls" in message else "stop"
    said = {"role": "assistant", "content": content, **message}
    body = {
        "id": "chatcmpl-up",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "message": said, "finish_reason": finish}],
        "usage": usage(),
    }
    return answered(body)


def answered(body: object, status: int = 200, **headers: str) -> Reply:
    """Return `body` as JSON with a status; ``retry_after`` names a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply((msgspec.json.encode(body),), status, JSON_TYPE | named)


def refused(status: int, code: str, message: str = "No.", **headers: str) -> Reply:
    """Return an error in OpenAI's shape."""
    error = {"message": message, "type": "error", "param": None, "code": code}
    return answered({"error": error}, status, **headers)


def either(reply: str, **message: Any) -> Callable[[Recorded], Reply]:
    """Answer `reply` as a stream or whole, as the request asks."""

    def script(request: Recorded) -> Reply:
        whole = not request.body.get("stream")
        return written(reply, **message) if whole else spoken(reply)

    return script


class ScriptedUpstream:
    """The server; a context manager that starts and stops it.

    Attributes:
        url: Address to configure as the upstream's.
        requests: Chat requests so far, in order of arrival.
        models: What ``/models`` lists, or replies.
        cancelled: Requests whose client left before the reply was over.
        answering: Requests being answered now.
        connections: Connections opened so far.
    """

    def __init__(
        self,
        *script: Script,
        models: Sequence[dict[str, Any]] | Reply = (),
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Recorded] = []
        self.models = models
        self.cancelled = 0
        self.answering = 0
        self.connections = 0
        self._script: list[Script] = list(script)
        self._listening = ThreadedServer(self._connected, port=port, tls=tls)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listening.port}/v1"
        self._changed = threading.Condition()

    def then(self, *script: Script) -> None:
        """Replace what is still to come."""
        self._script = list(script)

    def wait_until(self, holds: Callable[[Self], bool], *, seconds: float = 5) -> bool:
        """Wait until `holds(self)`, at most `seconds`; return whether it does."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self), seconds)

    def __enter__(self) -> Self:
        self._listening.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.stop()

    def _change(self, **by: int) -> None:
        with self._changed:
            for name, amount in by.items():
                setattr(self, name, getattr(self, name) + amount)
            self._changed.notify_all()

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._change(connections=1)
        try:
            while await self._exchange(reader, writer):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        request = await read_request(reader)
        if request.path.endswith("/models"):
            listed = self.models
            if not isinstance(listed, Reply):
                listed = answered({"object": "list", "data": listed})
            return await send(listed, writer)
        with self._changed:
            self.requests.append(request)
        entry = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        reply = entry if isinstance(entry, Reply) else entry(request)
        self._change(answering=1)
        sending = asyncio.ensure_future(send(reply, writer))
        leaving = asyncio.ensure_future(left(reader))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            # A client is also seen to leave when what is written to it is refused.
            gone = not sending.done() or isinstance(sending.exception(), OSError)
            self._change(cancelled=int(gone))
            return not gone and bool(sending.result())
        finally:
            self._change(answering=-1)
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
