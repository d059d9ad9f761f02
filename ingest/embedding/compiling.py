"""Compiles a model once, compares it with the original, and keeps it.

safetensors --build, check--> data/models/…/model.xml --open--> CompiledEmbedder
"""

import contextlib
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct, structs

from ingest.documents import Vectors
from ingest.embedding import carried, graph, processor
from ingest.embedding.bert import Bert
from ingest.embedding.compiled import CompiledEmbedder
from ingest.embedding.folder import ModelFolder
from ingest.embedding.graph import Graph, GraphUnusable
from ingest.embedding.probes import FLOOR, PROBES, ROUNDED_FLOOR, agreement
from ingest.embedding.rounding import RANGE_TEXTS, SUFFIX, rounded
from ingest.embedding.stamps import Stamps, hashed, write_whole
from ingest.errors import ModelUnusable
from ingest.scratch import scratch
from ingest.settings import EmbeddingSettings

log = logging.getLogger(__name__)

_GRAPH, _NOTE = "model.xml", "made.json"

_PATIENCE = 600.0
"""Seconds that loading the original for the comparison may take."""


class _Made(Struct, frozen=True):
    """What is known about a model that was compiled.

    Attributes:
        files: SHA-256 of its files, by name.
        agreement: Least cosine to the original on the probes.
        precision: The one in which it runs fastest on this processor.
    """

    files: dict[str, str]
    agreement: float
    precision: str


def open_compiled(
    folder: ModelFolder, bert: Bert, settings: EmbeddingSettings, stamps: Stamps
) -> CompiledEmbedder:
    """Open the compiled form of a model, making it if there is none yet.

    One that differs too much in int8 is run as if that had not been asked for.

    Raises:
        GraphUnusable: It cannot be compiled, or differs from the original.
        ModelUnusable: The original cannot be loaded to compare with.
    """
    processor.warn_if_old(platform.machine(), processor.own_flags())
    if settings.precision == "int8":
        name = f"{folder.name}{SUFFIX}"
        try:
            return _open(structs.replace(folder, name=name), bert, settings, stamps)
        except GraphUnusable as error:
            log.warning(
                "%s does not run in int8 and keeps its precision: %s",
                folder.name,
                error,
            )
        settings = structs.replace(settings, precision="auto")
    return _open(folder, bert, settings, stamps)


def _open(
    folder: ModelFolder, bert: Bert, settings: EmbeddingSettings, stamps: Stamps
) -> CompiledEmbedder:
    """Open a model in the precision that is set."""
    # Another version of OpenVINO is another compiler, and another processor computes
    # otherwise: both are checked anew.
    mark = f"{folder.digest[:24]}-{version('openvino')}-{processor.fingerprint()}"
    if settings.precision != "auto":
        mark += f"-{settings.precision}"
    place = Path(settings.cache) / mark
    model: object = place / _GRAPH
    made = _read(place, stamps)
    if made is None:
        log.info("compiling %s", folder.name)
        model, precision = _make(folder, bert, settings)
    else:
        precision = made.precision
    lanes = settings.threads or processors()
    compiled = Graph(model, lanes=lanes, precision=precision)
    embedder = CompiledEmbedder(
        folder=folder, bert=bert, compiled=compiled, batch=settings.batch
    )
    is_rounded = settings.precision == "int8"
    if made is None:
        made = _check(embedder, folder, precision)
        _keep(model, place, made)
    if made.agreement < (ROUNDED_FLOOR if is_rounded else FLOOR):
        raise GraphUnusable(
            f"compiled, it differs from the original: cosine {made.agreement:.5f}"
        )
    log.info(
        "%s runs in %s",
        folder.name,
        f"int8 and {precision}" if is_rounded else precision,
    )
    return embedder


def _make(
    folder: ModelFolder, bert: Bert, settings: EmbeddingSettings
) -> tuple[object, str]:
    """Draw the graph of a model; return it and what it computes in."""
    model = graph.build(folder.path / "model.safetensors", bert)
    if settings.precision == "int8":
        exact = Graph(model, lanes=1, precision="f32")
        embedder = CompiledEmbedder(
            folder=folder, bert=bert, compiled=exact, batch=settings.batch
        )
        model = rounded(model, embedder.inputs(RANGE_TEXTS))
    return model, "f32" if settings.precision == "fp32" else graph.fastest(model)


def processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read(place: Path, stamps: Stamps) -> _Made | None:
    """Return what is known about the model kept at `place`; None if it is damaged."""
    try:
        made = msgspec.json.decode((place / _NOTE).read_bytes(), type=_Made)
        whole = all(
            stamps.sha256(place / name) == digest for name, digest in made.files.items()
        )
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError):
        whole = False
    if whole:
        return made
    log.warning("the compiled model in %s is damaged and is made again", place)
    return None


def _check(embedder: CompiledEmbedder, folder: ModelFolder, precision: str) -> _Made:
    """Compare a compiled model with the original."""
    theirs = carried.expected() if folder.carried else _original(folder.path)
    found = agreement(embedder.embed_texts(PROBES), theirs)
    return _Made(files={}, agreement=found, precision=precision)


def _original(path: Path) -> Vectors:
    """Embed the probes with sentence-transformers, in a process of its own.

    Raises:
        ModelUnusable: It cannot load the model.
    """
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "vectors.npy"
        done = subprocess.run(  # noqa: S603 -- our own interpreter and module
            [sys.executable, "-m", "ingest.embedding.sentence", str(path), result],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
        if done.returncode != 0:
            reason = done.stderr.strip().rpartition("\n")[2]
            raise ModelUnusable(f"{path} cannot be loaded: {reason}")
        vectors: Vectors = np.load(result, allow_pickle=False)
        return vectors


def _keep(model: object, place: Path, made: _Made) -> None:
    """Save a compiled model so that others see all of it or nothing."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with scratch(".making-", within=place.parent) as folder:
            making = folder / place.name
            making.mkdir()
            graph.save(model, making / _GRAPH)
            files = {file.name: hashed(file) for file in making.iterdir()}
            note = structs.replace(made, files=files)
            write_whole(making / _NOTE, msgspec.json.encode(note))
            shutil.rmtree(place, ignore_errors=True)
            # Whoever made the same at the same time was first, and did as well.
            with contextlib.suppress(FileExistsError):
                making.rename(place)
    except (OSError, GraphUnusable) as error:
        log.warning(
            "the compiled model is not kept, and each start makes it anew: %s cannot be"
            " written (%s); free some space there, or set EMBEDDING_CACHE",
            place,
            error,
        )
