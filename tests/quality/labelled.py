"""Ingests a labelled set of documents and scores what its questions find.

    python -m tests.quality.labelled SET HOME

SET holds ``docs/``, ``queries.jsonl`` (``_id``, ``text``) and ``qrels.tsv`` (query,
document, grade); a document's id is its file name. HOME keeps the
index and ``run.jsonl``, one line a query, best document first.
"""

import asyncio
import sys
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from app.chat.question import queries
from app.evaluation.metrics import ndcg
from app.messages import Filter, Message
from app.resources import open_resources
from app.settings import load_settings
from tests.command import environment, frontdesk

_CHUNKS = 50
"""Chunks asked for a query: enough that ten documents are among them."""


class Query(Struct, frozen=True, rename={"id": "_id"}):
    """A question of the set."""

    id: str
    text: str


def load_relevant(path: Path) -> dict[str, set[str]]:
    """Return the ids of the right documents by query id."""
    relevant: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevant.setdefault(query, set()).add(document)
    return relevant


async def rank(home: Path, asked: list[Query]) -> tuple[dict[str, list[str]], float]:
    """Return the ranked document ids by query id, and milliseconds a query."""
    ranked: dict[str, list[str]] = {}
    async with open_resources(load_settings(environment(home))) as resources:
        start = time.perf_counter()
        for query in asked:
            found = await resources.retriever.retrieve(
                resources.principal,
                queries([Message(role="user", content=query.text)]),
                limit=_CHUNKS,
                filter=Filter(),
            )
            names = [Path(hit.chunk.path).name for hit in found.hits]
            ranked[query.id] = list(dict.fromkeys(names))
        milliseconds = (time.perf_counter() - start) * 1000 / len(asked)
    return ranked, milliseconds


def recall(ranked: list[str], right: set[str], depth: int) -> float:
    """Return the share of `right` among the first `depth` of `ranked`."""
    return len(right & set(ranked[:depth])) / len(right)


def main() -> None:
    """Ingest, ask, print."""
    labelled, home = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
    home.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    done = frontdesk(home, "ingest", str(labelled / "docs"))
    print(done.stdout or done.stderr, f"{time.perf_counter() - start:.1f} s in all")
    lines = (labelled / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [msgspec.json.decode(line, type=Query) for line in lines]
    relevant = load_relevant(labelled / "qrels.tsv")
    asked = [query for query in asked if query.id in relevant]
    ranked, milliseconds = asyncio.run(rank(home, asked))
    with (home / "run.jsonl").open("wb") as run:
        for id_, hits in ranked.items():
            run.write(msgspec.json.encode({"_id": id_, "hits": hits}) + b"\n")
    for depth in (1, 3, 5, 10):
        scores = [recall(ranked[q.id], relevant[q.id], depth) for q in asked]
        print(f"R@{depth:<2} {sum(scores) / len(scores):.4f}")
    gains = [ndcg(ranked[q.id], relevant[q.id]) for q in asked]
    print(f"nDCG@10 {sum(gains) / len(gains):.4f}   {milliseconds:.1f} ms a query")


if __name__ == "__main__":
    main()
