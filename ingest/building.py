"""What an index is built with, as its builder and its readers must agree on."""

from ingest.embedding import Embedder, Outline
from ingest.index import Fingerprint, fingerprint_of
from ingest.settings import ChunkSettings


def built_with(model: Outline | Embedder, chunks: ChunkSettings) -> Fingerprint:
    """Return the fingerprint of an index that is built with `model` and `chunks`.

    A chunk is never longer than the model can read, whatever the settings say.
    """
    return fingerprint_of(
        model=model.name,
        dim=model.dim,
        chunk_size=min(chunks.size, model.max_tokens),
        chunk_overlap=chunks.overlap,
    )
