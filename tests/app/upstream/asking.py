"""Asks a real upstream client, opened on the addresses a test names."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from app.messages import JSON
from app.settings import ChatSettings, UpstreamSettings
from app.upstream.client import Upstream, open_upstream

PROMPT: Sequence[JSON] = ({"role": "user", "content": "Hi"},)


@asynccontextmanager
async def opened(*urls: str, **chat: Any) -> AsyncIterator[Upstream]:
    """Open the upstream; `chat` are fields of the settings."""
    settings = UpstreamSettings(base_url=", ".join(urls), api_key="k1")
    upstream = open_upstream(settings, ChatSettings(**chat))
    try:
        yield upstream
    finally:
        await upstream.aclose()


async def ask(upstream: Upstream, *, stream: bool, **parameters: Any) -> str:
    """Return the text of the first answer, streamed or whole."""
    if not stream:
        completion = await upstream.complete(PROMPT, parameters, model="m")
        return completion.choices[0].content or ""
    pieces = await upstream.stream(PROMPT, parameters, model="m")
    try:
        return "".join([piece.content async for burst in pieces for piece in burst])
    finally:
        await pieces.aclose()
