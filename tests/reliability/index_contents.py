"""What an index in a folder holds, point by point, and what else lies there."""

import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from msgspec import Struct

from ingest.index import copies, editions
from ingest.index.edge import Shard


class Contents(Struct, frozen=True, kw_only=True):
    """An edition.

    Attributes:
        edition: Its name.
        chunks: The payload of each point, by id.
        vectors: The vectors of each document's chunks by their digest, by document.
    """

    edition: str
    chunks: dict[str, dict[str, Any]]
    vectors: dict[str, dict[str, Any]]


def published(folder: Path) -> Contents | None:
    """Read the edition that readers see; it must be what was published.

    Returns:
        None if nothing was.
    """
    name = editions.current(folder)
    if not name:
        return None
    told = editions.manifest(folder, name)
    source = editions.shard_of(folder, name)
    with TemporaryDirectory() as place:
        copied = Path(place) / "shard"
        assert copies.copy(source, copied) == told.checksum
        shard = Shard.load(copied, told.edition.fingerprint.dim)
        chunks = {str(one.pop("id")): one for one in shard.matching(())}
        documents = {str(one["document_id"]) for one in chunks.values()}
        vectors = {id_: shard.vectors(id_) for id_ in documents}
        shard.close()
    assert len(chunks) == told.edition.chunks
    assert len(documents) == told.edition.documents
    return Contents(edition=name, chunks=chunks, vectors=vectors)


def assert_same(found: Contents | None, wanted: Contents) -> None:
    """Compare two editions: ids, texts, digests, labels, counts and vectors."""
    assert found is not None
    assert found.chunks == wanted.chunks
    assert found.vectors.keys() == wanted.vectors.keys()
    for id_, vectors in wanted.vectors.items():
        assert found.vectors[id_].keys() == vectors.keys()
        for digest, vector in vectors.items():
            # What is embedded beside what moves the last digits.
            assert float(np.dot(found.vectors[id_][digest], vector)) > 0.999


def lying_there(folder: Path) -> list[str]:
    """Return all that lies in the folder of an index but what is in shards.

    What the documents' files were is left out: it is noted once they are old enough.
    So is the logbook, in which each run is another one.
    """
    paths = (path.relative_to(folder) for path in folder.rglob("*"))
    return sorted(
        path.as_posix()
        for path in paths
        if "shard" not in path.parts[:-1] and path.parts[0] not in ("scans", "runs")
    )


def copy_of(folder: Path, target: Path) -> Path:
    """Copy an index as it is, times and holes too, to where nothing is."""
    subprocess.run(["cp", "-a", "--sparse=always", folder, target], check=True)
    return target
