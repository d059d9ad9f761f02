"""Relays that do nothing else, as a good engineer would write them: the baselines.

``python -m tests.benchmarks.relay_baselines raw|parsed UPSTREAM`` serves one on a free
port and prints its address.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import msgspec
import openai
import uvicorn
import uvloop
from litestar import Litestar, Request, get, post
from litestar.response import Stream

MODELS = {"object": "list", "data": [{"id": "fake", "object": "model"}]}


class Raw:
    """Passes bytes from an aiohttp response to uvicorn, unread."""

    def __init__(self, upstream: str) -> None:
        self._url = f"{upstream}/chat/completions"
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await _answer(send, b"application/json")
            body = msgspec.json.encode(MODELS)
            await send({"type": "http.response.body", "body": body})
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=0)
            self._session = aiohttp.ClientSession(connector=connector)
        headers = {"content-type": "application/json"}
        async with self._session.post(self._url, data=body, headers=headers) as found:
            await _answer(send, b"text/event-stream")
            async for data in found.content.iter_any():
                await send(
                    {"type": "http.response.body", "body": data, "more_body": True}
                )
        await send({"type": "http.response.body", "body": b""})


async def _answer(send: Any, kind: bytes) -> None:
    headers = [(b"content-type", kind)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def parsed(upstream: str) -> Litestar:
    """Return a relay whose chunks are objects of the SDK, parsed and dumped."""
    client = openai.AsyncOpenAI(
        base_url=upstream,
        api_key="none",
        http_client=openai.DefaultAioHttpClient(),
    )

    @get("/v1/models")
    async def models() -> dict[str, Any]:
        return MODELS

    @post("/v1/chat/completions", status_code=200)
    async def chat(request: Request[Any, Any, Any]) -> Stream:
        body = await request.json()

        async def events() -> AsyncIterator[str]:
            async for chunk in await client.chat.completions.create(**body):
                yield f"data: {chunk.model_dump_json()}\n\n"
            yield "data: [DONE]\n\n"

        return Stream(events(), media_type="text/event-stream")

    return Litestar([models, chat], logging_config=None, openapi_config=None)


def main() -> None:
    """Serve one of them until SIGTERM."""
    kind, upstream = sys.argv[1:]
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    app: Any = Raw(upstream) if kind == "raw" else parsed(upstream)
    config = uvicorn.Config(
        app, http="httptools", lifespan="off", log_config=None, access_log=False
    )
    sys.stdout.write(f"http://127.0.0.1:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=[listening]))


if __name__ == "__main__":
    main()
