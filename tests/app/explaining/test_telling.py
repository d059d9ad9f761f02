"""Which chunk got how far, and why."""

from msgspec.structs import replace

from app.explaining.notes import Look
from app.explaining.telling import Candidate, Why, candidates, waterfall
from app.messages import Findings, Queries
from app.metrics import Stage
from app.retrieval.rerank import Reranked
from ingest.documents import Hit
from tests.app.hits import hit

FIRST = hit("The first chunk says one thing.", path="a.md", score=0.9, similarity=0.8)
SECOND = hit(
    "Something else altogether.", path="a.md", position=1, start=100, score=0.8
)
CROWDED = hit("A third part of it.", path="a.md", position=7, start=900, score=0.7)
SAME = hit("The first chunk says one thing.", path="b.md", score=0.6, similarity=None)
SPARE = hit("Nobody needs this one.", path="c.md", score=0.5, keyword_score=0.0)
FAR = hit("Far away from anything.", path="d.md", score=0.1, keyword_score=7.0)


def told(
    *offered: Hit,
    found: tuple[Hit, ...] = (FIRST, SECOND),
    left: Why = "no room",
    rescored: int = 0,
) -> dict[str, Candidate]:
    look = Look(Queries())
    look.pool = [FIRST, SECOND, CROWDED, SAME, SPARE, FAR]
    look.ranked = Reranked(hits=tuple(look.pool))
    look.shown = [FIRST, SECOND, SAME, SPARE]
    findings = Findings(hits=found, confidence=0.9, queries=(), edition="e")
    made = candidates(look, findings, offered, left=left, rescored=rescored)
    return {f"{one.path}:{one.snippet[:9]}": one for one in made}


def test_each_chunk_says_how_far_it_got() -> None:
    found = list(told(FIRST).values())

    assert [(one.offered, one.why) for one in found] == [
        (1, ""),
        (None, "no room"),
        (None, "others first"),
        (None, "duplicate"),
        (None, "below the cut"),
        (None, "below the cut"),
    ]


def test_what_was_joined_stands_in_its_source_under_that_ones_number() -> None:
    whole = replace(FIRST.chunk, end=200)
    source = replace(FIRST, chunk=whole, found=FIRST.chunk)

    first, second, *_ = told(source, found=(source,)).values()

    assert (first.offered, first.why) == (1, "")
    assert (second.offered, second.why) == (None, "joined")


def test_places_count_within_each_ranking() -> None:
    found = list(told(FIRST, rescored=2).values())

    dense = [one.dense and one.dense.rank for one in found]
    words = [one.keyword and one.keyword.rank for one in found]
    assert dense[0] == 1
    assert dense[3] is None
    assert sorted(rank for rank in dense if rank) == [1, 2, 3, 4, 5]
    assert words[5] == 1
    assert words[4] is None
    assert [one.rerank and one.rerank.rank for one in found][:3] == [1, 2, None]


def test_stages_are_milliseconds_after_the_question() -> None:
    stages = [Stage("search", 0.5, 10.25), Stage("embed", 0.25, 10.0)]

    first, second = waterfall(stages, 10.0)

    assert (first.name, first.start, first.duration) == ("embed", 0.0, 250.0)
    assert (second.name, second.start, second.duration) == ("search", 250.0, 500.0)
