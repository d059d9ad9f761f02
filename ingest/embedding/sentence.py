"""Any other model, and any model on a GPU; the sentence_transformers door.

Importing this module takes seconds and hundreds of megabytes: it is done only when
such a model is configured, and in the process that compares a compiled model.
"""

import copy
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from ingest.documents import Principal, Vector, Vectors
from ingest.embedding.base import nothing
from ingest.embedding.folder import ModelFolder
from ingest.embedding.lanes import QUESTIONS, SENTENCES, Lanes
from ingest.embedding.languages import EVERY
from ingest.embedding.probes import PROBES
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings


class SentenceEmbedder:
    """A model run by sentence-transformers: fp16 on a GPU, fp32 elsewhere."""

    def __init__(self, folder: ModelFolder, settings: EmbeddingSettings) -> None:
        """Load the model of `folder`.

        Raises:
            ModelUnusable: sentence-transformers cannot load it, or its tokenizer
                cannot tell where its pieces are.
        """
        if settings.threads:
            torch.set_num_threads(settings.threads)
        self._model = _load(folder.path)
        backend = getattr(self._model.tokenizer, "backend_tokenizer", None)
        if backend is None:
            raise ModelUnusable(f"{folder.path} has no tokenizer.json, which we need")
        # The model's own tokenizer is set anew at every call of the model.
        self._tokenizer = copy.deepcopy(backend)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._prompts = folder.prompts
        self._batch = settings.batch
        self._turn = threading.Lock()
        self.name = folder.name
        self.dim = int(self._embed(PROBES[:1], prompt="").shape[1])
        self.languages = EVERY
        prompt = self._tokenizer.encode(
            folder.prompts.passage, add_special_tokens=False
        )
        added = self._tokenizer.num_special_tokens_to_add(is_pair=False)
        longest = self._model.get_max_seq_length() or 512
        self.max_tokens = int(longest) - added - len(prompt.ids)
        lanes = Lanes(1, batch=settings.batch)
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
        check()
        return self._embed(texts, prompt=self._prompts.passage)

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
        return self._embed(texts, prompt=self._prompts.query)

    def _embed(self, texts: Sequence[str], *, prompt: str) -> Vectors:
        """Embed texts, one thread at a time, for the tokenizer's sake."""
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        with self._turn:
            return _encode(self._model, texts, prompt=prompt, batch=self._batch)


def _load(path: Path) -> SentenceTransformer:
    """Load a model from this machine only, and none of its code.

    Raises:
        ModelUnusable: It cannot be loaded.
    """
    gpu = torch.cuda.is_available()
    options: dict[str, object] = {"use_safetensors": True}
    if gpu:
        options["dtype"] = torch.float16
    try:
        return SentenceTransformer(
            str(path),
            device="cuda" if gpu else "cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs=options,
        )
    # A model can be malformed in any way, and the library raises accordingly.
    except Exception as error:
        raise ModelUnusable(f"{path} cannot be loaded: {error}") from error


def _encode(
    model: SentenceTransformer, texts: Sequence[str], *, prompt: str, batch: int
) -> Vectors:
    """Embed texts with `prompt` in front of each, shape (n, dim), unit length.

    The model puts it there itself: some do not count its pieces into the vector.
    """
    vectors = model.encode(
        list(texts),
        prompt=prompt,
        batch_size=batch,
        normalize_embeddings=True,
        show_progress_bar=False,
    )
    # fp16 rounds lengths, too.
    exact = np.asarray(vectors, dtype=np.float32)
    unit: Vectors = exact / np.linalg.norm(exact, axis=1, keepdims=True)
    return unit


def _main(path: str, result: str) -> None:
    """Save what the model in `path` makes of the probes."""
    np.save(result, _encode(_load(Path(path)), PROBES, prompt="", batch=len(PROBES)))


if __name__ == "__main__":
    _main(*sys.argv[1:])
