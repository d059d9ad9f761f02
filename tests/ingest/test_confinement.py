"""A process that reads documents can do nothing else, whatever its parsers are made to do."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingest.readers.seccomp import CALLS, UNNEEDED
from ingest.sandbox import open_sandbox
from ingest.settings import ReadSettings
from tests.command import ROOT

ATTACKS = """
import ctypes, json, os, resource, socket, subprocess, sys
from pathlib import Path
from ingest.readers import confinement as confined
from ingest.readers.confinement import confine
from ingest.readers.seccomp import take_away

folder, secret, port, missing = sys.argv[1:]
if missing:
    # What an older kernel, or a container's rules, answer.
    assert take_away(frozenset(missing.split(",")), 38)
held = confine(1 << 30, folder)
library = ctypes.CDLL(None)

def denied(attempt):
    try:
        found = attempt()
    except (OSError, subprocess.CalledProcessError):
        return True
    return isinstance(found, int) and found < 0

def connect():
    with socket.socket() as caller:
        caller.connect(("127.0.0.1", int(port)))

write = os.O_CREAT | os.O_WRONLY
native = lambda path, flags=0: library.open(os.fsencode(path), flags, 0o600)
print(json.dumps({
    "held": [held.network, held.files, held.calls],
    "read": denied(lambda: Path(secret).read_text()),
    "list": denied(lambda: os.listdir(Path(secret).parent)),
    "native read": denied(lambda: native(secret)),
    "keys of the parent": denied(lambda: native(f"/proc/{os.getppid()}/environ")),
    "program": denied(lambda: subprocess.run(["cat", secret], check=True,
                                                  capture_output=True)),
    "write": denied(lambda: native(secret + ".new", write)),
    "write to our package": denied(lambda: native(sys.argv[1] + "/../x", write)),
    "write by Python": denied(lambda: Path(secret).write_text("other")),
    "write our code": denied(lambda: Path(confined.__file__).with_name("x").touch()),
    "own folder": denied(lambda: native(folder + "/own", write)),
    "connect": denied(connect),
    "native socket": [denied(lambda: library.socket(family, 1, 0))
                      for family in (1, 2, 10, 16, 17)],
    "new group": denied(os.setsid),
    "other process": denied(lambda: os.kill(os.getppid(), 0)),
    "ring": denied(lambda: library.syscall(425, 8, None)),
    "files": resource.getrlimit(resource.RLIMIT_NOFILE),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
    "size": resource.getrlimit(resource.RLIMIT_FSIZE),
}))
"""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    file = tmp_path / "secret.txt"
    file.write_text("canary")
    return file


def attacked(secret: Path, missing: str = "") -> dict[str, Any]:
    """Return which attacks were denied in a process like those that read."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        done = subprocess.run(
            [
                *(sys.executable, "-c", ATTACKS, str(secret.parent / "own")),
                *(str(secret), str(server.getsockname()[1]), missing),
            ],
            capture_output=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        with pytest.raises(BlockingIOError):
            server.accept()
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_native_code_reaches_no_file_process_or_network(secret: Path) -> None:
    found = attacked(secret)

    assert found["held"] == [True, True, True]
    open_ = {name for name, denied in found.items() if denied is False}
    assert open_ == {"own folder"}
    assert found["native socket"] == [True] * 5
    assert secret.read_text() == "canary"
    assert not Path(f"{secret}.new").exists()


def test_limits_hold_for_files_cores_and_what_is_open(secret: Path) -> None:
    found = attacked(secret)

    assert (found["files"], found["core"]) == ([64, 64], [0, 0])
    assert found["size"] == [256 * 1024 * 1024] * 2


@pytest.mark.parametrize(
    ("missing", "held"),
    [
        ("landlock_create_ruleset", [True, False, True]),
        ("unshare", [True, True, True]),
        ("seccomp", [True, True, False]),
        ("landlock_create_ruleset,unshare,seccomp", [False, False, False]),
    ],
)
def test_what_the_kernel_does_not_offer_is_told_and_refused_to_python(
    secret: Path, missing: str, held: list[bool]
) -> None:
    found = attacked(secret, missing)

    assert found["held"] == held
    refused = ("read", "list", "connect", "write by Python", "write our code")
    assert [found[name] for name in refused] == [True] * 5
    assert secret.read_text() == "canary"
    assert found["own folder"] is False
    assert found["native read"] is held[1]


def test_either_of_two_protections_cuts_the_network_for_native_code(
    secret: Path,
) -> None:
    assert attacked(secret, "unshare")["native socket"] == [True] * 5


READ = """
import asyncio, json, logging, sys
from pathlib import Path
from ingest.readers.seccomp import take_away
from ingest.sandbox import open_sandbox
from ingest.settings import ReadSettings

logging.basicConfig(stream=sys.stdout, format="%(message)s")
assert take_away(frozenset({"landlock_create_ruleset", "unshare", "seccomp"}), 38)

async def main():
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        data = Path(sys.argv[1]).read_bytes()
        print((await sandbox.read("a.rtf", data, "text/rtf")).text)

asyncio.run(main())
"""


def test_documents_are_read_where_the_kernel_offers_nothing_and_it_is_said(
    tmp_path: Path,
) -> None:
    document = tmp_path / "a.rtf"
    document.write_bytes(rb"{\rtf1 by a program}")

    done = subprocess.run(
        [sys.executable, "-c", READ, str(document)],
        capture_output=True,
        cwd=ROOT,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.splitlines() == [
        *(
            f"documents are read without the kernel keeping off {what}"
            for what in ("the network", "files of this machine", "other processes")
        ),
        "by a program",
    ]


async def test_a_reading_process_says_what_the_kernel_keeps_off_it() -> None:
    async with open_sandbox(ReadSettings(workers=1)) as sandbox:
        before = sandbox.confinement
        await sandbox.start(1)
        after = sandbox.confinement

    assert before is None
    assert after is not None
    assert after.network


def test_no_call_has_two_names_and_reading_needs_none_of_them() -> None:
    numbers = [row[0] for row in CALLS.values()]

    assert len(set(numbers)) == len(numbers)
    assert {"socket", "setsid", "ptrace", "io_uring_setup"} <= UNNEEDED
    assert os.uname().machine in {"x86_64", "aarch64"}
