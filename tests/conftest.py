"""What every test stands on: no network but loopback, services that must be used."""

import fcntl
import ipaddress
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.command import ROOT, frontdesk
from tests.service import service

pytest_plugins = ["tests.reliability.recording"]

# How long an example takes tells how busy the machine is.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")

_connect = socket.socket.connect


def _is_loopback(address: Any) -> bool:
    if not isinstance(address, tuple):
        return True  # a path: a Unix socket leads nowhere else
    host = str(address[0])
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.split("%", maxsplit=1)[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True, scope="session")
def no_network() -> Iterator[None]:
    """Fail any test that connects anywhere but to this machine."""

    def connect(self: socket.socket, address: Any) -> None:
        if not _is_loopback(address):
            pytest.fail(f"a connection outside loopback was tried: {address}")
        _connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect)
        yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """In CI a service that the machine offers must be used: a skip is a failure."""
    outcome = yield
    report = outcome.get_result()
    if report.skipped and os.environ.get("REQUIRE_SERVICES") == "1":
        report.outcome = "failed"
        report.longrepr = f"skipped although REQUIRE_SERVICES=1: {report.longrepr}"


@pytest.fixture(scope="session")
def sample_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose index holds the sample help centre; ingested once a session.

    Sessions that run at the same time share the work below ``SAMPLE_HOME``, a folder
    that is made for one run of all tests.
    """
    home = tmp_path_factory.mktemp("sample")
    shared = os.environ.get("SAMPLE_HOME")
    if not shared:
        _ingest_sample(home)
        return home
    made = Path(shared) / "made"
    with (Path(shared) / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            fresh = Path(shared) / "fresh"
            fresh.mkdir()
            _ingest_sample(fresh)
            fresh.rename(made)
    subprocess.run(["cp", "-a", "--sparse=always", f"{made}/.", home], check=True)
    return home


def _ingest_sample(home: Path) -> None:
    done = frontdesk(home, "ingest", str(ROOT / "data" / "documents"), "--json")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def sample_service(sample_home: Path) -> Iterator[str]:
    """The address of a service over the sample, without an upstream."""
    with service(sample_home) as address:
        yield address
