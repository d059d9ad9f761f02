"""Rounds the matrix products of a graph to 8 bits, with ranges found by running it.

    graph --run on texts--> least and largest of every input --> rounded graph

OpenVINO's quantized kernels take it from there. What that is worth and what it costs
is told in docs/embedding-models.md.
"""

import importlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from ingest.embedding.graph import Graph, Pieces, engine
from ingest.embedding.pairs import PAIRS
from ingest.embedding.probes import PROBES

SUFFIX = "-int8"
"""What the name of a rounded model ends in. Vectors of a text would differ with other
texts below or other levels: change it with them."""

RANGE_TEXTS: tuple[str, ...] = (
    *PROBES,
    *(text for pairs in PAIRS.values() for pair in pairs for text in pair),
    *(" ".join(" ".join(pair) for pair in pairs) for pairs in PAIRS.values()),
)
"""Short and long, in many languages: what the ranges are found with."""

_INPUT_LEVELS, _WEIGHT_LEVELS = 256, 127
"""Steps of an input and of a weight. Weights have 7 bits, for without VNNI two
products of 8 bits overflow the 16 in which they are added; so every processor makes
the same vectors."""

_LEAST = 1e-6
"""Width of a range without one."""

_Node = Any
"""A node of a graph; openvino has no types that mypy could follow."""


def rounded(model: object, inputs: Iterable[tuple[Pieces, Pieces]]) -> object:
    """Return an OpenVINO model like `model` whose matrix products are of integers.

    Args:
        model: A model in full precision, which is left as it is.
        inputs: Pieces and mask of typical batches.

    Raises:
        GraphUnusable: OpenVINO cannot run it.
    """
    ops = importlib.import_module(f"{engine().__name__}.opset13")
    drawn: _Node = model
    ranges = Graph(_ranges(drawn.clone(), ops), lanes=1, precision="f32")
    # Rows of 2: for every product, less its least input and its largest.
    found = np.max([ranges.run(*one).reshape(-1, 2) for one in inputs], axis=0)
    copy = drawn.clone()
    for product, (low, high) in zip(_products(copy), found * (-1, 1), strict=True):
        size = np.abs(product.input_value(1).get_node().data).max(1, keepdims=True)
        size = np.maximum(size, _LEAST)
        for number, limits, levels in (
            (0, (min(low, -_LEAST), max(high, _LEAST)), _INPUT_LEVELS),
            (1, (-size, size), _WEIGHT_LEVELS),
        ):
            ends = [ops.constant(np.asarray(end, dtype=np.float32)) for end in limits]
            source = product.input_value(number)
            steps = ops.fake_quantize(source, *ends, *ends, levels)
            product.input(number).replace_source_output(steps.output(0))
    return copy


def _products(model: _Node) -> list[_Node]:
    """Return the products of something with weights, in the order of the graph."""
    return [
        node
        for node in model.get_ordered_ops()
        if node.get_type_name() == "MatMul"
        and node.input_value(1).get_node().get_type_name() == "Constant"
    ]


def _ranges(model: _Node, ops: _Node) -> object:
    """Return a model of the largest of -x and of x, x being the inputs of products.

    What rows are filled up with counts as 0.
    """
    first, last = (ops.constant(np.array([n], dtype=np.int64)) for n in (0, 2))
    axes = ops.constant(np.array([0, 1, 2], dtype=np.int64))
    parameters = model.get_parameters()
    seen = ops.unsqueeze(ops.convert(parameters[1], "f32"), last)
    ends: list[_Node] = []
    for product in _products(model):
        values = ops.multiply(product.input_value(0), seen)
        both = (ops.reduce_max(end, axes) for end in (ops.negative(values), values))
        ends += [ops.unsqueeze(end, first) for end in both]
    return engine().Model([ops.concat(ends, 0)], parameters, "ranges")
