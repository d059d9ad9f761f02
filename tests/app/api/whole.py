"""The whole service over the sample, in a process, with a scripted upstream.

official client --HTTP--> service: retrieval, prompt, filters --HTTP--> scripted
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openai import OpenAI

from tests.scripted_upstream import ScriptedUpstream, either
from tests.service import service

KEY = "the-upstreams-key"
MODEL = "writer-1"

SURE = "What does error E-207 mean?"
"""A question that the sample answers."""

UNSURE = "How do I bake sourdough bread?"
"""A question that it does not."""

ANSWER = "The circuit of the probe is open [1]."


class Whole:
    """A running service, its upstream, and a client."""

    def __init__(self, address: str, upstream: ScriptedUpstream) -> None:
        self.address = address
        self.upstream = upstream
        self.client = OpenAI(
            base_url=f"{address}/v1", api_key="callers-key", max_retries=0
        )

    def says(self, *script: Any) -> None:
        """Let the upstream answer with `script`, and forget what it was asked."""
        self.upstream.then(*script or [either(ANSWER)])
        self.upstream.requests.clear()

    def ask(self, question: str = SURE, **fields: Any) -> Any:
        """Ask as a caller does."""
        messages = [{"role": "user", "content": question}]
        asked = {"model": "frontdesk", "messages": messages, **fields}
        return self.client.chat.completions.create(**asked)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """Bodies of the requests that the upstream was sent."""
        return [request.body for request in self.upstream.requests]


@contextmanager
def whole_service(home: Path, **variables: str) -> Iterator[Whole]:
    """Run a service over the index in `home`; yields it when it is up."""
    with (
        ScriptedUpstream(either(ANSWER)) as upstream,
        service(
            home,
            **{
                "OPENAI_BASE_URL": upstream.url,
                "OPENAI_API_KEY": KEY,
                "CHAT_MODEL": MODEL,
                "CHAT_FIRST_BYTE_TIMEOUT": "2",
                "CHAT_GAP_TIMEOUT": "2",
                **variables,
            },
        ) as address,
    ):
        whole = Whole(address, upstream)
        with whole.client:
            yield whole


def text_of(chunks: list[Any], index: int = 0) -> str:
    """Return what a stream said in one choice."""
    choices = [c for chunk in chunks for c in chunk.choices if c.index == index]
    return "".join(choice.delta.content or "" for choice in choices)
