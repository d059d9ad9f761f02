"""A BERT-family model as a compiled graph; the tokenizers door.

texts --tokenizer--> ids, by length --graph--> vectors, in the order of the texts
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from ingest.documents import Principal, Vector, Vectors
from ingest.embedding.base import nothing
from ingest.embedding.bert import Bert
from ingest.embedding.folder import ModelFolder
from ingest.embedding.graph import Graph, GraphUnusable, Pieces
from ingest.embedding.lanes import QUESTIONS, SENTENCES, Lanes
from ingest.embedding.languages import EVERY

_STEP = 16
"""Rows are filled up to a multiple of this many pieces: every new shape costs the
graph some milliseconds and memory."""

_SLICE = 1024
"""Texts that are tokenized at once: an encoding is far larger than its ids."""


class CompiledEmbedder:
    """A compiled model and its tokenizer."""

    def __init__(
        self, *, folder: ModelFolder, bert: Bert, compiled: Graph, batch: int
    ) -> None:
        """Read the tokenizer of `folder`.

        Raises:
            GraphUnusable: The tokenizer is missing or not one of BERT's.
        """
        self.name = folder.name
        self.dim = bert.dim
        self.languages = EVERY
        self._bert = bert
        self._graph = compiled
        self._batch = batch
        self._prompts = folder.prompts
        self._tokenizer = _tokenizer(folder.path, bert)
        prompt = self._tokenizer.encode(
            folder.prompts.passage, add_special_tokens=False
        )
        self.max_tokens = bert.length - 2 - len(prompt.ids)
        lanes = Lanes(compiled.lanes, batch=batch)
        self._questions = lanes.line(self.embed_questions, kept=QUESTIONS)
        self._sentences = lanes.line(
            self.embed_passages, kept=SENTENCES, precision=np.float16
        )

    def offsets(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Implements `Embedder.offsets`."""
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        return [encoding.offsets for encoding in encodings]

    def embed_passages(
        self, texts: Sequence[str], *, check: Callable[[], None] = nothing
    ) -> Vectors:
        """Implements `Embedder.embed_passages`."""
        prompted = [self._prompts.passage + text for text in texts]
        return self.embed_texts(prompted, check=check)

    async def embed_query(self, principal: Principal, text: str) -> Vector:
        """Implements `Embedder.embed_query`."""
        return await self._questions.one(principal, text)

    async def embed_queries(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        """Implements `Embedder.embed_queries`."""
        return await self._questions.all(principal, texts)

    async def embed_sentences(
        self, principal: Principal, texts: Sequence[str]
    ) -> Vectors:
        """Implements `Embedder.embed_sentences`."""
        return await self._sentences.all(principal, texts)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Embed questions, shape (n, dim), each of unit length."""
        return self.embed_texts([self._prompts.query + text for text in texts])

    def embed_texts(
        self, texts: Sequence[str], *, check: Callable[[], None] = nothing
    ) -> Vectors:
        """Embed texts as they are, the longest first, in batches of like length.

        `check` is called before each batch.
        """
        pieces = self._pieces(texts)
        order = sorted(range(len(texts)), key=lambda number: -len(pieces[number]))
        batches = [
            order[start : start + self._batch]
            for start in range(0, len(order), self._batch)
        ]
        vectors = np.empty((len(texts), self.dim), dtype=np.float32)

        def embed(batch: list[int]) -> None:
            check()
            rows = self._filled([pieces[number] for number in batch])
            vectors[batch] = self._graph.run(*rows)

        if len(batches) == 1 or self._graph.lanes == 1:
            for batch in batches:
                embed(batch)
            return vectors
        with ThreadPoolExecutor(self._graph.lanes) as threads:
            list(threads.map(embed, batches))
        return vectors

    def inputs(self, texts: Sequence[str]) -> Iterator[tuple[Pieces, Pieces]]:
        """Yield what the graph is given for texts: pieces and mask of each batch."""
        pieces = self._pieces(texts)
        for start in range(0, len(pieces), self._batch):
            yield self._filled(pieces[start : start + self._batch])

    def _pieces(self, texts: Sequence[str]) -> list[Pieces]:
        """Return the ids of each text, the special ones at both ends."""
        longest, found = self._bert.length, []
        for start in range(0, len(texts), _SLICE):
            slice_ = texts[start : start + _SLICE]
            for encoding in self._tokenizer.encode_batch_fast(slice_):
                ids = encoding.ids
                if len(ids) > longest:
                    ids = [*ids[: longest - 1], ids[-1]]
                found.append(np.array(ids, dtype=np.int32))
        return found

    def _filled(self, rows: list[Pieces]) -> tuple[Pieces, Pieces]:
        """Return the pieces of one batch in rows of one length, and their mask."""
        longest = max(map(len, rows))
        width = min(-(-longest // _STEP) * _STEP, self._bert.length)
        pieces = np.full((len(rows), width), self._bert.pad, dtype=np.int32)
        mask = np.zeros((len(rows), width), dtype=np.int32)
        for number, row in enumerate(rows):
            pieces[number, : len(row)] = row
            mask[number, : len(row)] = 1
        return pieces, mask


def _tokenizer(folder: Path, bert: Bert) -> Tokenizer:
    """Read the tokenizer of a folder, set to cut nothing off and fill nothing up."""
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    # tokenizers raises a bare Exception for a missing and for a malformed file.
    except Exception as error:
        raise GraphUnusable(f"tokenizer.json cannot be read: {error}") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    if tokenizer.get_vocab_size() > bert.vocabulary:
        raise GraphUnusable("tokenizer.json has more word pieces than the model")
    around = [tokenizer.encode(text).special_tokens_mask for text in ("", "a")]
    if around[0] != [1, 1] or around[1] != [1, *around[1][1:-1], 1]:
        raise GraphUnusable("tokenizer.json does not put one piece at either end")
    return tokenizer
