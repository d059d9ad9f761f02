"""What every variant of the index promises about narrowing a search."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ingest.documents import Chunk, Principal
from ingest.index import IndexQuery, IndexReader, edit_index, open_index
from ingest.settings import IndexSettings
from tests.ingest.index.made_index import (
    FINGERPRINT,
    Page,
    asking,
    page,
    principal,
    put,
)

ME = principal()
BOTH = ("public", "staff")
PAGES = (
    page("guide/hub.md", ["a"], versions=("4.2.1",), date="2026-09-02"),
    page("guide/h1.md", ["b"], versions=("V4.1", "4.0"), date="2026-01-01"),
    page("guide/next.md", ["c"], versions=("40.2",), date="9999-12-31"),
    page("guia/hub.md", ["d"], language="es", versions=("4.x",), date="0001-01-01"),
    page("old/hub.md", ["e"], versions=("3.9", "Legacy"), date="2025-12-31"),
    page("plain.md", ["f"], language=""),
    page("50%_*?.md", ["g"]),
    page("“ü\\.md", ["h"], labels=BOTH, versions=("4.2",), date="2026-09-03"),
    page("staff.md", ["i"], labels=("staff",), versions=("4.2",), date="2026-09-03"),
    page("guide/hub.md", ["j"], tenant="other", versions=("4.2",), date="2026-09-03"),
)


@asynccontextmanager
async def published(
    settings: IndexSettings, *pages: Page
) -> AsyncIterator[IndexReader]:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *pages)
    await writer.publish()
    reader = await open_index(settings, FINGERPRINT)
    try:
        yield reader
    finally:
        await reader.close()


async def found(reader: IndexReader, query: IndexQuery) -> list[str]:
    return sorted(hit.chunk.path for hit in await reader.search(ME, query))


async def test_filters_narrow_a_search(settings: IndexSettings) -> None:
    guide, guia = page("guide/a.md", ["a"]), page("guia/b.md", ["b"], language="es")

    async with published(settings, guide, guia) as reader:
        queries = {
            "path": asking(paths=("guide/",)),
            "either path": asking(paths=("guia/", "guide/")),
            "language": asking(languages=("es", "it")),
            "document": asking(documents=(guia.document.id,)),
            "nothing": asking(paths=("guide/",), languages=("es",)),
        }
        seen = {name: await found(reader, query) for name, query in queries.items()}

    assert seen == {
        "path": ["guide/a.md"],
        "either path": ["guia/b.md", "guide/a.md"],
        "language": ["guia/b.md"],
        "document": ["guia/b.md"],
        "nothing": [],
    }


async def test_a_version_finds_itself_and_narrower_ones(
    settings: IndexSettings,
) -> None:
    async with published(settings, *PAGES) as reader:
        wanted = ("4.2", "4", "4.2.1", "v4.0", "LEGACY", "5", "4.2.1.7", "", "4.")
        seen = {v: await found(reader, asking(versions=(v,))) for v in wanted}
        either = await found(reader, asking(versions=("3", "4.1")))

    assert seen == {
        "4.2": ["guide/hub.md", "“ü\\.md"],
        "4": ["guia/hub.md", "guide/h1.md", "guide/hub.md", "“ü\\.md"],
        "4.2.1": ["guide/hub.md"],
        "v4.0": ["guide/h1.md"],
        "LEGACY": ["old/hub.md"],
        **{unknown: [] for unknown in ("5", "4.2.1.7", "", "4.")},
    }
    assert either == ["guide/h1.md", "old/hub.md"]


async def test_a_span_of_days_holds_both_its_ends_and_no_undated_page(
    settings: IndexSettings,
) -> None:
    async with published(settings, *PAGES) as reader:
        one_day = asking(since="2026-01-01", until="2026-01-01")
        backwards = asking(since="2026-01-02", until="2026-01-01")
        open_end, open_start = asking(since="2026-09-02"), asking(until="2025-12-31")

        assert await found(reader, one_day) == ["guide/h1.md"]
        assert await found(reader, backwards) == []
        assert await found(reader, open_start) == ["guia/hub.md", "old/hub.md"]
        assert await found(reader, open_end) == [
            *("guide/hub.md", "guide/next.md", "“ü\\.md")
        ]


async def test_a_label_that_is_not_held_finds_nothing(settings: IndexSettings) -> None:
    async with published(settings, *PAGES) as reader:
        assert await found(reader, asking(labels=("staff",))) == []
        assert len(await found(reader, asking(labels=("staff", "public")))) == 8
        staff = await reader.search(principal("acme", *BOTH), asking(labels=("staff",)))

    assert sorted(hit.chunk.path for hit in staff) == ["staff.md", "“ü\\.md"]


@pytest.mark.parametrize(
    ("prefix", "paths"),
    [
        ("50%", ["50%_*?.md"]),
        ("50%_*?.md", ["50%_*?.md"]),
        ("“ü\\", ["“ü\\.md"]),
        ("%", []),
        ("*", []),
        ("_", []),
        ("Guide/", []),
        ("../", []),
        ("guide/hub.md\n", []),
        ("'; DROP TABLE chunks; --", []),
        ("g" * 1024, []),
    ],
)
async def test_a_prefix_is_taken_sign_by_sign(
    settings: IndexSettings, prefix: str, paths: list[str]
) -> None:
    async with published(settings, *PAGES) as reader:
        assert await found(reader, asking(paths=(prefix,))) == paths


async def test_declarations_come_back_as_they_were(settings: IndexSettings) -> None:
    async with published(settings, *PAGES) as reader:
        stored = await reader.chunk(ME, PAGES[1].chunks[0].id)

    assert stored == PAGES[1].chunks[0]


async def test_a_search_finds_what_reading_every_page_would(
    settings: IndexSettings,
) -> None:
    chunks = [chunk for one in PAGES for chunk in one.chunks]
    dice = random.Random(7)

    async with published(settings, *PAGES) as reader:
        for _ in range(150):
            who = principal("acme", *dice.sample(BOTH, dice.randint(1, 2)))
            narrowing = _narrowing(dice)
            hits = await reader.search(who, asking(**narrowing))

            expected = {c.path for c in chunks if _fits(c, who, **narrowing)}
            assert {hit.chunk.path for hit in hits} == expected, narrowing
            assert {hit.chunk.tenant for hit in hits} <= {"acme"}


def _narrowing(dice: random.Random) -> dict[str, Any]:
    """Return some filters, of words that the pages have and of others."""
    words = {
        "paths": ("guide/", "gui", "old/hub.md", "“", "", "staff", "/"),
        "languages": ("en", "es", "de"),
        "documents": (*(one.document.id for one in PAGES), "none"),
        "labels": ("public", "staff", "board"),
        "versions": ("4", "4.2", "3.9", "V4.1", "legacy", "40", "4.2.1.0"),
    }
    days = ("0001-01-01", "2025-12-31", "2026-01-01", "2026-09-02", "9999-12-31")
    wanted: dict[str, Any] = {
        name: tuple(dice.sample(choice, dice.randint(1, 3)))
        for name, choice in words.items()
        if dice.random() < 0.3
    }
    return wanted | {
        name: dice.choice(days) for name in ("since", "until") if dice.random() < 0.2
    }


def _fits(
    chunk: Chunk,
    who: Principal,
    *,
    paths: tuple[str, ...] = ("",),
    languages: tuple[str, ...] = (),
    documents: tuple[str, ...] = (),
    labels: tuple[str, ...] = (),
    versions: tuple[str, ...] = (),
    since: str = "",
    until: str = "",
) -> bool:
    held = set(chunk.labels) & set(who.labels)
    declared = [version.lower().strip("v").strip(".x") for version in chunk.versions]
    wanted = [version.lower().strip("v") for version in versions]
    return all(
        [
            chunk.tenant == who.tenant,
            held & set(labels) if labels else held,
            chunk.path.startswith(paths),
            not languages or chunk.language in languages,
            not documents or chunk.document_id in documents,
            not versions
            or any(f"{has}.".startswith(f"{v}.") for has in declared for v in wanted),
            not since or (chunk.date and chunk.date >= since),
            not until or (chunk.date and chunk.date <= until),
        ]
    )
