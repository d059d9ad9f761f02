"""What is searched for becomes one vector."""

import numpy as np

from app.messages import Queries
from ingest.documents import Principal, Vector
from ingest.embedding import Embedder


async def vector_of(
    principal: Principal, queries: Queries, embedder: Embedder
) -> Vector:
    """Return the vector of `queries`, at least one text: shape (dim,), unit length.

    Several texts count by their shares. What was embedded lately for those who see
    what `principal` sees is remembered by the embedder.

    Raises:
        ModelUnusable: The embedding model fails.
    """
    if len(queries.texts) == 1:
        return await embedder.embed_query(principal, queries.texts[0][0])
    vectors = await embedder.embed_queries(principal, queries.words)
    shares = np.array([share for _, share in queries.texts], np.float32)
    vector: Vector = shares @ vectors
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
