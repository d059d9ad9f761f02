"""Tells when a folder has changed. The watchfiles door."""

from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import awatch

_SETTLE = 1000
"""Milliseconds a burst of changes is gathered: editors save in several steps."""


async def changes(folder: Path) -> AsyncIterator[int]:
    """Yield the number of changes whenever `folder` was quiet after some."""
    async for batch in awatch(folder, debounce=_SETTLE, raise_interrupt=False):
        yield len(batch)
