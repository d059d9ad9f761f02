"""Whatever a caller filters by, nobody is shown what they could not see without it."""

import asyncio
from typing import Any

import hypothesis
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Principal
from ingest.index import edit_index, open_index
from ingest.index.filters import may_see, of_query, visible_to
from ingest.settings import IndexSettings
from tests.contract.test_index_filters import PAGES
from tests.ingest.index.made_index import FINGERPRINT, asking, put

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
"""What a request may hold: JSON without lone surrogates."""


def some(*telling: str) -> st.SearchStrategy[tuple[str, ...]]:
    """Return a filter's values: those that mean something here, and any others."""
    return st.lists(st.sampled_from(telling) | words, max_size=5).map(tuple)


days = st.just("") | st.dates().map(lambda day: day.isoformat())

narrowings = st.fixed_dictionaries(
    {
        "paths": some("guide/", "", "staff.md", "*", "../"),
        "languages": some("en", "es", ""),
        "documents": some(*(page.document.id for page in PAGES)),
        "labels": some("staff", "public", "board", "*"),
        "versions": some("4", "4.2", "legacy", ".", "*"),
        "since": days,
        "until": days,
    }
)

principals = st.builds(
    Principal,
    tenant=st.sampled_from(["acme", "other", "", "nobody"]) | words,
    labels=some("public", "staff", "acme"),
)


@given(principals, narrowings)
def test_access_stands_in_front_of_every_filter_unchanged(
    who: Principal, narrowing: dict[str, Any]
) -> None:
    conditions = of_query(who, asking(**narrowing))

    assert conditions[:2] == visible_to(who)
    assert conditions[0].any_of == (who.tenant,)
    assert conditions[1].any_of == who.labels


_thorough = hypothesis.settings(max_examples=200, deadline=None)


def test_no_filter_shows_more_than_no_filter(settings: IndexSettings) -> None:
    chunks = {chunk.id: chunk for page in PAGES for chunk in page.chunks}
    with asyncio.Runner() as runner:
        runner.run(_fill(settings))
        reader = runner.run(open_index(settings, FINGERPRINT))

        @given(principals, narrowings)
        @_thorough
        def check(who: Principal, narrowing: dict[str, Any]) -> None:
            query = asking(words="a b i j", **narrowing)
            found = runner.run(reader.search(who, query))

            shown = {hit.chunk.id for hit in found}
            assert shown <= {id_ for id_, one in chunks.items() if may_see(who, one)}

        try:
            check()
        finally:
            runner.run(reader.close())


async def _fill(settings: IndexSettings) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, *PAGES)
    await writer.publish()
