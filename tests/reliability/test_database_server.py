"""What comes of a PostgreSQL that is away, slow, used up or takes no writes: D4."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.databases import faulty_url
from tests.reliability.desks import Desk, desk, told
from tests.reliability.faultproxy import Fault
from tests.reliability.recording import Figure, Seen, each_row
from tests.reliability.served_postgres import AWAY, BUSY, POOL, TIMEOUT, Served
from tests.reliability.sizes import size


@pytest.fixture(scope="module")
def opened(
    sample_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("server")
    with (
        faulty_url(home) as (url, way),
        desk(
            sample_home,
            DATABASE_URL=url,
            DATABASE_TIMEOUT=str(TIMEOUT),
            DATABASE_POOL=str(POOL),
            CONVERSATIONS_SPOOL=str(home / "spool"),
        ) as served,
    ):
        yield Served(served, way, urlsplit(url).path[1:])
        way.mend()


@pytest.fixture
def served(opened: Served) -> Served:
    opened.mend()
    return opened


BROKEN = {
    "refuses": Fault(refuse=True),
    "resets what is open": Fault(refuse=True, reset=True),
    "silent: bytes vanish": Fault(blackhole=True),
    "slow: 2 s a round trip": Fault(delay=1.0),
    "ends in mid-answer, FIN": Fault(cut_after=20),
    "ends in mid-answer, RST": Fault(cut_after=20, reset=True),
    "answers garbage": Fault(garbage=True),
}


@each_row(
    "D4", "fault", BROKEN,
    "503 within twice DATABASE_TIMEOUT and a half; questions outside of conversations "
    "answered; back in 5 s",
)  # fmt: skip
def test_a_server_that_cannot_be_used_is_a_503_in_time_and_comes_back(
    served: Served, fault: Fault, seen: Seen
) -> None:
    served.way.become(fault)
    waits = []
    said = set()
    for write in (False, True, False):
        started = time.monotonic()
        said.add(told(served.desk.begin() if write else served.desk.listed()))
        waits.append(time.monotonic() - started)
    asked = told(served.desk.ask())
    state = served.desk.part("database")[0]
    back = served.mend()

    seen(
        f"{'; '.join(sorted(said))} in {max(waits):.1f} s; questions: {asked}; back in "
        f"{back:.1f} s"
    )
    assert said == {AWAY}
    assert asked == "200"
    assert state == "down"
    # The machine may be busy: four times the time-out is still bounded.
    assert max(waits) < 4 * TIMEOUT + 1
    assert back < 5


@pytest.mark.row("D4", "many ask of a silent one", "nobody waits longer than one does")
def test_a_crowd_does_not_queue_for_a_silent_server(served: Served, seen: Seen) -> None:
    served.way.become(Fault(blackhole=True))

    def ask(_: int) -> tuple[str, float]:
        started = time.monotonic()
        return told(served.desk.listed()), time.monotonic() - started

    with ThreadPoolExecutor(40) as pool:
        found = list(pool.map(ask, range(40)))

    slowest = max(seconds for _, seconds in found)
    seen(f"40 at once: {sorted({said for said, _ in found})} in {slowest:.1f} s")
    assert {said for said, _ in found} <= {AWAY, BUSY}
    assert slowest < 4 * TIMEOUT + 2


@pytest.mark.row("D4", "killed backends", "the next request opens a new connection")
def test_killed_connections_are_replaced_without_anybody_noticing(
    served: Served, seen: Seen
) -> None:
    served.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{served.name}' AND pid <> pg_backend_pid()"
    )
    said = [told(served.desk.listed()), told(served.desk.begin())]

    seen("; ".join(said))
    assert said == ["200", "200"]


@pytest.mark.row(
    "D4", "read-only after a failover",
    "reads go on, writes 503, degraded; writes again once there is a writer",
)  # fmt: skip
def test_a_standby_is_read_and_not_written(served: Served, seen: Seen) -> None:
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        f"WHERE datname = '{served.name}' AND pid <> pg_backend_pid()"
    )
    try:
        served.run(
            f"ALTER DATABASE {served.name} SET default_transaction_read_only = on", kill
        )
        served.desk.until(lambda: served.desk.part("database")[0] == "degraded")
        read, wrote = told(served.desk.listed()), told(served.desk.begin())
        asked = told(served.desk.ask())
        state, why = served.desk.part("database")
    finally:
        served.run(
            "SET default_transaction_read_only = off",
            f"ALTER DATABASE {served.name} RESET default_transaction_read_only",
        )
    back = served.mend()

    seen(f"read {read}; wrote {wrote}; asked {asked}; back in {back:.1f} s")
    assert (read, wrote, asked) == ("200", AWAY, "200")
    assert (state, "write" in why or "read-only" in why) == ("degraded", True)
    assert served.desk.until(lambda: served.desk.part("database")[0] == "up") < 10


@pytest.mark.row("D4", "a lock nobody gives up", "503 in time; the server stops, too")
def test_a_statement_that_takes_too_long_ends_here_and_there(
    served: Served, seen: Seen
) -> None:
    with served.locked("conversations"):
        started = time.monotonic()
        said = told(served.desk.listed())
        waited = time.monotonic() - started
        # What works in the background may wait as well, and as long at most.
        served.desk.until(lambda: not waiting(served), seconds=10)

    seen(f"{said} in {waited:.1f} s, no statement left")
    assert said == AWAY
    assert waited < 4 * TIMEOUT + 1


def waiting(served: Served) -> int:
    """Return how many statements wait for a lock."""
    (found,) = served.run(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        f"AND datname = '{served.name}'"
    )
    return int(found["count"])


@pytest.mark.row(
    "D4", "all connections in use", "503 overloaded after DATABASE_TIMEOUT"
)
def test_who_finds_no_connection_free_is_told_to_come_again(
    served: Served, seen: Seen
) -> None:
    with served.locked("conversations"), ThreadPoolExecutor(3 * POOL) as pool:
        found = list(pool.map(lambda _: told(served.desk.listed()), range(3 * POOL)))

    seen("; ".join(f"{found.count(said)} x {said}" for said in sorted(set(found))))
    assert set(found) <= {AWAY, BUSY}
    assert BUSY in found


@pytest.mark.row("D4", "dies and comes back", "two lines in the log, whatever is asked")
def test_an_outage_is_two_lines_and_not_one_for_each_request(
    served: Served, seen: Seen
) -> None:
    served.desk.until(lambda: served.desk.changes("database")[-1:] != ["down"])
    served.desk.until(lambda: served.desk.part("database")[0] == "up")
    served.desk.until(lambda: served.desk.changes("database")[-1:] in ([], ["up"]))
    before = len(served.desk.lines())
    served.way.cut()
    served.desk.until(lambda: served.desk.part("database")[0] == "down")
    for _ in range(30):
        served.desk.listed()
    served.mend()
    served.desk.until(lambda: served.desk.part("database")[0] == "up")
    served.desk.until(lambda: "up" in served.desk.changes("database")[-1:])

    new = served.desk.lines()[before:]
    changes = [line["state"] for line in new if line.get("part") == "database"]
    others = [
        line for line in new
        if line["level"] != "info" and line.get("part") is None
    ]  # fmt: skip
    seen(f"changes: {', '.join(changes)}; other warnings: {len(others)}")
    assert changes == ["down", "up"]
    assert others == []


def test_two_hundred_faults_leave_no_connection_behind(
    served: Served, figure: Figure
) -> None:
    rounds, begun_with = size(20, 200), open_files(served.desk)
    for n in range(rounds):
        served.way.become(
            Fault(cut_after=n % 40, reset=bool(n % 2)) if n % 3 else Fault(refuse=True)
        )
        served.desk.listed()
        served.way.mend()
        served.desk.begin()
    served.mend()
    limit = POOL + 2

    def count() -> int:
        (row,) = served.run(
            "SELECT count(*) FROM pg_stat_activity "
            f"WHERE datname = '{served.name}' AND pid <> pg_backend_pid()"
        )
        return int(row["count"])

    served.desk.until(lambda: count() <= limit)
    figure(
        "connections to the database above its pool after faults",
        f"{max(count() - limit, 0)} after {rounds}", f"0 after {rounds}",
    )  # fmt: skip
    served.desk.until(lambda: open_files(served.desk) <= begun_with + 5)
    more = open_files(served.desk) - begun_with
    figure(
        "open descriptors more than before faults of the database",
        f"{more:+d} after {rounds}", f"5 at most after {rounds}",
    )  # fmt: skip
    assert more <= 5


def open_files(served: Desk) -> int:
    return len(list(Path(f"/proc/{served.service.process.pid}/fd").iterdir()))
