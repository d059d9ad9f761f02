"""PostgreSQL that cannot be used as a service starts, or has no connection left: D4."""

import asyncio
import contextlib
import secrets
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests.databases import POSTGRES, database_url, faulty_url
from tests.reliability.desks import Desk, desk, told
from tests.reliability.faultproxy import Fault
from tests.reliability.recording import Seen, each_row
from tests.reliability.served_postgres import AWAY, BUSY, TIMEOUT

SETTINGS = {"DATABASE_TIMEOUT": str(TIMEOUT), "DATABASE_POOL": "3"}


def works(served: Desk) -> bool:
    """Return whether conversations can be written and read, and all is well."""
    return told(served.begin()) == told(served.listed()) == "200"


@each_row(
    "D4", "fault", {"refuses": Fault(refuse=True), "silent": Fault(blackhole=True)},
    "starts; 503 until it is there, for nobody knows whether keys were made; answers "
    "within 5 s of its return, without a restart",
    variant="down at the start: {}",
)  # fmt: skip
def test_a_service_starts_before_its_database(
    fault: Fault, sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    spool = str(tmp_path / "spool")
    with faulty_url(tmp_path) as (url, way):
        way.become(fault)
        with desk(
            sample_home, DATABASE_URL=url, CONVERSATIONS_SPOOL=spool, **SETTINGS
        ) as served:
            said = [told(served.begin()), told(served.ask())]
            live = served.http.get("/health/live").status_code
            ready = served.http.get("/health/ready").status_code
            state = served.part("database")[0]
            way.mend()
            back = served.until(lambda: works(served))
            asked = told(served.ask())

    seen(f"{'; '.join(said)}; live {live}, ready {ready}; back in {back:.1f} s")
    assert said == [AWAY, AWAY]
    assert (live, ready, state) == (200, 503, "down")
    assert asked == "200"
    assert back < 5


@contextlib.contextmanager
def own_role(home: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the URL of a database for a role like any other, the role, and ours.

    A superuser has connections that nobody else can take, and may always log in.
    """
    with database_url("postgresql", home) as url:
        role = f"frontdesk_{secrets.token_hex(6)}"
        run(
            url,
            f"CREATE ROLE {role} LOGIN",
            f"GRANT ALL ON SCHEMA public TO {role}",
        )
        try:
            user = urlsplit(POSTGRES).netloc.rpartition("@")[0]
            yield url.replace(f"{user}@", f"{role}@"), role, url
        finally:
            run(url, f"DROP OWNED BY {role} CASCADE", f"DROP ROLE {role}")


@pytest.mark.parametrize(
    ("taken", "given", "told_of"),
    [
        pytest.param(
            *cases,
            id=name,
            marks=pytest.mark.row(
                "D4",
                name,
                "503; questions answered; told; back within 5 s of its end",
            ),
        )
        for name, cases in {
            "no connection left": (
                "CONNECTION LIMIT 0",
                "CONNECTION LIMIT -1",
                "too many connections",
            ),
            "the user may not log in": ("NOLOGIN", "LOGIN", "not permitted to log in"),
        }.items()
    ],
)
def test_a_server_that_lets_nobody_in_is_a_503_and_recovers(
    taken: str, given: str, told_of: str, sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    spool = {"CONVERSATIONS_SPOOL": str(tmp_path / "spool")}
    with own_role(tmp_path) as (url, role, ours):
        kill = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE usename = '{role}'"
        )
        with desk(sample_home, DATABASE_URL=url, **spool, **SETTINGS) as served:
            served.until(lambda: works(served))
            run(ours, f"ALTER ROLE {role} {taken}", kill)
            said = [told(served.begin()), told(served.ask())]
            state, detail = served.part("database")
            run(ours, f"ALTER ROLE {role} {given}")
            back = served.until(lambda: works(served))
            served.until(lambda: served.part("database")[0] == "up")

    seen(f"{'; '.join(said)}; {state}, told of; back in {back:.1f} s")
    assert said[0] in (AWAY, BUSY)
    assert said[1] == "200"
    assert state != "up"
    assert told_of in detail
    assert back < 5


class Suspicious(socketserver.StreamRequestHandler):
    """A PostgreSQL that takes no password."""

    def handle(self) -> None:
        """Answer a request for TLS with no, and whoever says who they are as well."""
        while size := int.from_bytes(self.rfile.read(4)):
            asked = self.rfile.read(size - 4)
            if asked[:2] != b"\x04\xd2":
                said = 'password authentication failed for user "frontdesk"'
                fields = f"SFATAL\0VFATAL\0C28P01\0M{said}\0\0".encode()
                self.wfile.write(b"E" + (len(fields) + 4).to_bytes(4) + fields)
                return
            self.wfile.write(b"N")


@pytest.mark.row(
    "D4",
    "a wrong password at the start",
    "starts; 503, for nobody knows whether keys were made; the log tells why, without the password",
)
def test_a_wrong_password_is_told_and_keeps_nothing_else_from_working(
    sample_home: Path, tmp_path: Path, seen: Seen
) -> None:
    spool = {"CONVERSATIONS_SPOOL": str(tmp_path / "spool")}
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Suspicious)
    server.daemon_threads = True
    with server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"postgresql://frontdesk:s3cret-pw@127.0.0.1:{server.server_address[1]}/x"
        with desk(sample_home, DATABASE_URL=url, **spool, **SETTINGS) as served:
            said = [told(served.begin()), told(served.ask())]
            state = served.part("database")[0]
            served.until(lambda: served.changes("database") == ["down"])
        server.shutdown()

    (line,) = (line for line in served.lines() if line.get("part") == "database")
    seen(f"{'; '.join(said)}; {state}; log: {line['message']}, {line['detail']}")
    assert said == [AWAY, AWAY]
    assert state == "down"
    assert "password authentication failed" in line["detail"]
    assert "s3cret-pw" not in served.service.log


def run(url: str, *statements: str) -> None:
    """Run statements as whoever may do everything."""

    async def all_of_them() -> None:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(all_of_them())
