"""Draws a BERT encoder as an OpenVINO graph and runs it; the openvino door.

    pieces, mask --> embeddings --> layers --> pooling --> unit length

The weights come from safetensors; neither torch nor ONNX takes part.
"""

import functools
import importlib
import queue
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file

from ingest.documents import Vectors
from ingest.embedding.bert import Bert
from ingest.embedding.mapped import give_back
from ingest.errors import ModelUnusable

Pieces = npt.NDArray[np.int32]
"""Ids of word pieces, or their mask of 0 and 1, shape (n, length)."""

_Node = Any
"""A node of a graph; openvino has no types that mypy could follow."""

_MASKED = np.float32(-1e9)

_TRIED = (4, 128)
"""Shape of what is run to see how fast it goes."""

_ROUNDS = 4


class GraphUnusable(ModelUnusable):
    """The model cannot be drawn as a graph, or the graph read or run here."""


class Graph:
    """A compiled graph that several threads may run at once.

    Attributes:
        lanes: Inputs that are worked on at once, each by one thread.
    """

    def __init__(self, model: object, *, lanes: int, precision: str) -> None:
        """Compile `model`, an OpenVINO model or the path of a saved one.

        Args:
            model: The model.
            lanes: Inputs that are worked on at once, each by one thread.
            precision: What sums are made in: one of `precisions`.

        Raises:
            GraphUnusable: OpenVINO cannot read it or has no kernels for it.
        """
        # Pinned threads of two processes would share the first core.
        options = {
            "NUM_STREAMS": lanes,
            "INFERENCE_NUM_THREADS": lanes,
            "ENABLE_CPU_PINNING": False,
            "INFERENCE_PRECISION_HINT": precision,
        }
        try:
            compiled = engine().Core().compile_model(model, "CPU", options)
            requests = [compiled.create_infer_request() for _ in range(lanes)]
            _warm(requests)
            if isinstance(model, Path):
                give_back(model.with_suffix(".bin"))
        # OpenVINO raises RuntimeError whatever went wrong.
        except RuntimeError as error:
            raise GraphUnusable(str(error)) from error
        self.lanes = lanes
        self._idle: queue.LifoQueue[Any] = queue.LifoQueue()
        for request in requests:
            self._idle.put(request)

    def run(self, pieces: Pieces, mask: Pieces) -> Vectors:
        """Return one vector per row, shape (n, dim), each of unit length.

        Raises:
            GraphUnusable: OpenVINO failed.
        """
        request = self._idle.get()
        try:
            result = request.infer([pieces, mask], share_inputs=True)
            vectors: Vectors = np.array(result[0], dtype=np.float32)
        except RuntimeError as error:
            raise GraphUnusable(str(error)) from error
        finally:
            self._idle.put(request)
        return vectors


def precisions() -> tuple[str, ...]:
    """Return the precisions that keep vectors and that this processor has."""
    has = engine().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return ("f32", "bf16") if "BF16" in has else ("f32",)


def fastest(model: object) -> str:
    """Return the one of `precisions` in which `model` runs fastest here.

    That a processor has bf16 does not say that it is fast: with AMX it is three times
    as fast as fp32, and without it may take half as long again (both measured).

    Raises:
        GraphUnusable: OpenVINO cannot run it.
    """
    graphs = {one: Graph(model, lanes=1, precision=one) for one in precisions()}
    if len(graphs) == 1:
        return next(iter(graphs))
    pieces = np.ones(_TRIED, dtype=np.int32)
    for graph in graphs.values():
        # The first run of a shape makes its kernels.
        graph.run(pieces, pieces)
    seconds = {one: [_timed(g, pieces)] for one, g in graphs.items()}
    for _ in range(_ROUNDS - 1):
        for one, graph in graphs.items():
            seconds[one].append(_timed(graph, pieces))
    return min(seconds, key=lambda one: min(seconds[one]))


def _timed(graph: Graph, pieces: Pieces) -> float:
    start = time.perf_counter()
    graph.run(pieces, pieces)
    return time.perf_counter() - start


def _warm(requests: Sequence[Any]) -> None:
    """Let each request run once, one after the other.

    At its first run OpenVINO fills a table for which it needs both a lock of its own
    and the interpreter's: two threads at their first run at once wait for each other
    for ever. It also spares the first question some forty milliseconds.
    """
    pieces = np.ones((1, 16), dtype=np.int32)
    for request in requests:
        request.infer([pieces, pieces], share_inputs=True)


def save(model: object, file: Path) -> None:
    """Write `model` as `file` and its weights beside it, in full precision.

    Raises:
        GraphUnusable: It cannot be written.
    """
    try:
        engine().save_model(model, file, compress_to_fp16=False)
    except RuntimeError as error:
        raise GraphUnusable(str(error)) from error


def build(weights: Path, bert: Bert) -> object:
    """Draw the graph of `bert` with the weights of a safetensors file.

    Returns:
        An OpenVINO model from (pieces, mask), both (n, length), to (n, dim).

    Raises:
        GraphUnusable: Weights are missing or of another shape.

    Source:
        Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers",
        2018; names of the weights as in transformers' BertModel.
    """
    try:
        return _Drawing(load_file(weights), bert).model()
    except (KeyError, ValueError, OSError, SafetensorError, RuntimeError) as error:
        raise GraphUnusable(f"{weights.name} does not fit: {error}") from error


@functools.cache
def engine() -> ModuleType:
    """Import OpenVINO without its telemetry."""
    # At import its converter reports to an analytics server from a process of its
    # own and writes into the home folder; where the package that does this cannot
    # be used, it falls back to a stub. An empty module cannot be used.
    sys.modules.setdefault("openvino_telemetry", ModuleType("openvino_telemetry"))
    import openvino  # noqa: PLC0415

    module: ModuleType = openvino
    return module


class _Drawing:
    """A graph on the way."""

    def __init__(self, weights: dict[str, npt.NDArray[Any]], bert: Bert) -> None:
        self._ops = importlib.import_module(f"{engine().__name__}.opset13")
        self._weights = {
            name.removeprefix("bert.").removeprefix("roberta."): array
            for name, array in weights.items()
        }
        self._bert = bert

    def model(self) -> object:
        ops = self._ops
        pieces = ops.parameter([-1, -1], np.int32, "pieces")
        mask = ops.parameter([-1, -1], np.int32, "mask")
        seen = ops.convert(mask, "f32")
        hidden = self._embeddings(pieces)
        bias = ops.multiply(
            ops.subtract(self._constant(np.float32(1)), seen), self._constant(_MASKED)
        )
        bias = ops.unsqueeze(bias, self._axes(1, 2))
        for layer in range(self._bert.layers):
            hidden = self._layer(hidden, bias, f"encoder.layer.{layer}")
        unit = ops.normalize_l2(self._pooled(hidden, seen), self._axes(1), 1e-12, "max")
        return engine().Model([unit], [pieces, mask], "bert")

    def _embeddings(self, pieces: _Node) -> _Node:
        ops, name = self._ops, "embeddings"
        zero = self._constant(np.int64(0))
        vocabulary = self._array(f"{name}.word_embeddings.weight")
        if len(vocabulary) < self._bert.vocabulary:
            raise ValueError(f"only {len(vocabulary)} word pieces have a vector")
        words = ops.gather(self._constant(vocabulary), pieces, zero)
        table = self._array(f"{name}.position_embeddings.weight")
        kind = self._array(f"{name}.token_type_embeddings.weight")[0]
        # Texts are filled up on the right, so the rows of the table are taken in
        # order; the kind of a text is the same everywhere and added to them.
        places = self._constant(table[self._bert.first_position :] + kind)
        length = ops.gather(ops.shape_of(pieces), self._axes(1), zero)
        places = ops.slice(places, self._axes(0), length, self._axes(1), self._axes(0))
        return self._norm(ops.add(words, places), f"{name}.LayerNorm")

    def _layer(self, hidden: _Node, bias: _Node, name: str) -> _Node:
        ops, attention = self._ops, f"{name}.attention"
        query, key, value = (
            self._heads(self._dense(hidden, f"{attention}.self.{part}"))
            for part in ("query", "key", "value")
        )
        mixed = ops.scaled_dot_product_attention(query, key, value, bias)
        mixed = ops.reshape(
            ops.transpose(mixed, self._axes(0, 2, 1, 3)),
            self._axes(0, 0, self._bert.dim),
            special_zero=True,
        )
        mixed = self._dense(mixed, f"{attention}.output.dense")
        hidden = self._norm(ops.add(mixed, hidden), f"{attention}.output.LayerNorm")
        inner = ops.gelu(self._dense(hidden, f"{name}.intermediate.dense"), "erf")
        outer = self._dense(inner, f"{name}.output.dense")
        return self._norm(ops.add(outer, hidden), f"{name}.output.LayerNorm")

    def _heads(self, hidden: _Node) -> _Node:
        heads, dim = self._bert.heads, self._bert.dim
        shape = self._axes(0, 0, heads, dim // heads)
        split = self._ops.reshape(hidden, shape, special_zero=True)
        return self._ops.transpose(split, self._axes(0, 2, 1, 3))

    def _pooled(self, hidden: _Node, seen: _Node) -> _Node:
        ops = self._ops
        if self._bert.pooling == "cls":
            zero = self._constant(np.int64(0))
            return ops.gather(hidden, zero, self._constant(np.int64(1)))
        weight = ops.unsqueeze(seen, self._axes(2))
        total = ops.reduce_sum(ops.multiply(hidden, weight), self._axes(1))
        return ops.divide(total, ops.reduce_sum(weight, self._axes(1)))

    def _dense(self, hidden: _Node, name: str) -> _Node:
        product = self._ops.matmul(
            hidden, self._weight(f"{name}.weight"), transpose_a=False, transpose_b=True
        )
        return self._ops.add(product, self._weight(f"{name}.bias"))

    def _norm(self, hidden: _Node, name: str) -> _Node:
        ops = self._ops
        even = ops.mvn(
            hidden,
            self._axes(-1),
            normalize_variance=True,
            eps=self._bert.eps,
            eps_mode="inside_sqrt",
        )
        scaled = ops.multiply(even, self._weight(f"{name}.weight"))
        return ops.add(scaled, self._weight(f"{name}.bias"))

    def _axes(self, *numbers: int) -> _Node:
        return self._constant(np.array(numbers, dtype=np.int64))

    def _weight(self, name: str) -> _Node:
        return self._constant(self._array(name))

    def _array(self, name: str) -> npt.NDArray[np.float32]:
        return self._weights[name].astype(np.float32, copy=False)

    def _constant(self, value: npt.NDArray[Any] | np.generic) -> _Node:
        return self._ops.constant(np.ascontiguousarray(value).reshape(np.shape(value)))
