"""Rescores the first hits with a cross-encoder, in a process of its own, in time.

fused hits ──▶ the first RERANK_DEPTH ──▶ scorer ──▶ best first, the rest behind
               └── late, busy or down ──▶ the fused order, and a word about it
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from app import metrics
from app.retrieval.scorer import Scorer, ScorerBusy, ScorerDied
from app.settings import RerankSettings
from ingest.documents import Hit, embedded_text
from ingest.embedding.folder import ModelFolder, open_folder
from ingest.embedding.stamps import Stamps
from ingest.errors import ModelUnusable
from ingest.settings import EmbeddingSettings

log = logging.getLogger(__name__)

LATE, UNAVAILABLE = "rerank_timeout", "rerank_unavailable"
"""Why an order is the fused one, as answers tell it."""

_QUESTION = "What does the red light on the front of the device mean?"
_CHUNK = "Hold the button for ten seconds until the light turns amber. " * 14
"""A question and a chunk of usual length, for a try."""

_PATIENCE = 60.0
"""Seconds that a try may take."""

_LONGEST_PAUSE = 60.0
"""Seconds between two tries to start a process that will not."""


class Reranked(Struct, frozen=True, kw_only=True):
    """Hits in the order that is to be shown.

    Attributes:
        hits: Best first; scores never rise.
        degraded: Why this is not the reranker's order, or None.
    """

    hits: tuple[Hit, ...]
    degraded: str | None = None


Rerank = Callable[[str, Sequence[Hit]], Awaitable[Reranked]]
"""Rescores hits against a question and returns them best first."""


async def keep_order(_question: str, hits: Sequence[Hit]) -> Reranked:
    """Trust the order of the index: the reranker of a service without one."""
    return Reranked(hits=tuple(hits))


class Reranker:
    """A cross-encoder in its own process, which is started again when it dies."""

    def __init__(
        self, folder: ModelFolder, settings: RerankSettings, *, pause: float
    ) -> None:
        """Rerank with the model in `folder`.

        Args:
            folder: Where it lies.
            settings: How many hits, and how long.
            pause: Seconds until a process that died is replaced.
        """
        self._folder = folder
        self._settings = settings
        self._pause = pause
        self._scorer: Scorer | None = None
        self._why = "its model is being loaded"
        self._keeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Load the model, and keep it loaded from now on.

        Raises:
            ModelUnusable: It cannot be loaded.
        """
        self._scorer = await self._start()
        self._keeping = asyncio.create_task(self._keep())

    @property
    def pid(self) -> int | None:
        """Number of the process that scores now, or None while there is none."""
        return self._scorer.pid if self._scorer else None

    async def rerank(self, question: str, hits: Sequence[Hit]) -> Reranked:
        """Return `hits` with the first `RERANK_DEPTH` in the model's own order.

        Their score is the logistic of the model's logit; the hits behind them keep
        their order and score at most as high as the last of these. When the model
        is late, busy or down, the hits stay as they are and the answer says so.
        """
        if not hits:
            return Reranked(hits=())
        first = hits[: self._settings.depth]
        try:
            with metrics.stage("rerank"):
                logits = await self._score(question, first)
        except (TimeoutError, ScorerBusy) as error:
            seconds = self._settings.timeout
            why = str(error) or f"it took longer than RERANK_TIMEOUT of {seconds:g} s"
            return _unchanged(hits, LATE, why)
        except ScorerDied as error:
            return _unchanged(hits, UNAVAILABLE, str(error))
        metrics.RERANKS.labels("done").inc()
        return Reranked(hits=in_order(hits, logits))

    def state(self) -> tuple[str, str]:
        """Return "up" or "degraded", and what is there or what is wrong."""
        if self._scorer is None:
            return "degraded", f"the fused order stands: {self._why}"
        return "up", self._folder.name

    async def close(self) -> None:
        """End the process."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        if self._scorer is not None:
            await self._scorer.end()

    async def _score(self, question: str, hits: Sequence[Hit]) -> tuple[float, ...]:
        if self._scorer is None:
            raise ScorerDied(self._why)
        passages = tuple(_passage(hit) for hit in hits)
        return await self._scorer.score(
            question, passages, seconds=self._settings.timeout
        )

    async def _start(self) -> Scorer:
        return await Scorer.start(self._folder.path, threads=self._settings.threads)

    async def _keep(self) -> None:
        """Replace the process whenever it ends."""
        while True:
            if self._scorer is not None:
                self._why = await self._scorer.ended()
                self._scorer = None
                log.warning("the reranker is gone, and started again: %s", self._why)
            await self._restart()

    async def _restart(self) -> None:
        pause = self._pause
        while self._scorer is None:
            await asyncio.sleep(pause)
            try:
                self._scorer = await self._start()
            except ModelUnusable as error:
                # Once a change, not once a try.
                if str(error) != self._why:
                    log.warning("the reranker cannot be started: %s", error)
                self._why = str(error)
                pause = min(2 * pause, _LONGEST_PAUSE)
        log.info("the reranker is back")


def open_reranker(
    settings: RerankSettings, *, cache: Path, pause: float = 1.0
) -> Reranker:
    """Find the model that `settings` names; nothing is loaded or downloaded here.

    Args:
        settings: Names a model.
        cache: Folder where hashes of large files are remembered.
        pause: Seconds until a process that died is replaced.

    Raises:
        ModelUnusable: It is not on this machine, is no cross-encoder, or its folder
            holds what could run code.
    """
    return Reranker(_find(settings, cache=cache), settings, pause=pause)


def _find(settings: RerankSettings, *, cache: Path) -> ModelFolder:
    folder = open_folder(
        EmbeddingSettings(model=settings.model),
        stamps=Stamps(cache),
        variable="RERANK_MODEL",
        publisher="cross-encoder",
    )
    if not _is_cross_encoder(folder.path):
        raise ModelUnusable(
            f"RERANK_MODEL: {folder.path} is no cross-encoder: it has no layer that"
            " scores, and one with random weights would order hits by chance"
        )
    return folder


async def check_reranker(settings: RerankSettings, *, cache: Path) -> tuple[str, float]:
    """Return the model's name, and the seconds it takes for chunks of usual length.

    Raises:
        ModelUnusable: See `open_reranker` and `Reranker.start`; or it cannot score.
    """
    folder = await asyncio.to_thread(_find, settings, cache=cache)
    scorer = await Scorer.start(folder.path, threads=settings.threads)
    try:
        start = time.perf_counter()
        await scorer.score(_QUESTION, (_CHUNK,) * settings.depth, seconds=_PATIENCE)
    except (TimeoutError, ScorerDied) as error:
        raise ModelUnusable(
            f"RERANK_MODEL: {folder.name}: {error or 'it does not answer'}"
        ) from error
    else:
        return folder.name, time.perf_counter() - start
    finally:
        await scorer.end()


def in_order(hits: Sequence[Hit], logits: Sequence[float]) -> tuple[Hit, ...]:
    """Return `hits` with the first ones by falling logit, then the rest as they were.

    Args:
        hits: Best first by their fused scores.
        logits: One for each of the first hits.
    """
    first = hits[: len(logits)]
    # By logits, because the logistic of two large ones is the same.
    order = sorted(range(len(first)), key=lambda n: -logits[n])
    ranked = [msgspec.structs.replace(first[n], score=_share(logits[n])) for n in order]
    least = ranked[-1].score if ranked else 1.0
    return (
        *ranked,
        *(
            msgspec.structs.replace(hit, score=min(hit.score, least))
            for hit in hits[len(logits) :]
        ),
    )


def _share(logit: float) -> float:
    """Return the logistic of `logit`, in [0, 1]."""
    return (1 + math.tanh(logit / 2)) / 2


def _passage(hit: Hit) -> str:
    chunk = hit.chunk
    return embedded_text(chunk.heading_path, chunk.title, chunk.text)


def _unchanged(hits: Sequence[Hit], degraded: str, why: str) -> Reranked:
    metrics.RERANKS.labels("late" if degraded == LATE else "unavailable").inc()
    log.warning("not reranked, the fused order stands: %s", why)
    return Reranked(hits=tuple(hits), degraded=degraded)


class _Config(Struct):
    architectures: list[str] | None = None


class _OwnConfig(Struct):
    model_type: str = ""


def _is_cross_encoder(path: Path) -> bool:
    """Return whether the model in `path` was made to score pairs of texts."""
    own, config = path / "config_sentence_transformers.json", path / "config.json"
    try:
        if own.exists():
            kind = msgspec.json.decode(own.read_bytes(), type=_OwnConfig).model_type
            if kind:
                return kind == "CrossEncoder"
        named = msgspec.json.decode(config.read_bytes(), type=_Config).architectures
    except OSError as error:
        raise ModelUnusable(f"RERANK_MODEL: {path} cannot be read: {error}") from error
    except msgspec.MsgspecError as error:
        raise ModelUnusable(f"RERANK_MODEL: {path}: malformed: {error}") from error
    return any(name.endswith("ForSequenceClassification") for name in named or ())
