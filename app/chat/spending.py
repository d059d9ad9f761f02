"""What an answer took in tokens, and what it would have taken without retrieval."""

from collections.abc import Awaitable, Callable, Sequence

from app.chat.prompt import Prompt
from app.messages import Usage
from app.tokens import TokenCounter
from ingest.documents import Hit


class Spending:
    """Counts one answer."""

    def __init__(
        self,
        *,
        tokens: TokenCounter,
        model: str,
        lengths: Callable[[], Awaitable[dict[str, int]]],
        hits: Sequence[Hit],
        prompt: Prompt | None = None,
        rewrite: int = 0,
    ) -> None:
        """Count for `model`.

        Args:
            tokens: Counts tokens.
            model: Whose tokens.
            lengths: Returns the length of each hit's document in characters.
            hits: Sources offered.
            prompt: What was sent; None where nothing was.
            rewrite: Tokens that rewriting the question took.
        """
        self._tokens = tokens
        self._model = model
        self._lengths = lengths
        self._hits = hits
        self._prompt = prompt
        self._rewrite = rewrite

    async def told(self, usage: Usage | None, text: str) -> Usage:
        """Return the tokens of an answer.

        Args:
            usage: What the upstream says; where it does not, we count.
            text: The answer, all choices.
        """
        ours = self._prompt.tokens if self._prompt else 0
        sources = self._prompt.sources if self._prompt else 0
        taken = usage or Usage(
            prompt=ours, completion=self._tokens.count(text, model=self._model)
        )
        # Our count is rather high; shares follow what the upstream counted.
        scale = taken.prompt / ours if ours and taken.prompt else 1.0
        whole = await self._whole()
        return Usage(
            prompt=taken.prompt,
            completion=taken.completion,
            sources=round(sources * scale),
            stuffed=round(taken.prompt + (max(whole, sources) - sources) * scale),
            cached=taken.cached,
            reasoning=taken.reasoning,
            rewrite=self._rewrite,
        )

    async def _whole(self) -> int:
        """Return the tokens of the hits' documents, whole.

        Their length is known in characters; tokens a character are those of the
        chunks at hand.
        """
        texts = [hit.chunk.text for hit in self._hits]
        characters = sum(map(len, texts))
        if not characters:
            return 0
        counted = sum(self._tokens.count(text, model=self._model) for text in texts)
        lengths = await self._lengths()
        return round(sum(lengths.values()) * counted / characters)
