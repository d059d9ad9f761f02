"""How a shard of Qdrant Edge is laid out: graph, quantization, memory.

Measured at 100,000 chunks of 384 dimensions on two cores (decision 15): what is not
said here is Edge's own default.
"""

import json
from pathlib import Path

import qdrant_edge as edge

from ingest.index import filters
from ingest.index.points import DENSE, KEYWORDS
from ingest.settings import Quantization

# A graph with Edge's own ef_construct of 100 takes half as long again to build and
# finds nothing more.
_GRAPH = edge.HnswIndexConfig(m=16, ef_construct=64, full_scan_threshold=10_000)

_QUANTIZED: dict[
    Quantization, edge.ScalarQuantizationConfig | edge.TurboQuantQuantizationConfig
] = {
    "scalar": edge.ScalarQuantizationConfig(
        edge.ScalarType.Int8, quantile=0.99, memory=edge.Memory.Pinned
    ),
    "turbo": edge.TurboQuantQuantizationConfig(
        bits=edge.TurboQuantBitSize.Bits4, memory=edge.Memory.Pinned
    ),
}

# A pool makes one search slower (1.0 ms instead of .6 at 20,000 chunks on 2 cores),
# and there is never more than one.
_SEARCH_THREADS = 1


def as_it_is(dim: int) -> edge.EdgeConfig:
    """Return what must be true of a shard that is opened as it was built."""
    return edge.EdgeConfig(
        vectors={DENSE: edge.EdgeVectorParams(dim, edge.Distance.Cosine)},
        sparse_vectors={
            KEYWORDS: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)
        },
        max_search_threads=_SEARCH_THREADS,
    )


def as_set(dim: int, quantization: Quantization) -> edge.EdgeConfig:
    """Return how a shard is built, or built anew where it was built otherwise."""
    cold, cached = edge.Memory.Cold, edge.Memory.Cached
    # Of what is searched by its small copy, the originals of the best are read.
    vectors = cached if quantization == "none" else cold
    return edge.EdgeConfig(
        vectors={
            DENSE: edge.EdgeVectorParams(dim, edge.Distance.Cosine, memory=vectors)
        },
        sparse_vectors={
            KEYWORDS: edge.EdgeSparseVectorParams(
                modifier=edge.Modifier.Idf, memory=cold
            )
        },
        hnsw_config=_GRAPH,
        quantization_config=_QUANTIZED.get(quantization),
        id_tracker_memory=cold,
        max_search_threads=_SEARCH_THREADS,
    )


def forget_quantization(folder: Path) -> None:
    """Let the shard in `folder` be built without quantization from now on.

    Edge takes a setting that is not given for one that stays.
    """
    file = folder / "edge_config.json"
    told = json.loads(file.read_bytes())
    if told.pop("quantization_config", None):
        file.write_text(json.dumps(told), encoding="utf-8")


def fields() -> dict[str, edge.KeywordIndexParams | edge.IntegerIndexParams]:
    """Return how each payload field is indexed that is filtered by.

    For fields that searches are narrowed by, the graph gets links of its own: without
    them a search in a tenth of the chunks finds one in eight of the nearest.
    """
    cold = edge.Memory.Cold
    words = {
        field: edge.KeywordIndexParams(
            is_tenant=field == filters.TENANT,
            prefix=field == filters.PATH,
            # These two are looked at in every search.
            memory=None if field in (filters.TENANT, filters.LABELS) else cold,
        )
        for field in filters.FILTERED
    }
    return words | {
        # Documents are counted and listed by it; nothing is searched in it.
        filters.POSITION: edge.IntegerIndexParams(
            lookup=True, range=False, enable_hnsw=False, memory=cold
        ),
        filters.DAY: edge.IntegerIndexParams(lookup=False, range=True, memory=cold),
    }
