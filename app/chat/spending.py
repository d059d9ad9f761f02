"""What an answer took in tokens, and what it would have taken without retrieval."""

from collections.abc import Awaitable, Callable, Sequence

from msgspec.structs import replace

from app.access.tabs import Call, Tab
from app.chat.prompt import Prompt
from app.messages import JSON, Usage
from app.tokens import TokenCounter
from ingest.documents import Hit

Count = Callable[[str], int]
"""Returns the tokens of a text."""

Lengths = Callable[[Sequence[Hit]], Awaitable[dict[str, int]]]
"""Returns the length of each hit's document in characters, by document id."""


class Spending:
    """Counts one answer; must be closed."""

    def __init__(
        self,
        *,
        tab: Tab,
        tokens: TokenCounter,
        model: str,
        whole: Callable[[Count], Awaitable[int]],
        sent: tuple[Prompt, Call] | None = None,
        rewrite: int = 0,
    ) -> None:
        """Count for `model`.

        Args:
            tab: What the answer may take; closed with this.
            tokens: Counts tokens.
            model: Whose tokens.
            whole: Returns the tokens of the sources' documents.
            sent: What was sent, and what that may take; None where nothing was.
            rewrite: Tokens that rewriting the question took.
        """
        self._tab = tab
        self._tokens = tokens
        self._model = model
        self._whole = whole
        self._prompt: Prompt | None
        self._call: Call | None
        self._prompt, self._call = sent or (None, None)
        self._rewrite = rewrite

    async def told(self, usage: Usage | None, text: str) -> Usage:
        """Return the tokens of an answer.

        Args:
            usage: What the upstream says; where it does not, we count.
            text: The answer, all choices.
        """
        ours = self._prompt.tokens if self._prompt else 0
        sources = self._prompt.sources if self._prompt else 0
        taken = usage or Usage(prompt=ours, completion=self._count(text))
        if usage is not None and self._call is not None:
            self._call.settle(usage)
        # Our count is rather high; shares follow what the upstream counted.
        scale = taken.prompt / ours if ours and taken.prompt else 1.0
        whole = await self._whole(self._count)
        return Usage(
            prompt=taken.prompt,
            completion=taken.completion,
            sources=round(sources * scale),
            stuffed=round(taken.prompt + (max(whole, sources) - sources) * scale),
            cached=taken.cached,
            reasoning=taken.reasoning,
            rewrite=self._rewrite,
            cost=self._tab.cost,
        )

    def break_off(
        self, usage: Usage | None, text: str, beside: Sequence[JSON]
    ) -> Usage:
        """Return the tokens of an answer that nobody waits for any longer.

        Args:
            usage: What the upstream says; where it does not, we count.
            text: What it said so far, all choices.
            beside: What came of it beside the text.
        """
        if usage is None:
            written = self._count(text)
            for rest in beside:
                written += self._tokens.of_json(rest, model=self._model)
            ours = self._prompt.tokens if self._prompt else 0
            usage = Usage(prompt=ours, completion=written)
        if self._call is not None:
            self._call.settle(usage)
        return replace(usage, rewrite=self._rewrite, cost=self._tab.cost)

    async def aclose(self) -> None:
        """Count what was taken, and give back what was not."""
        await self._tab.aclose()

    def _count(self, text: str) -> int:
        return self._tokens.count(text, model=self._model)


async def whole_documents(hits: Sequence[Hit], lengths: Lengths, count: Count) -> int:
    """Return the tokens of the hits' documents, whole.

    Their length is known in characters; tokens a character are those of the chunks
    at hand.
    """
    texts = [hit.chunk.text for hit in hits]
    characters = sum(map(len, texts))
    if not characters:
        return 0
    counted = sum(map(count, texts))
    return round(sum((await lengths(hits)).values()) * counted / characters)
