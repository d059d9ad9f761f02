"""A service whose index is on a Qdrant server, when that server fails.

The server is a stand-in, behind a way that fails as networks do; with QDRANT_URL set
the same is tried with a real one.
"""

import time
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.command import frontdesk, start
from tests.contract.conftest import QDRANT_URL, VARIANTS
from tests.contract.qdrant_stand_in import StandIn, stand_in
from tests.ingest.help_folder import make_folder
from tests.reliability.faultproxy import Fault, faulty
from tests.reliability.index_store import (
    Store,
    changes_in,
    chat,
    drop_all,
    gauge,
    index_of,
    is_well,
    told,
    until,
)
from tests.reliability.recording import Figure, Seen
from tests.service import Running, running


@pytest.fixture(
    scope="module", params=[variant for variant in VARIANTS if variant != "folder"]
)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    home = tmp_path_factory.mktemp("store")
    make_folder(home)
    with stand_in() as state:
        url = state.url if request.param == "stand-in" else QDRANT_URL
        host, port = urlsplit(url).hostname or "", urlsplit(url).port or 80
        with faulty(host, port) as way:
            found = Store(
                home=home,
                way=way,
                url=url,
                alias=f"test-{uuid.uuid4().hex[:12]}",
                stand_in=state if request.param == "stand-in" else None,
            )
            found.ingest()
            yield found
            drop_all(found)


@pytest.fixture(scope="module")
def serving(store: Store) -> Iterator[Running]:
    with running(store.home, **store.variables) as service:
        yield service


@pytest.fixture
def mended(store: Store) -> Iterator[Store]:
    """The server, with nothing wrong before and after."""
    yield store
    store.way.mend()
    if store.stand_in:
        store.stand_in.refuse = lambda *_: None


@pytest.mark.row(
    "Q1",
    "nobody listens",
    "starts; live 200, ready 503; 503 retrieval_unavailable, Retry-After 5; 200 by "
    "itself",
)
def test_a_service_starts_without_its_index_and_finds_it_when_it_is_there(
    mended: Store, seen: Seen
) -> None:
    mended.way.cut()
    with running(mended.home, **mended.variables) as service:
        address = service.address
        live = httpx.get(f"{address}/health/live").status_code
        status, state, detail = index_of(address)
        refused = told(chat(address))
        kept = httpx.get(f"{address}/v1/conversations").status_code

        mended.way.mend()
        seconds = until(lambda: index_of(address)[0] == 200)
        found = told(chat(address))

    assert (live, status, state, kept) == (200, 503, "down", 200)
    assert "no answer from" in detail
    assert refused == "503 retrieval_unavailable, Retry-After 5"
    assert found == "200"
    seen(f"live {live}, ready {status}; {refused}; {found} after {seconds:.1f} s")


@pytest.mark.row(
    "Q2",
    "connections break, and nobody listens",
    "503 retrieval_unavailable, Retry-After 5; 200 by itself within 5 s",
)
def test_what_goes_down_is_said_once_and_comes_back_by_itself(
    mended: Store, serving: Running, seen: Seen, figure: Figure
) -> None:
    address = serving.address
    until(lambda: is_well(serving))
    before = changes_in(serving.log)

    mended.way.cut()
    refused = {told(chat(address)) for _ in range(5)}
    until(lambda: index_of(address)[1] == "down" and gauge(address) == 2.0)
    time.sleep(2.5)  # it goes on looking, and says nothing more
    lines = changes_in(serving.log) - before
    mended.way.mend()
    seconds = until(lambda: told(chat(address)) == "200")
    ready = until(lambda: index_of(address)[0] == 200 and gauge(address) == 0.0)

    assert refused == {"503 retrieval_unavailable, Retry-After 5"}
    assert lines == 1
    seen(f"{refused.pop()}; 200 after {seconds:.1f} s, ready after {ready:.1f} s more")
    figure("search store back, questions answered after", f"{seconds:.1f} s", "5 s")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(
            Fault(delay=3),
            marks=pytest.mark.row(
                "Q3", "3 s late", "503 retrieval_unavailable after INDEX_TIMEOUT"
            ),
        ),
        pytest.param(
            Fault(blackhole=True),
            marks=pytest.mark.row(
                "Q3", "never answers", "503 retrieval_unavailable after INDEX_TIMEOUT"
            ),
        ),
        pytest.param(
            Fault(garbage=True),
            marks=pytest.mark.row(
                "Q3", "answers with garbage", "503 retrieval_unavailable"
            ),
        ),
    ],
    ids=["late", "silent", "garbage"],
)
def test_a_server_that_is_late_is_not_waited_for(
    mended: Store, serving: Running, fault: Fault, seen: Seen
) -> None:
    until(lambda: is_well(serving))
    mended.way.become(fault)

    began = time.monotonic()
    refused = told(chat(serving.address))
    seconds = time.monotonic() - began
    mended.way.drop()
    mended.way.mend()
    until(lambda: is_well(serving))

    assert refused == "503 retrieval_unavailable, Retry-After 5"
    assert seconds < 20
    seen(f"{refused} after {seconds:.1f} s; 200 again")


@pytest.mark.row(
    "Q5", "collection deleted", "503, health names it, never made on read; ingest mends"
)
def test_a_missing_collection_is_named_and_never_made_by_reading(
    mended: Store, serving: Running, seen: Seen
) -> None:
    until(lambda: is_well(serving))
    drop_all(mended)

    refused = told(chat(serving.address))
    until(lambda: index_of(serving.address)[1] == "down")
    status, _, detail = index_of(serving.address)
    client = mended.client()
    made = [c.name for c in client.get_collections().collections]
    client.close()
    mended.ingest()
    seconds = until(lambda: told(chat(serving.address)) == "200")

    assert refused == "503 retrieval_unavailable, Retry-After 5"
    assert status == 503
    assert "run: frontdesk ingest" in detail
    assert not [name for name in made if name.startswith(mended.alias)]
    seen(f"{refused}; {detail[-60:]}; 200 {seconds:.1f} s after the ingest")


@pytest.mark.row(
    "Q6", "another model, on a server", "serve exits with 78, both values named"
)
def test_a_service_of_another_model_does_not_start(mended: Store, seen: Seen) -> None:
    other = {"EMBEDDING_PASSAGE_PROMPT": "passage: ", **mended.variables}

    process = start(mended.home, "serve", "--port", "0", **other)
    _, said = process.communicate(timeout=120)

    assert process.returncode == 78
    assert "Traceback" not in said
    assert "in the index and" in said
    seen(f"exit code {process.returncode}; {said.strip().splitlines()[-1][:160]}")


def of_stand_in(store: Store) -> StandIn:
    if store.stand_in is None:
        pytest.skip("a real server cannot be told to fail so")
    return store.stand_in


@pytest.mark.row(
    "Q4", "a replica is dead, another answers", "200 after one retry, nothing is missed"
)
def test_what_one_replica_refuses_is_asked_once_more(
    mended: Store, serving: Running, seen: Seen
) -> None:
    state = of_stand_in(mended)
    until(lambda: is_well(serving))
    refused: list[str] = []

    def refuse_once(_method: str, path: str) -> tuple[int, str] | None:
        if path.endswith("/query/batch") and not refused:
            refused.append(path)
            return 500, "Service internal error: not enough active replicas"
        return None

    state.refuse = refuse_once
    found = told(chat(serving.address))

    assert (found, len(refused)) == ("200", 1)
    seen(found)


@pytest.mark.row(
    "Q4", "a shard is dead", "503 retrieval_unavailable after one retry; no part passes"
)
def test_a_dead_shard_is_no_answer(mended: Store, serving: Running, seen: Seen) -> None:
    state = of_stand_in(mended)
    until(lambda: is_well(serving))
    asked: list[str] = []

    def refuse(_method: str, path: str) -> tuple[int, str] | None:
        if path.endswith("/query/batch"):
            asked.append(path)
            return 500, "Service internal error: not enough active replicas"
        return None

    state.refuse = refuse
    found = told(chat(serving.address))

    assert found == "503 retrieval_unavailable, Retry-After 5"
    assert len(asked) == 2
    seen(f"{found}, asked {len(asked)} times")


@pytest.mark.row(
    "Q8", "the server's disk is full", "ingest exits with 75, disk_full; chat goes on"
)
def test_a_full_disk_of_the_server_stops_an_ingest_and_no_question(
    mended: Store, serving: Running, seen: Seen
) -> None:
    state = of_stand_in(mended)
    until(lambda: is_well(serving))
    (mended.home / "docs" / "later.md").write_text("# Later\n\nA page of later.\n")

    def refuse(_method: str, path: str) -> tuple[int, str] | None:
        if path.endswith("/points/batch"):
            return 500, "Service internal error: No space left on device"
        return None

    state.refuse = refuse
    full = frontdesk(mended.home, "ingest", "docs", **mended.variables)
    answered = told(chat(serving.address))
    state.refuse = lambda *_: None
    again = frontdesk(mended.home, "ingest", "docs", "--json", **mended.variables)

    assert (full.returncode, answered, again.returncode) == (75, "200", 0)
    assert "disk_full" in full.stderr
    assert '"later.md"' in again.stdout
    seen(f"ingest {full.returncode}, chat {answered}; with space {again.returncode}")
