"""Where the contract of the index is tested: a folder, a stand-in, maybe a server."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.settings import IndexSettings
from tests.contract.qdrant_stand_in import stand_in

QDRANT_URL = os.environ.get("QDRANT_URL", "")
VARIANTS = ["folder", "stand-in", *(["server"] if QDRANT_URL else [])]


def places(variant: str, folder: Path) -> Iterator[IndexSettings]:
    """Yield settings of an empty index; what a server was given is deleted after."""
    if variant == "folder":
        yield IndexSettings(url=f"file:{folder / 'index'}", disk_floor=0)
    elif variant == "stand-in":
        with stand_in() as state:
            yield IndexSettings(url=state.url, timeout=10)
    else:
        alias = f"test-{uuid.uuid4().hex[:12]}"
        key = os.environ.get("QDRANT_API_KEY", "")
        yield IndexSettings(url=QDRANT_URL, api_key=key, collection=alias, timeout=10)
        _delete(alias, key)


@pytest.fixture(params=VARIANTS)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexSettings]:
    """Settings of an index that nothing was written to."""
    yield from places(request.param, tmp_path)


def _delete(alias: str, key: str) -> None:
    from qdrant_client import QdrantClient

    client = QdrantClient(url=QDRANT_URL, headers={"api-key": key} if key else None)
    for collection in client.get_collections().collections:
        if collection.name.startswith(alias):
            client.delete_collection(collection.name)
    client.close()
