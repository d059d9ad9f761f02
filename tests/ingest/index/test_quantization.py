"""Small copies of vectors: what a setting builds, and what is found with them."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from ingest.documents import Vectors
from ingest.index import edit_index, fingerprint_of, open_index
from ingest.settings import IndexSettings, Quantization
from tests.ingest.index.made_index import asking, page, principal, put

DIM = 384
COUNT = 8_000
"""Chunks: enough for a graph, which a smaller index does without."""

FINGERPRINT = fingerprint_of(model="m", dim=DIM, chunk_size=220, chunk_overlap=24)


def vectors(count: int) -> Vectors:
    """Return vectors around topics, as embeddings lie; shape (count, DIM)."""
    noise = np.random.default_rng(1)
    topics = noise.standard_normal((100, DIM))[noise.integers(100, size=count)]
    found = (topics + 0.7 * noise.standard_normal((count, DIM))).astype(np.float32)
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit


async def publish(settings: IndexSettings, name: str, found: Vectors) -> Path:
    """Add a document of as many chunks as vectors; return the edition's shard."""
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page(name, [f"{name} {n}" for n in range(len(found))], [*found]))
    edition = await writer.publish()
    folder = Path(settings.url.removeprefix("file:"))
    return folder / "editions" / edition.name / "shard"


def copies_in(shard: Path) -> int:
    """Return the bytes of the small copies in a shard."""
    return sum(file.stat().st_size for file in shard.rglob("quantized.data"))


async def nearest(settings: IndexSettings, question: int) -> list[str]:
    """Return the ten chunks nearest to a vector, best first."""
    reader = await open_index(settings, FINGERPRINT)
    query = asking(vectors(COUNT)[question], keep=10, weight=1)
    hits = await reader.search(principal(), query)
    await reader.close()
    assert [hit.similarity for hit in hits] == sorted(
        (hit.similarity or 0 for hit in hits), reverse=True
    )
    return [hit.chunk.text for hit in hits]


async def test_a_changed_setting_takes_effect_with_the_next_edition(
    tmp_path: Path,
) -> None:
    plain = IndexSettings(
        url=f"file:{tmp_path / 'index'}", disk_floor=0, quantization="none"
    )
    known = vectors(COUNT)
    steps: list[tuple[Quantization, float, float]] = [
        ("none", 0, 0),
        ("scalar", DIM, DIM * 1.1),
        ("turbo", DIM / 2, DIM * 0.7),
        ("none", 0, 0),
    ]
    for number, (quantization, least, most) in enumerate(steps):
        settings = msgspec.structs.replace(plain, quantization=quantization)
        more = known[:COUNT] if number == 0 else vectors(number)
        shard = await publish(settings, f"{number}.md", more)

        assert least <= copies_in(shard) / COUNT <= most
        found = await nearest(settings, 17)
        exact = np.argsort(-(known @ known[17]))[:10]
        assert found[0] == "0.md 17"
        assert len({f"0.md {n}" for n in exact} & set(found)) >= 8


async def test_an_edition_is_read_whatever_the_setting_is_now(tmp_path: Path) -> None:
    settings = IndexSettings(
        url=f"file:{tmp_path / 'index'}", disk_floor=0, quantization="scalar"
    )
    shard = await publish(settings, "a.md", vectors(COUNT))
    before = copies_in(shard)

    for quantization in ("none", "turbo"):
        other = msgspec.structs.replace(settings, quantization=quantization)
        assert (await nearest(other, 3))[0] == "a.md 3"

    assert copies_in(shard) == before > 0


def test_no_other_quantization_is_known() -> None:
    with pytest.raises(msgspec.ValidationError, match="quantization"):
        msgspec.convert({"quantization": "binary"}, IndexSettings)
