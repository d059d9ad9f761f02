"""A completions API that says what a test tells it to, byte for byte.

It is a real server on a real socket, in a thread of its own, so that it can be
asked from any event loop. Each request takes the next reply; the last one repeats.

    with ScriptedUpstream(spoken("Hello")) as upstream:
        ...ask the service whose OPENAI_BASE_URL is upstream.url...
    assert upstream.requests[0].body["messages"]
"""

import asyncio
import socket
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
        self._socket = socket.create_server(("127.0.0.1", port))
        self._tls = tls
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()

    def then(self, *script: Script) -> None:
        """Replace what is still to come."""
        self._script = list(script)

    def wait_until(self, holds: Callable[[Self], bool], *, seconds: float = 5) -> bool:
        """Wait until `holds(self)`, at most `seconds`; return whether it does."""
        with self._changed:
            return self._changed.wait_for(lambda: holds(self), seconds)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()
        self._socket.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.create_task(self._serve())
        self._loop.run_forever()

    async def _serve(self) -> None:
        self._server = await asyncio.start_server(
            self._connected, sock=self._socket, ssl=self._tls
        )

    async def _stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _change(self, **by: int) -> None:
        with self._changed:
            for name, amount in by.items():
                setattr(self, name, getattr(self, name) + amount)
            self._changed.notify_all()

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
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
            whole = sending.done() and not sending.cancelled() and sending.result()
            self._change(cancelled=int(not sending.done()))
            return bool(whole)
        finally:
            self._change(answering=-1)
            for task in (sending, leaving):
                task.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
