"""Another model, or another prompt in front of documents, is another index."""

from pathlib import Path

import pytest

from app.messages import Filter, Queries
from app.retrieval.retriever import Retriever
from app.settings import RetrievalSettings
from ingest.embedding import Embedder, open_embedder
from ingest.errors import IndexMismatch
from ingest.index import (
    Fingerprint,
    edit_index,
    fingerprint_of,
    list_editions,
    open_index,
    roll_back,
)
from ingest.settings import EmbeddingSettings, IndexSettings
from tests.ingest.embedding.tiny_models import make_model
from tests.ingest.index.made_index import page, principal, put

ME = principal()

TEXT = "Hold the pin button for twelve seconds."
ASKED = Queries(
    texts=(("pin button", 1.0),), keywords=(("pin button", 1.0),), language="en"
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_model(folder / "first")
    make_model(folder / "second", pooling="cls")
    return folder


def opened(models: Path, name: str, *, query: str = "", passage: str = "") -> Embedder:
    return open_embedder(
        EmbeddingSettings(
            model=str(models / name),
            cache=str(models / "cache"),
            query_prompt=query,
            passage_prompt=passage,
        )
    )


def fingerprint(embedder: Embedder) -> Fingerprint:
    return fingerprint_of(
        model=embedder.name, dim=embedder.dim, chunk_size=48, chunk_overlap=8
    )


async def ingest(settings: IndexSettings, embedder: Embedder, name: str) -> None:
    writer = await edit_index(settings, fingerprint(embedder))
    await put(writer, page(name, [TEXT], list(embedder.embed_passages([TEXT]))))
    await writer.publish()


async def answered(settings: IndexSettings, embedder: Embedder) -> list[str]:
    index = await open_index(settings, fingerprint(embedder))
    try:
        retriever = Retriever(
            index=index,
            embedder=embedder,
            settings=RetrievalSettings(),
            fusion_weight=0.6,
        )
        found = await retriever.retrieve(principal(), ASKED, limit=5, filter=Filter())
        return [hit.chunk.path for hit in found.hits]
    finally:
        await index.close()


@pytest.mark.parametrize(
    ("name", "passage"),
    [("second", ""), ("first", "passage: ")],
    ids=["model", "prompt"],
)
async def test_another_model_or_prompt_is_built_beside_and_taken_back(
    settings: IndexSettings, models: Path, name: str, passage: str
) -> None:
    old, new = opened(models, "first"), opened(models, name, passage=passage)
    await ingest(settings, old, "old.md")
    serving = await open_index(settings, fingerprint(old))

    await ingest(settings, new, "new.md")

    assert serving.edition.fingerprint.model == old.name
    await serving.close()
    assert await answered(settings, new) == ["new.md"]
    with pytest.raises(IndexMismatch, match="ingest again") as caught:
        await answered(settings, old)
    assert old.name in str(caught.value)
    assert new.name in str(caught.value)
    built = {edition.fingerprint.model for edition in await list_editions(settings)}
    assert built == {old.name, new.name}
    await roll_back(settings, None)
    assert await answered(settings, old) == ["old.md"]


async def test_another_prompt_in_front_of_questions_needs_no_other_index(
    settings: IndexSettings, models: Path
) -> None:
    old = opened(models, "first")
    new = opened(models, "first", query="query: ")
    await ingest(settings, old, "old.md")

    assert await answered(settings, new) == ["old.md"]
    assert (
        float(await old.embed_query(ME, "pin") @ await new.embed_query(ME, "pin"))
        < 0.9999
    )
