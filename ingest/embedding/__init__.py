"""Texts to vectors: chooses how the configured model is run."""

import importlib.metadata
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from ingest.documents import Vectors
from ingest.embedding import languages
from ingest.embedding.base import Embedder, Outline
from ingest.embedding.bert import read_bert
from ingest.embedding.folder import ModelFolder, open_folder
from ingest.embedding.language_probe import probe
from ingest.embedding.languages import Languages
from ingest.embedding.stamps import Stamps
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings

__all__ = ["Embedder", "Languages", "Outline", "open_embedder", "outline"]

log = logging.getLogger(__name__)

_ROOM = 16
"""Word pieces of a text that a model must at least be able to take."""


class _Opened(Embedder, Protocol):
    """A model whose languages are still to be found out."""

    languages: Languages

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Embed n questions, shape (n, dim), each of unit length."""
        ...


def open_embedder(settings: EmbeddingSettings) -> Embedder:
    """Open the model that `settings.model` names; nothing is ever downloaded.

    A model of the BERT family is compiled once and kept in `settings.cache`; any
    other one, and any model on a GPU, is run by sentence-transformers.

    Raises:
        ModelUnusable: The model is not on this machine, damaged, its folder holds
            what could run code, or the prompt leaves no room for a text.
    """
    stamps = Stamps(Path(settings.cache))
    folder = open_folder(settings, stamps=stamps)
    embedder = _open(folder, settings, stamps)
    if embedder.max_tokens < _ROOM:
        raise ModelUnusable(
            f"the prompt in front of documents leaves {embedder.max_tokens} tokens of"
            f" {folder.title} for their text: set a shorter EMBEDDING_PASSAGE_PROMPT"
        )
    embedder.languages = _languages(embedder, folder, settings)
    return embedder


def outline(settings: EmbeddingSettings) -> Outline | None:
    """Return what an index remembers of a model, from its folder's JSON alone.

    Returns:
        What `open_embedder` will most likely open; None if only that can tell.

    Raises:
        ModelUnusable: As `open_embedder`.
    """
    folder = open_folder(settings, stamps=Stamps(Path(settings.cache)))
    bert = read_bert(folder.path)
    # Only the tokenizer knows how many pieces a prompt has, and only a try whether
    # the model keeps its vectors in int8.
    if bert is None or folder.prompts.passage or settings.precision == "int8":
        return None
    return Outline(name=folder.name, dim=bert.dim, max_tokens=bert.length - 2)


def _languages(
    embedder: _Opened, folder: ModelFolder, settings: EmbeddingSettings
) -> Languages:
    """Return what a model knows: by its setting, else its name, else a probe."""
    told = languages.of_setting(settings.languages) or languages.of_name(folder.title)
    if told is not None:
        return told
    # Vectors of questions follow their prompt, which the name leaves out.
    name = f"{embedder.name} {folder.prompts.query}".strip()
    found = probe(
        name,
        Path(settings.cache),
        queries=embedder.embed_questions,
        passages=embedder.embed_passages,
    )
    if found.known == frozenset():
        log.warning(
            "%s seems to know none of the languages it was asked in, so that keywords"
            " decide what is found; set EMBEDDING_LANGUAGES if that is wrong",
            folder.title,
        )
    return found


def _open(folder: ModelFolder, settings: EmbeddingSettings, stamps: Stamps) -> _Opened:
    """Open a model in the fastest way that it can be run."""
    if _has_gpu():
        return _original(folder, settings)
    bert = read_bert(folder.path)
    if bert is None:
        log.warning(
            "%s cannot be compiled, for it is no plain model of the BERT family:"
            " sentence-transformers runs it, which is slower",
            folder.name,
        )
        return _original(folder, settings)
    # Each way of running a model is imported only when it is taken: torch costs
    # seconds, OpenVINO a part of one.
    from ingest.embedding.compiling import open_compiled  # noqa: PLC0415
    from ingest.embedding.graph import GraphUnusable  # noqa: PLC0415

    try:
        return open_compiled(folder, bert, settings, stamps)
    except GraphUnusable as error:
        log.warning("%s runs uncompiled, which is slower: %s", folder.name, error)
        return _original(folder, settings)


def _original(folder: ModelFolder, settings: EmbeddingSettings) -> _Opened:
    """Open a model with sentence-transformers."""
    from ingest.embedding.sentence import SentenceEmbedder  # noqa: PLC0415

    if settings.precision == "int8":
        log.warning(
            "EMBEDDING_PRECISION=int8 is for compiled models: %s runs without it",
            folder.name,
        )
    return SentenceEmbedder(folder, settings)


def _has_gpu() -> bool:
    """Tell whether torch would find an NVIDIA GPU, without importing torch."""
    build = importlib.metadata.version("torch")
    return Path("/dev/nvidiactl").exists() and not build.endswith("+cpu")
