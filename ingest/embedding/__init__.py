"""Texts to vectors: chooses how the configured model is run."""

import importlib.metadata
import logging
from pathlib import Path

from ingest.embedding.base import Embedder
from ingest.embedding.bert import read_bert
from ingest.embedding.folder import ModelFolder, open_folder
from ingest.embedding.stamps import Stamps
from ingest.settings import EmbeddingSettings

__all__ = ["Embedder", "open_embedder"]

log = logging.getLogger(__name__)


def open_embedder(settings: EmbeddingSettings) -> Embedder:
    """Open the model that `settings.model` names; nothing is ever downloaded.

    A model of the BERT family is compiled once and kept in `settings.cache`; any
    other one, and any model on a GPU, is run by sentence-transformers.

    Raises:
        ModelUnusable: The model is not on this machine, damaged, or its folder
            holds what could run code.
    """
    stamps = Stamps(Path(settings.cache))
    folder = open_folder(settings.model, stamps=stamps)
    bert = None if _has_gpu() else read_bert(folder.path)
    if bert is None:
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


def _original(folder: ModelFolder, settings: EmbeddingSettings) -> Embedder:
    """Open a model with sentence-transformers."""
    from ingest.embedding.sentence import SentenceEmbedder  # noqa: PLC0415

    return SentenceEmbedder(folder, settings)


def _has_gpu() -> bool:
    """Tell whether torch would find an NVIDIA GPU, without importing torch."""
    build = importlib.metadata.version("torch")
    return Path("/dev/nvidiactl").exists() and not build.endswith("+cpu")
