"""No chunk is too long and nothing is lost, whatever the document."""

import itertools
import re
from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.chunking import split
from ingest.documents import (
    Chunk,
    Document,
    Element,
    ElementKind,
    Reading,
    embedded_text,
)
from ingest.embedding import Embedder, open_embedder
from ingest.settings import EmbeddingSettings

DOCUMENT = Document(
    id="6d3f", path="a.md", digest="0" * 64, media_type="text/markdown", size=1,
    tenant="acme", labels=("public",),
)  # fmt: skip
PIECES = re.compile(r"\w{1,4}|[^\w\s]")

words = st.one_of(
    st.text("abcÄß東1", min_size=1, max_size=9),
    st.text(
        st.characters(exclude_categories=("Cs", "Cc", "Cf", "Co", "Cn")), max_size=6
    ),
    st.integers(30, 400).map(lambda n: "x" * n),
)
texts = st.lists(words, min_size=1, max_size=60).flatmap(
    lambda found: st.lists(
        st.sampled_from([" ", ". ", "\n", "。", "  \n\n", ""]),
        min_size=len(found),
        max_size=len(found),
    ).map(lambda gaps: "".join(a + b for a, b in zip(found, gaps, strict=True)))
)
headings = st.sampled_from(
    [(), ("A",), ("A", "B"), ("A", "B", "a longer heading " * 4), ("C",), ("C", "D")]
)
elements = st.lists(
    st.builds(
        Element,
        kind=st.sampled_from(["title", "text", "text", "list", "code", "table"]),
        text=texts,
        heading_path=headings,
        page=st.sampled_from([None, 1, 2]),
        header_rows=st.integers(0, 2),
    ),
    max_size=8,
)


def pieces(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    return [[match.span() for match in PIECES.finditer(text)] for text in texts]


def looking_across_blanks(texts: Sequence[str]) -> list[list[tuple[int, int]]]:
    """Cut at every third character: nothing that is cut apart keeps its number."""
    return [
        [(place, min(place + 3, len(text))) for place in range(0, len(text), 3)]
        for text in texts
    ]


def placed(found: list[Element], *, verbatim: bool) -> Reading:
    text, blocks = "", []
    for one in found:
        text += "\n\n" if text else ""
        end = len(text) + len(one.text)
        blocks.append(msgspec.structs.replace(one, start=len(text), end=end))
        text += one.text
    return Reading(text=text, elements=tuple(blocks), verbatim=verbatim)


@settings(deadline=None)
@given(elements, st.booleans(), st.integers(16, 80), st.floats(0, 0.49))
def test_no_chunk_is_longer_than_its_size(
    found: list[Element], verbatim: bool, size: int, share: float
) -> None:
    for offsets in (pieces, looking_across_blanks):
        chunks = split(
            DOCUMENT,
            placed(found, verbatim=verbatim),
            title="A",
            language="",
            offsets=offsets,
            size=size,
            overlap=int(size * share),
        )

        embedded = [embedded_text(c.heading_path, c.title, c.text) for c in chunks]
        assert all(len(tokens) <= size for tokens in offsets(embedded))
        assert all(any(map(str.isalnum, chunk.text)) for chunk in chunks)


@settings(deadline=None)
@given(elements, st.booleans(), st.integers(16, 80), st.floats(0, 0.49))
def test_every_letter_is_in_a_chunk_and_chunks_go_forward(
    found: list[Element], verbatim: bool, size: int, share: float
) -> None:
    reading = placed(found, verbatim=verbatim)

    chunks = split(
        DOCUMENT,
        reading,
        title="",
        language="",
        offsets=pieces,
        size=size,
        overlap=int(size * share),
    )

    assert letters_left_out(reading, chunks) == ""
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    assert all(chunk.start < chunk.end for chunk in chunks)
    for before, after in itertools.pairwise(chunks):
        assert before.start <= after.start
        assert before.end <= after.end


def letters_left_out(reading: Reading, chunks: list[Chunk]) -> str:
    """Return what is in no chunk; titles may be in a heading path instead."""
    covered = {place for chunk in chunks for place in range(chunk.start, chunk.end)}
    return "".join(
        reading.text[place]
        for element in reading.elements
        if element.kind != "title"
        for place in range(element.start, element.end)
        if place not in covered and reading.text[place].isalnum()
    )


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    folder = tmp_path_factory.mktemp("models")
    return open_embedder(EmbeddingSettings(cache=str(folder)))


@pytest.mark.parametrize(
    "text",
    [
        "QWxhZGRpbjpvcGVu+c2Vz/YW1l" * 1000,
        "lopadotemachoselachogaleo" * 1000,
        "这是一个句子没有空格" * 2000,
        "यह पहला वाक्य है। " * 1000,
        "ทดสอบภาษาไทยไม่มีช่องว่าง" * 800,
        "👩‍👩‍👧 a" * 3000,
        "a\u0301\u0302" * 8000,
        "https://example.com/a/b?c=d&e=f\t" * 600,
        "word\r\n" * 4000,
        "." * 20_000 + "a",
    ],
)
@pytest.mark.parametrize("kind", ["text", "list", "code", "table"])
def test_hostile_texts_fit_the_carried_model(
    carried: Embedder, text: str, kind: ElementKind
) -> None:
    reading = placed([Element(kind=kind, text=text, header_rows=1)], verbatim=True)

    chunks = split(
        DOCUMENT,
        reading,
        title="A title of the document",
        language="",
        offsets=carried.offsets,
        size=220,
        overlap=24,
    )

    embedded = [embedded_text(c.heading_path, c.title, c.text) for c in chunks]
    assert max(map(len, carried.offsets(embedded)), default=0) <= 220
    assert max(len(chunk.text) for chunk in chunks) <= 220 * 8
