"""Keys before the service as an operator runs it: its start, its log, its replicas."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.access.keys import digest_of
from tests.command import frontdesk, start
from tests.databases import database_url
from tests.keys import id_of, make_key
from tests.service import Running, running, service

WITHIN = 5.0
"""Seconds after which no replica takes a key that was revoked."""


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'frontdesk.db'}"}


def models(address: str, key: str = "") -> int:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    return httpx.get(f"{address}/v1/models", headers=headers).status_code


def test_without_keys_the_service_is_open_to_this_machine_alone(
    sample_home: Path, own: dict[str, str]
) -> None:
    with service(sample_home, **own) as address:
        assert address.startswith("http://127.0.0.1:")
        assert models(address) == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_public_address_without_keys_is_refused_with_what_to_do(
    sample_home: Path, own: dict[str, str], host: str
) -> None:
    with start(sample_home, "serve", "--host", host, "--port", "0", **own) as process:
        try:
            # One that is served after all goes on until it is ended.
            process.wait(timeout=60)
        finally:
            process.kill()
        out, err = process.communicate()

    assert process.returncode == 2
    assert "frontdesk keys create" in err
    assert "Traceback" not in err
    assert out == ""


def test_a_public_address_with_a_key_is_served_to_its_holder(
    sample_home: Path, own: dict[str, str]
) -> None:
    key = make_key(sample_home, **own)
    with running(sample_home, SERVER_HOST="0.0.0.0", **own) as found:
        assert models(found.address) == 401
        assert models(found.address, key) == 200
        assert httpx.get(f"{found.address}/health/live").status_code == 200


def test_the_first_key_closes_the_running_service_and_revoking_it_opens_none(
    sample_home: Path, own: dict[str, str]
) -> None:
    with service(sample_home, **own) as address:
        assert models(address) == 200
        key = make_key(sample_home, **own)
        time.sleep(WITHIN)
        assert (models(address), models(address, key)) == (401, 200)
        frontdesk(sample_home, "keys", "revoke", id_of(key), **own)
        time.sleep(WITHIN)

        assert (models(address), models(address, key)) == (401, 401)
    with service(sample_home, **own) as address:
        assert models(address) == 401


def test_no_key_is_written_to_the_log_wherever_it_is_sent(
    sample_home: Path, own: dict[str, str]
) -> None:
    key = make_key(sample_home, **own)
    secret = key.split("_")[2]
    with running(sample_home, LOG_LEVEL="debug", **own) as found:
        at = found.address
        httpx.get(f"{at}/v1/models?api_key={key}")
        httpx.get(f"{at}/v1/models", headers={"authorization": f"Bearer {key}x"})
        httpx.get(f"{at}/v1/models", headers={"x-api-key": key, "x-request-id": key})
        httpx.get(f"{at}/v1/sources/{key}", headers={"x-api-key": key})
        httpx.get(f"{at}/{key}")
        httpx.post(f"{at}/v1/search", content=key, headers={"x-api-key": key})

    assert found.log.count('"message":"request"') >= 6
    assert secret not in found.log
    assert digest_of(key, "") not in found.log


@pytest.fixture
def replicas(sample_home: Path, tmp_path: Path) -> Iterator[tuple[str, list[Running]]]:
    """The URL of a PostgreSQL database, and two services on it."""
    with database_url("postgresql", tmp_path) as url:
        make_key(sample_home, DATABASE_URL=url)
        with (
            running(sample_home, DATABASE_URL=url) as one,
            running(sample_home, DATABASE_URL=url) as other,
        ):
            yield url, [one, other]


def test_a_revoked_key_ends_on_every_replica_within_five_seconds(
    sample_home: Path, replicas: tuple[str, list[Running]]
) -> None:
    url, services = replicas
    keys = [make_key(sample_home, DATABASE_URL=url) for _ in range(2)]
    for found in services:
        assert [models(found.address, key) for key in keys] == [200, 200]

    done = frontdesk(sample_home, "keys", "revoke", id_of(keys[0]), DATABASE_URL=url)
    ends = time.monotonic() + WITHIN
    while time.monotonic() < ends:
        for found in services:
            # Asked all the time, so that it is remembered all the time.
            models(found.address, keys[0])
        time.sleep(0.2)

    assert done.returncode == 0
    for found in services:
        assert [models(found.address, key) for key in keys] == [401, 200]


def test_a_key_cannot_be_looked_up_where_the_database_is_away(
    sample_home: Path,
) -> None:
    away = {"DATABASE_URL": "postgresql://postgres@127.0.0.1:1/none"}
    with service(sample_home, **away) as address:
        reply = httpx.get(
            f"{address}/v1/models", headers={"x-api-key": "rk_" + "a" * 74}
        )
        ready = httpx.get(f"{address}/health/ready")

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "database_unavailable"
    assert ready.status_code == 503
    assert "127.0.0.1" not in reply.text + ready.text
