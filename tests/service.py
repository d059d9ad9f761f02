"""The whole service in its own process, as an operator starts it."""

import queue
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from msgspec import Struct

from tests.command import start

_ADDRESS = re.compile(r"frontdesk\s+(http://\S+)")


class Running(Struct, frozen=True):
    """A service that is up: its address, its process, and its log so far."""

    address: str
    process: "subprocess.Popen[str]"
    lines: "queue.Queue[str]"

    @property
    def log(self) -> str:
        """What it wrote to its standard error; all of it once it has ended."""
        return "".join(self.lines.queue)


@contextmanager
def service(home: Path, **variables: str) -> Iterator[str]:
    """Serve the index under `home` on a free port; yields the address.

    The service is up when this yields, and ended with SIGTERM afterwards.
    """
    with running(home, **variables) as found:
        yield found.address


@contextmanager
def running(home: Path, *, prefix: str = "", **variables: str) -> Iterator[Running]:
    """Do what `service` does; yields the process as well.

    Args:
        home: Folder with the index.
        prefix: A command that runs the service's, as a shell reads it.
        variables: Settings.
    """
    process = start(home, "serve", "--port", "0", prefix=prefix, **variables)
    lines: queue.Queue[str] = queue.Queue()
    errors: queue.Queue[str] = queue.Queue()
    readers = [
        threading.Thread(target=_drain, args=(process.stdout, lines)),
        threading.Thread(target=_drain, args=(process.stderr, errors)),
    ]
    with process:
        for reader in readers:
            reader.start()
        try:
            yield Running(_address(process, lines, errors), process, errors)
        finally:
            process.terminate()
            process.wait(timeout=60)
            for reader in readers:
                reader.join()


def _address(
    process: "subprocess.Popen[str]",
    lines: "queue.Queue[str]",
    errors: "queue.Queue[str]",
) -> str:
    import urllib.error
    import urllib.request

    deadline = time.monotonic() + 120
    address = ""
    while time.monotonic() < deadline and process.poll() is None:
        try:
            found = _ADDRESS.search(lines.get(timeout=0.05)) if not address else None
        except queue.Empty:
            found = None
        # Whoever listens everywhere is reached here as well.
        address = found.group(1).replace("0.0.0.0", "127.0.0.1") if found else address
        if not address:
            continue
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=5):
                return address
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    said = "".join(errors.queue)
    raise AssertionError(f"the service did not start ({process.poll()}): {said}")


def _drain(stream: IO[str] | None, lines: "queue.Queue[str]") -> None:
    assert stream is not None
    for line in stream:
        lines.put(line)
