"""Tells when a folder has changed. The watchfiles door."""

from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import awatch

_SETTLE = 1000
"""Milliseconds a burst of changes is gathered: editors save in several steps."""


_LOOK = 500
"""Milliseconds after which the watch says that it stands, or still does."""


async def changes(folder: Path) -> AsyncIterator[int]:
    """Yield the number of changes whenever `folder` was quiet after some.

    The first is 0, as soon as changes are noticed: what changed before that, nobody
    has seen.
    """
    stands = False
    batches = awatch(
        folder,
        debounce=_SETTLE,
        rust_timeout=_LOOK,
        yield_on_timeout=True,
        raise_interrupt=False,
    )
    async for batch in batches:
        if batch or not stands:
            stands = True
            yield len(batch)
