"""A whole service whose upstream says what a test tells it to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.app.api.whole import SURE
from tests.raw import chat
from tests.scripted_upstream import ScriptedUpstream, chunk, event
from tests.service import Running, running

JSON = {"content-type": "application/json"}

BEGUN = event(chunk({"role": "assistant", "content": "Open"}))
PIECE = event(chunk({"content": "0123456789" * 1_000}))
STREAMED = chat(stream=True, question=SURE)


@contextmanager
def writing(
    home: Path, *script: Any, **variables: str
) -> Iterator[tuple[Running, ScriptedUpstream]]:
    """Run a service whose upstream says what `script` says."""
    with (
        ScriptedUpstream(*script) as upstream,
        running(
            home,
            OPENAI_BASE_URL=upstream.url,
            OPENAI_API_KEY="k",
            CHAT_MODEL="writer-1",
            CHAT_MAX_ANSWER_BYTES="100000000",
            SERVER_CONCURRENCY="200",
            **variables,
        ) as service,
    ):
        yield service, upstream
