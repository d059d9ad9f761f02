"""What a citation opens."""

from typing import Any

import httpx
import pytest
from msgspec.structs import replace

from app.api.sources import within, without_overlaps
from ingest.documents import Chunk, chunk_id

CHUNK = Chunk(
    id="0",
    document_id="d",
    document_digest="f" * 64,
    path="a.md",
    title="A",
    url="",
    heading_path=("A",),
    page=None,
    position=0,
    start=0,
    end=11,
    text="one two six",
    kind="text",
    language="en",
    tenant="default",
    labels=("public",),
    digest="0" * 32,
)
NEXT = replace(CHUNK, id="1", position=1, start=8, end=19, text="six ten all")


def search(address: str, query: str) -> list[dict[str, Any]]:
    reply = httpx.post(f"{address}/v1/search", json={"query": query, "limit": 5})
    assert reply.status_code == 200, reply.text
    data: list[dict[str, Any]] = reply.json()["data"]
    return data


def test_text_that_neighbours_share_is_shown_once() -> None:
    assert [part.text for part in without_overlaps([CHUNK, NEXT], ["0"])] == [
        "one two six",
        " ten all",
    ]


def test_the_cited_chunk_stays_whole() -> None:
    assert [part.text for part in without_overlaps([CHUNK, NEXT], ["1"])] == [
        "one two ",
        "six ten all",
    ]


def test_what_is_cited_together_is_read_together() -> None:
    assert [part.text for part in without_overlaps([CHUNK, NEXT], ["0", "1"])] == [
        "one two six",
        " ten all",
    ]


@pytest.mark.parametrize(
    ("span", "cited"),
    [((0, 19), "01"), ((0, 11), "0"), ((0, 18), "0"), ((8, 19), "0"), ((9, -5), "0")],
)
def test_a_span_cites_the_chunks_in_it(span: tuple[int, int], cited: str) -> None:
    assert "".join(c.id for c in within([CHUNK, NEXT], CHUNK, span)) == cited


def test_a_span_opens_whole(sample_service: str) -> None:
    hit = search(sample_service, "factory reset of the hub")[0]
    address = f"{sample_service}/v1/sources/{hit['id']}"
    everything = {"start": 0, "end": 10**9}

    source = httpx.get(address, params=everything).json()

    cited = [part for part in source["context"] if part["cited"]]
    assert len(cited) > 1
    assert source["text"].startswith(cited[0]["text"])
    assert source["text"].endswith(cited[-1]["text"])
    (first, last), (start, end) = source["span"], hit["span"]
    assert first <= start < end <= last
    assert last - first > end - start
    page = httpx.get(address, params=everything, headers={"accept": "text/html"}).text
    assert page.count('class="cited"') == len(cited)
    assert page.count("autofocus") == 1


def test_a_span_of_words_is_refused_by_its_name(sample_service: str) -> None:
    hit = search(sample_service, "factory reset of the hub")[0]

    reply = httpx.get(f"{sample_service}/v1/sources/{hit['id']}?start=one")

    assert reply.status_code == 400
    assert reply.json()["error"]["param"] == "start"


def test_equal_words_without_an_overlap_stay() -> None:
    apart = replace(NEXT, start=12, end=23)

    assert [part.text for part in without_overlaps([CHUNK, apart], ["0"])] == [
        "one two six",
        "six ten all",
    ]


def test_a_hit_opens_at_its_place_with_what_stands_around(sample_service: str) -> None:
    hit = search(sample_service, "factory reset of the hub")[0]

    reply = httpx.get(f"{sample_service}/v1/sources/{hit['id']}")

    assert reply.status_code == 200
    source = reply.json()
    assert source["text"] == hit["text"]
    assert source["document"] == hit["document"]
    assert [part["id"] for part in source["context"] if part["cited"]] == [hit["id"]]
    assert len(source["context"]) > 1


def test_a_browser_gets_a_page_without_a_script_under_a_strict_policy(
    sample_service: str,
) -> None:
    hit = search(sample_service, "factory reset of the hub")[0]

    reply = httpx.get(
        f"{sample_service}/v1/sources/{hit['id']}", headers={"accept": "text/html"}
    )

    assert reply.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert 'class="cited"' in reply.text
    assert "<script" not in reply.text


def test_a_source_that_is_not_there_is_a_404_in_our_shape(sample_service: str) -> None:
    for name in (chunk_id("no-such-document", 0), "x", "..%2f..%2fetc%2fpasswd"):
        reply = httpx.get(f"{sample_service}/v1/sources/{name}")

        assert reply.status_code == 404
        assert reply.json()["error"]["code"] == "not_found"
        assert reply.headers["x-request-id"]
