"""What is sent to the model of hits: whole lists and tables, nothing twice."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.chat.context import MOST, joined, joined_text, joining, wanted
from app.messages import Filter, Findings, Queries
from ingest.documents import Chunk, Hit, Principal, Reading
from tests.app.hits import hit as made
from tests.app.shelf import EVERYBODY
from tests.ingest.chunking.made_readings import SENTENCE, cut, element
from tests.ingest.chunking.made_readings import joined as placed

STEPS = "\n".join(f"{n}. Turn screw {n} until it holds." for n in range(1, 9))
TABLE = "Code | Meaning\n--- | ---\n" + "\n".join(
    f"E-{n} | the probe is broken" for n in range(10, 20)
)
CODE = "\n".join(["```", *(f"run step {n}" for n in range(30)), "```"])
PROSE = SENTENCE * 12


def hits_of(chunks: Sequence[Chunk], *positions: int) -> list[Hit]:
    return [Hit(chunk=chunks[at], score=1 - n / 9) for n, at in enumerate(positions)]


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "kind"),
    [(STEPS, "list"), (STEPS.replace(".", ")"), "list"), (TABLE, "table")],
)
@pytest.mark.parametrize("verbatim", [True, False])
def test_a_list_and_a_table_come_whole(text: str, kind: str, verbatim: bool) -> None:
    reading = placed(
        element(PROSE, "Setup"),
        element(text, "Setup", kind=kind, header_rows=2 if kind == "table" else 0),  # type: ignore[arg-type]
        element("Later: " + PROSE, "Setup"),
        verbatim=verbatim,
    )
    chunks = cut(reading, size=60)
    middle = next(c for c in chunks if c.kind == kind)

    (one,) = joined(hits_of(chunks, middle.position), chunks)

    assert text in one.chunk.text
    assert one.found == middle
    assert (one.chunk.id, one.chunk.page) == (middle.id, middle.page)
    span = reading.text[one.chunk.start : one.chunk.end]
    assert plain(span) == plain(one.chunk.text)


def test_code_comes_whole() -> None:
    chunks = cut(placed(element(CODE, "Setup", kind="code"), verbatim=True), size=60)

    (one,) = joined(hits_of(chunks, 1), chunks)

    assert len(chunks) > 1
    assert one.chunk.text == CODE


def test_what_is_too_long_to_come_whole_comes_as_it_was_found() -> None:
    long = STEPS + "\n" + "\n".join(f"{n}. Go on with {n}." for n in range(9, 60))
    chunks = cut(placed(element(long, kind="list"), verbatim=True), size=40)

    (one,) = joined(hits_of(chunks, 3), chunks)

    assert len(chunks) > MOST
    assert one == hits_of(chunks, 3)[0]


def test_prose_stays_as_it_was_found() -> None:
    chunks = cut(placed(element(PROSE, "Setup"), verbatim=True), size=40, overlap=8)

    assert joined(hits_of(chunks, 1), chunks) == tuple(hits_of(chunks, 1))


def test_hits_that_follow_each_other_become_one() -> None:
    reading = placed(element(PROSE, "Setup"), verbatim=True)
    chunks = cut(reading, size=40, overlap=8)

    one, *rest = joined(hits_of(chunks, 2, 1), [])

    assert rest == []
    assert one.chunk.text == reading.text[chunks[1].start : chunks[2].end]
    assert (one.chunk.start, one.chunk.end) == (chunks[1].start, chunks[2].end)
    assert (one.found, one.score, one.chunk.position) == (chunks[2], 1, 1)


def test_sections_documents_and_what_lies_between_stay_apart() -> None:
    near = [
        made("one. ", headings=("A",), position=0),
        made("two. ", headings=("B",), position=1),
        made("six. ", headings=("B",), position=3),
        made("six. ", headings=("B",), position=4, path="other.md"),
    ]

    assert joined(near, []) == tuple(near)


def test_two_lists_are_not_one() -> None:
    first = made("Do this:\n\n1. Push.\n2. Turn.", position=0, start=0)
    text = "Else do that.\n\n1. Pull.\n2. Turn."
    second = made(text, position=1, start=len(first.chunk.text) + 2)

    assert joined([second], [first.chunk]) == (second,)


def test_neighbours_of_another_state_of_the_document_are_left_aside() -> None:
    chunks = cut(placed(element(STEPS, kind="list"), verbatim=True))
    old = [replace(c, document_digest="old") for c in chunks]

    found = hits_of(chunks, 1)

    assert joined(found, old) == tuple(found)


BLOCKS = st.lists(
    st.sampled_from(
        [
            element(STEPS, "A", kind="list"),
            element(TABLE, "A", kind="table", header_rows=2),
            element(CODE, "A", kind="code"),
            element(PROSE, "A"),
            element(PROSE, "B"),
            element("Hello.", "B"),
        ]
    ),
    min_size=1,
    max_size=5,
)


@given(BLOCKS, st.data(), st.booleans(), st.integers(0, 12))
def test_joining_keeps_what_was_found_and_says_nothing_twice(
    blocks: list[object], data: st.DataObject, verbatim: bool, overlap: int
) -> None:
    reading: Reading = placed(*blocks, verbatim=verbatim)  # type: ignore[arg-type]
    chunks = cut(reading, size=48, overlap=overlap)
    positions = st.lists(
        st.integers(0, len(chunks) - 1), min_size=1, max_size=6, unique=True
    )
    hits = hits_of(chunks, *data.draw(positions))
    ids = set(wanted(hits))

    sources = joined(hits, [chunk for chunk in chunks if chunk.id in ids])

    assert len(sources) <= len(hits)
    assert [s.score for s in sources] == sorted(
        (s.score for s in sources), reverse=True
    )
    taken = [p for s in sources for p in _positions(s, chunks)]
    assert len(taken) == len(set(taken))
    assert {hit.chunk.position for hit in hits} <= set(taken)
    for source in sources:
        assert len(_positions(source, chunks)) <= MOST
        span = plain(reading.text[source.chunk.start : source.chunk.end])
        # Where a table does not begin with the source, its head stands in front, and
        # the same head is not said again for a table that follows.
        head = plain(TABLE[: TABLE.index("E-10")])
        said = plain(source.chunk.text)
        assert said.replace(f"{head} ", "") == span.replace(f"{head} ", "")


def _positions(source: Hit, chunks: Sequence[Chunk]) -> list[int]:
    return [
        chunk.position
        for chunk in chunks
        if source.chunk.start <= chunk.start and chunk.end <= source.chunk.end
    ]


def test_a_single_chunk_is_its_own_text() -> None:
    assert joined_text([made("a  b").chunk]) == "a  b"


async def test_what_is_around_all_hits_is_read_at_once() -> None:
    chunks = cut(placed(element(STEPS, kind="list"), verbatim=True))
    hits = tuple(hits_of(chunks, 1, 0))
    asked: list[Sequence[str]] = []

    async def retrieve(
        principal: Principal,
        queries: Queries,
        *,
        limit: int,
        filter: Filter,  # noqa: A002
        least: float | None = None,
    ) -> Findings:
        return Findings(hits=hits[:limit], confidence=0.9, queries=(), edition="1")

    async def read(principal: Principal, ids: Sequence[str]) -> list[Chunk]:
        asked.append(ids)
        return [chunk for chunk in chunks if chunk.id in ids]

    search = joining(retrieve, read)
    found = await search(EVERYBODY, Queries(), limit=2, filter=Filter())
    nothing = await search(EVERYBODY, Queries(), limit=0, filter=Filter())

    assert [hit.chunk.text for hit in found.hits] == [STEPS]
    assert found.confidence == 0.9
    assert nothing.hits == ()
    (ids,) = asked
    assert not {hit.chunk.id for hit in hits} & set(ids)
    assert len(ids) == len(set(ids)) <= 2 * MOST * len(hits)
    assert re.fullmatch(r"[0-9a-f-]{36}", ids[0])
