"""Bytes of a caller become a file, as they come: no memory holds them all."""

import asyncio
from collections.abc import AsyncIterator

from app.documents.folder import Incoming
from app.errors import InvalidRequest, TooLarge

_BLOCK = 1024 * 1024
"""Bytes that are gathered before they are written."""


async def receive(
    fresh: Incoming, pieces: AsyncIterator[bytes], *, largest: int
) -> None:
    """Write the bytes of a file.

    Args:
        fresh: The file.
        pieces: Its bytes, in order.
        largest: How many they may be.

    Raises:
        TooLarge: They are more.
        InvalidRequest: There are none.
        NoRoom: The disk is nearly full.
    """
    size, block = 0, bytearray()
    async for piece in pieces:
        size += len(piece)
        if size > largest:
            raise TooLarge(f"A file may have {largest:,} bytes at the most.")
        block += piece
        if len(block) >= _BLOCK:
            await asyncio.to_thread(fresh.write, bytes(block))
            block.clear()
    if not size:
        raise InvalidRequest("The body is empty.", param="body")
    await asyncio.to_thread(fresh.write, bytes(block))
