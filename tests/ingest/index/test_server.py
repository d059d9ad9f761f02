"""The index on a server: what it asks, and what it makes of refusals."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import msgspec
import pytest
from qdrant_client import QdrantClient, models

from ingest.errors import (
    DiskFull,
    IndexMismatch,
    IndexMissing,
    IndexUnreachable,
    IndexUnusable,
)
from ingest.index import edit_index, list_editions, open_index
from ingest.settings import IndexSettings
from tests.contract.qdrant_stand_in import StandIn, stand_in
from tests.ingest.index.made_index import (
    EAST,
    FINGERPRINT,
    OTHER_MODEL,
    asking,
    page,
    principal,
    put,
)

ME = principal()


@pytest.fixture
def qdrant() -> Iterator[StandIn]:
    with stand_in() as state:
        yield state


@pytest.fixture
def settings(qdrant: StandIn) -> IndexSettings:
    return IndexSettings(url=qdrant.url, timeout=5)


async def publish(settings: IndexSettings) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("a.md", ["one", "two"]))
    await writer.publish()


async def test_a_hybrid_search_is_one_request(
    qdrant: StandIn, settings: IndexSettings
) -> None:
    await publish(settings)
    reader = await open_index(settings, FINGERPRINT)
    qdrant.asked.clear()

    hits = await reader.search(ME, asking(EAST, "one"))

    await reader.close()
    searches = [path for method, path in qdrant.asked if method == "POST"]
    assert len(hits) == 2
    assert len(searches) == 1
    assert searches[0].endswith("/points/query/batch")


async def test_a_document_is_replaced_in_one_request(
    qdrant: StandIn, settings: IndexSettings
) -> None:
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("a.md", ["one"]))
    qdrant.asked.clear()

    await put(writer, page("a.md", ["uno", "dos"], digest="second"))

    await writer.close()
    assert [path.rpartition("/points")[2] for _, path in qdrant.asked] == ["/batch"]


async def test_the_tenant_has_an_index_that_says_so(settings: IndexSettings) -> None:
    await publish(settings)

    client = QdrantClient(url=settings.url, check_compatibility=False)
    schema = client.get_collection(settings.collection).payload_schema
    client.close()

    tenant = schema["tenant"].params
    assert isinstance(tenant, models.KeywordIndexParams)
    assert tenant.is_tenant
    assert schema.keys() == {
        "tenant",
        "labels",
        "document_id",
        "path",
        "language",
        "version",
        "position",
        "day",
    }


async def test_each_publication_has_a_name_of_its_own(settings: IndexSettings) -> None:
    await publish(settings)
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("b.md", ["three"]))

    second = await writer.publish()

    assert second.name.endswith("@000002")
    assert (second.documents, second.chunks) == (2, 3)
    assert await list_editions(settings) == [second]


async def test_what_a_killed_run_wrote_is_published_by_the_next(
    settings: IndexSettings,
) -> None:
    await publish(settings)
    writer = await edit_index(settings, FINGERPRINT)
    await put(writer, page("b.md", ["three"]))
    await writer.close()

    edition = await (await edit_index(settings, FINGERPRINT)).publish()

    assert edition.name.endswith("@000002")
    assert edition.chunks == 3


async def test_old_collections_go_and_foreign_ones_stay(
    settings: IndexSettings,
) -> None:
    client = QdrantClient(url=settings.url, check_compatibility=False)
    foreign = [f"{settings.collection}-mine", f"other-{'0' * 12}"]
    size = models.VectorParams(size=2, distance=models.Distance.COSINE)
    for name in foreign:
        client.create_collection(name, vectors_config=size)
    few = msgspec.structs.replace(settings, editions=1)
    await publish(few)

    await (await edit_index(few, OTHER_MODEL)).publish()

    names = {found.name for found in client.get_collections().collections}
    client.close()
    editions = await list_editions(few)
    assert [edition.fingerprint for edition in editions] == [OTHER_MODEL]
    assert names == {*foreign, editions[0].name.partition("@")[0]}


async def test_a_document_of_which_a_part_is_missing_is_known_as_such(
    settings: IndexSettings,
) -> None:
    await publish(settings)
    known = page("a.md", ["one", "two"])
    client = QdrantClient(url=settings.url, check_compatibility=False)
    client.batch_update_points(
        settings.collection,
        [
            models.DeleteOperation(
                delete=models.PointIdsList(points=[known.chunks[1].id])
            )
        ],
    )
    client.close()

    writer = await edit_index(settings, FINGERPRINT)
    stored = await writer.stored("acme")
    await writer.close()

    assert stored[known.document.id].digest == ""


async def test_the_key_goes_with_every_request(
    qdrant: StandIn, settings: IndexSettings
) -> None:
    qdrant.api_key = "secret"

    await publish(msgspec.structs.replace(settings, api_key="secret"))

    with pytest.raises(IndexUnreachable, match="INDEX_API_KEY"):
        await open_index(settings, FINGERPRINT)


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (500, "not enough active replicas", IndexUnreachable),
        (503, "starting", IndexUnreachable),
        (429, "slow down", IndexUnusable),
        (404, "Collection `x` doesn't exist", IndexMissing),
        (400, "Vector dimension error: expected dim: 64, got 32", IndexMismatch),
        (500, "No space left on device", DiskFull),
        (400, "bad filter", IndexUnusable),
    ],
)
async def test_a_refusal_has_a_name(
    qdrant: StandIn,
    settings: IndexSettings,
    status: int,
    reason: str,
    error: type[Exception],
) -> None:
    await publish(settings)
    reader = await open_index(settings, FINGERPRINT)
    # Of a server in trouble the same is asked a second time.
    qdrant.failures += [(status, reason)] * (2 if error is IndexUnreachable else 1)

    with pytest.raises(error, match=reason[:9]):
        await reader.search(ME, asking())

    assert len(await reader.search(ME, asking())) == 2
    await reader.close()


async def test_what_was_refused_once_is_asked_again(
    qdrant: StandIn, settings: IndexSettings
) -> None:
    await publish(settings)
    reader = await open_index(settings, FINGERPRINT)
    qdrant.failures.append((500, "not enough active replicas"))

    hits = await reader.search(ME, asking())

    await reader.close()
    assert len(hits) == 2


async def test_replicas_are_asked_side_by_side_where_there_are_some(
    qdrant: StandIn, settings: IndexSettings
) -> None:
    await publish(msgspec.structs.replace(settings, replicas=2))

    changes = [path for method, path in qdrant.asked if method == "PATCH"]

    # Beside what is remembered at the beginning and the end.
    assert len(changes) == 3


async def test_a_server_that_is_not_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        settings = IndexSettings(url=f"http://127.0.0.1:{port}")

        with pytest.raises(IndexUnreachable, match=f"no answer from .*:{port}"):
            await open_index(settings, FINGERPRINT)


async def test_a_server_that_never_answers_is_unreachable_in_time() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        settings = IndexSettings(url=f"http://127.0.0.1:{port}", timeout=0.2)

        async with asyncio.timeout(5):
            with pytest.raises(IndexUnreachable):
                await open_index(settings, FINGERPRINT)


async def test_a_server_that_trickles_is_unreachable_in_time() -> None:
    left = asyncio.Event()

    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer with a header that has no end, letter by letter."""
        writer.write(b"HTTP/1.1 200 OK\r\nserver: ")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(0.05)
        left.set()

    async with await asyncio.start_server(trickle, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        settings = IndexSettings(url=f"http://127.0.0.1:{port}", timeout=0.2)

        async with asyncio.timeout(10):
            with pytest.raises(IndexUnreachable):
                await open_index(settings, FINGERPRINT)
            await left.wait()


async def test_a_collection_of_somebody_else_is_a_mismatch(
    settings: IndexSettings,
) -> None:
    client = QdrantClient(url=settings.url, check_compatibility=False)
    client.create_collection(
        settings.collection,
        vectors_config=models.VectorParams(size=2, distance=models.Distance.COSINE),
    )
    client.close()

    with pytest.raises(IndexMismatch, match="not made by frontdesk"):
        await open_index(settings, FINGERPRINT)
