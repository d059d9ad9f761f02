"""How a collection on a Qdrant server is laid out; part of the qdrant_client door."""

from typing import Any

from qdrant_client import models

from ingest.index import filters, points
from ingest.settings import Quantization

_QUANTIZED: dict[Quantization, models.QuantizationConfig] = {
    "scalar": models.ScalarQuantization(
        scalar=models.ScalarQuantizationConfig(
            type=models.ScalarType.INT8, quantile=0.99, always_ram=True
        )
    ),
    "turbo": models.TurboQuantization(
        turbo=models.TurboQuantQuantizationConfig(
            bits=models.TurboQuantBitSize.BITS4, always_ram=True
        )
    ),
}


def precise(fetch: int) -> models.SearchParams:
    """Return how `fetch` hits are found by small copies, and ordered by themselves."""
    return models.SearchParams(
        quantization=models.QuantizationSearchParams(
            rescore=True, oversampling=points.oversampling(fetch)
        )
    )


def hedged(timeout: float) -> models.CollectionParamsDiff:
    """Return that a second replica is asked where the first is late.

    Args:
        timeout: Seconds one search may take.
    """
    # Replicas are known to the server alone: it asks another, and takes what comes
    # first. Servers before 1.17 ask both at once.
    return models.CollectionParamsDiff(
        read_fan_out_factor=1, read_fan_out_delay_ms=round(timeout * 1000 / 4)
    )


def vectors(dim: int, quantization: Quantization) -> models.VectorParams:
    """Return how embeddings of length `dim` are stored."""
    return models.VectorParams(
        size=dim,
        distance=models.Distance.COSINE,
        quantization_config=_QUANTIZED.get(quantization),
    )


def fields() -> dict[str, Any]:
    """Return how each payload field is indexed that is filtered by."""
    number = models.PayloadSchemaType.INTEGER
    return dict.fromkeys(filters.NUMBERS, number) | {
        field: models.KeywordIndexParams(
            type=models.KeywordIndexType.KEYWORD,
            is_tenant=field == filters.TENANT,
            prefix=field == filters.PATH,
        )
        for field in filters.FILTERED
    }
