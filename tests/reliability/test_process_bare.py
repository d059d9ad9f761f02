"""A process without standard streams, and one that may write nowhere: fault P9."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.api.whole import SURE
from tests.command import start
from tests.raw import chat
from tests.reliability.recording import Seen
from tests.reliability.writing import JSON
from tests.service import running

AS_NOBODY = "unshare --user --map-user=12345 --map-group=12345"
READ_ONLY = 'unshare --user --map-root-user --mount sh -c \'mount --bind . . && mount -o remount,ro,bind . && cd "$PWD" && exec "$@"\' sh'


def can(prefix: str, folder: Path) -> bool:
    """Return whether this machine lets a command run so."""
    return (
        subprocess.run(["sh", "-c", f"{prefix} true"], cwd=folder, check=False)
        .returncode == 0
    )  # fmt: skip


@contextlib.contextmanager
def unseen(home: Path, *, prefix: str, **variables: str) -> Iterator[str]:
    """Run a service that cannot say where it listens; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    process = start(home, "serve", "--port", str(port), prefix=prefix, **variables)
    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, f"it ended with {process.returncode}"
            assert time.monotonic() < deadline, "it does not answer"
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{address}/health/live", timeout=5)
                break
            time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 0


def asked(address: str) -> httpx.Response:
    """Ask what the sample answers."""
    body = chat(question=SURE)
    return httpx.post(
        f"{address}/v1/chat/completions", content=body, headers=JSON, timeout=60
    )


@pytest.fixture
def kept(tmp_path: Path) -> dict[str, str]:
    """Where a database and a spool can be written."""
    return {
        "DATABASE_URL": f"sqlite:///{tmp_path}/frontdesk.db",
        "CONVERSATIONS_SPOOL": str(tmp_path / "spool"),
    }


@pytest.mark.parametrize(
    "closing",
    [
        pytest.param(
            closing,
            marks=pytest.mark.row(
                "P9", f"closed: {name}", "starts, answers, ends when told to"
            ),
        )
        for closing, name in (
            ("<&- >&-", "standard input and output"),
            ("<&- >&- 2>&-", "standard input, output and error"),
            ("2>&-", "standard error"),
        )
    ],
)
def test_a_service_answers_without_standard_streams(
    closing: str, sample_home: Path, kept: dict[str, str], seen: Seen
) -> None:
    with unseen(
        sample_home, prefix=f"sh -c 'exec \"$@\" {closing}' sh", **kept
    ) as address:
        answers = [asked(address).status_code for _ in range(3)]

    seen(answers)
    assert answers == [200, 200, 200]


@pytest.fixture
def shut_home(sample_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A folder with the index in which its owner may write nothing."""
    home = tmp_path / "shut"
    shutil.copytree(sample_home, home)
    shutil.rmtree(home / "data", ignore_errors=True)
    # Readers of the original may be there now; of this one there are none yet.
    shutil.rmtree(home / "index" / "readers", ignore_errors=True)
    (home / "index" / "readers").mkdir()
    folders = [home, *(path for path in home.rglob("*") if path.is_dir())]
    # Readers say in a file of this folder that they are there.
    open_ = {home / "index" / "readers"}
    for folder in folders:
        folder.chmod(0o755 if folder in open_ else 0o555)
    yield home
    for folder in folders:
        folder.chmod(0o755)


def owner_without_rights(home: Path) -> str:
    """Return a prefix under which the modes of files count."""
    if os.geteuid() != 0:
        return ""
    if not can(AS_NOBODY, home):
        pytest.skip("root, without namespaces of users: modes of files do not count")
    return AS_NOBODY


@pytest.mark.row(
    "P9", "no folder can be written but that of the database", "starts and answers"
)
def test_a_service_needs_to_write_nothing_but_its_database(
    shut_home: Path, kept: dict[str, str], seen: Seen
) -> None:
    prefix = owner_without_rights(shut_home)

    with running(shut_home, prefix=prefix, **kept) as service:
        answer = asked(service.address)

    seen(answer.status_code)
    assert answer.status_code == 200


@pytest.mark.row(
    "P9",
    "no folder can be written, and the database is to be made in one",
    "one line that names variable, user and folder",
)
def test_a_database_that_cannot_be_made_is_told_in_a_line(
    shut_home: Path, seen: Seen
) -> None:
    prefix = owner_without_rights(shut_home)

    process = start(shut_home, "serve", "--port", "0", prefix=prefix)
    _out, err = process.communicate(timeout=60)

    line = err.strip().splitlines()[-1]
    seen(line.replace(str(shut_home), "…"))
    assert process.returncode == 2
    assert "Traceback" not in err
    assert line.startswith("error: DATABASE_URL: user ")
    assert str(shut_home / "data") in line


@pytest.mark.row(
    "P9", "a read-only file system", "exit code 78 and a line that names what it needs"
)
def test_an_index_on_a_file_system_that_cannot_be_written_is_told(
    sample_home: Path, kept: dict[str, str], seen: Seen
) -> None:
    if not can(READ_ONLY, sample_home):
        pytest.skip("no namespaces of mounts here")

    process = start(sample_home, "serve", "--port", "0", prefix=READ_ONLY, **kept)
    _out, err = process.communicate(timeout=60)

    line = err.strip().splitlines()[-1]
    seen(line.replace(str(sample_home), "…"))
    assert process.returncode == 78
    assert "Traceback" not in err
    assert line.startswith("error: ")
    assert str(sample_home / "index") in line
    assert "Read-only" in line
