"""What a process that reads documents gives up before the first one.

Files come from anybody and parsers are large: memory, time, files of the machine,
the network, and other processes are no business of theirs. The kernel sees to it
where it can; where it cannot, Python's own calls are refused, and it is told.
"""

import ctypes
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import ingest
from ingest.readers.landlock import keep_to
from ingest.readers.seccomp import UNNEEDED, take_away
from ingest.readers.task import Confinement

_OPEN_FILES = 64
_FILE_BYTES = 256 * 1024 * 1024
_NICENESS = 5
_NEW_NETWORK = 0x40000000
_NEW_USER = 0x10000000
_DEATH_OF_PARENT = 1
_CONNECTING = frozenset(
    f"socket.{call}"
    for call in (
        "connect",
        "sendto",
        "sendmsg",
        "getaddrinfo",
        "gethostbyname",
        "gethostbyaddr",
        "getnameinfo",
    )
)
_LISTING = frozenset({"open", "os.listdir", "os.scandir"})
# Where programs and libraries lie, what the loader needs to find them, and what
# those look up of the machine: its processors and its clock.
_SYSTEM = (
    *("/usr", "/lib", "/lib32", "/lib64", "/bin", "/nix/store", "/etc/ld.so.cache"),
    *("/etc/localtime", "/etc/mime.types", "/sys/devices/system/cpu", "/dev/urandom"),
    *("/dev/random", "/dev/zero"),
)
_NOWHERE = "/dev/null"
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def confine(memory: int, folder: str) -> Confinement:
    """Give up what reading has no use for, for good.

    Args:
        memory: Bytes of address space that this process, and each one it starts,
            may take.
        folder: The only one that it may write to.

    Returns:
        What the kernel sees to.
    """
    _die_with_parent()
    _limit(memory)
    own_network = _leave_network()
    readable = readable_paths()
    has_files = keep_to(readable, (folder, _NOWHERE)) > 0
    has_calls = take_away(UNNEEDED)
    sys.addaudithook(_refuse_connections)
    if not has_files:
        sys.addaudithook(_refusing_files(readable, (folder, _NOWHERE)))
    return Confinement(
        network=own_network or has_calls, files=has_files, calls=has_calls
    )


def allow_cpu(seconds: float) -> None:
    """Allow this much more CPU time; the limit counts from the process's start."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(usage.ru_utime + usage.ru_stime + seconds) + 1
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def readable_paths() -> tuple[str, ...]:
    """Return the paths that readers, their libraries and programs lie below.

    Not the folder that our packages lie in: it may hold ``.env`` and the index.
    """
    package = Path(ingest.__file__).parent
    libraries = [path for path in sys.path if path and Path(path) != package.parent]
    return (*_SYSTEM, sys.prefix, sys.base_prefix, *libraries, str(package))


def _die_with_parent() -> None:
    """End when the process that started this one does, however it ended."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_DEATH_OF_PARENT, signal.SIGKILL, 0, 0, 0)


def _limit(memory: int) -> None:
    os.nice(_NICENESS)
    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        # macOS refuses some of these; the others still hold there.
        with suppress(OSError, ValueError):
            resource.setrlimit(kind, (most, most))


def _leave_network() -> bool:
    """Move to a network without a way out; tell whether the system lets us."""
    with suppress(OSError, AttributeError):
        unshare: Callable[[int], int] = ctypes.CDLL(None).unshare
        # Root keeps its rights in a network of its own; others get one together
        # with a user namespace, if the system grants that.
        return unshare(_NEW_NETWORK) == 0 or unshare(_NEW_NETWORK | _NEW_USER) == 0
    return False


def _refuse_connections(event: str, _arguments: object) -> None:
    if event in _CONNECTING:
        raise PermissionError("a document is read without network")


def _refusing_files(
    readable: Iterable[str], writable: Iterable[str]
) -> Callable[[str, tuple[object, ...]], None]:
    """Return a hook that refuses what Python opens or lists elsewhere."""
    changed = tuple(map(os.path.realpath, writable))
    looked_at = (*map(os.path.realpath, readable), *changed)

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _LISTING:
            return
        flags = arguments[2] if event == "open" else 0
        writes = isinstance(flags, int) and flags & _WRITING
        if not _is_below(arguments[0], changed if writes else looked_at):
            raise PermissionError("a document is read without the machine's files")

    return refuse


def _is_below(path: object, allowed: tuple[str, ...]) -> bool:
    if not isinstance(path, (str, bytes)):
        return True  # a file that is open already
    real = os.path.realpath(os.fsdecode(path))
    return any(real == one or real.startswith(f"{one}/") for one in allowed)
