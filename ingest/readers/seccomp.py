"""Takes system calls away from a process, by Linux' seccomp: for native code, too.

Source: the kernel's userspace-api/seccomp_filter; numbers of asm/unistd.h.
"""

import ctypes
import errno
import platform
import struct
from collections.abc import Mapping

_NO_NEW_PRIVILEGES = 38
_SET_FILTER = 1
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER, _ARCHITECTURE = 0, 4
"""Offsets of what a filter sees of a call."""

_STEP = struct.Struct("=HBBI")
_OTHER_NUMBERS = 0x40000000
"""Where calls of another kind of program begin on x86-64."""

_MACHINES = {"x86_64": (0xC000003E, 0, 317), "aarch64": (0xC00000B7, 1, 277)}
"""By machine: the kernel's name of it, its column below, the number of seccomp."""

CALLS: Mapping[str, tuple[int, ...]] = {
    "socket": (41, 198),
    "chmod": (90,),
    "fchmod": (91, 52),
    "chown": (92,),
    "fchown": (93, 55),
    "lchown": (94,),
    "ptrace": (101, 117),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "fchownat": (260, 54),
    "fchmodat": (268, 53),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "finit_module": (313, 273),
    "seccomp": (317, 277),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    **{
        name: (number, number)
        for name, number in (
            *(("io_uring_setup", 425), ("io_uring_enter", 426)),
            *(("io_uring_register", 427), ("open_tree", 428), ("move_mount", 429)),
            *(("fsopen", 430), ("fsconfig", 431), ("fsmount", 432), ("fspick", 433)),
            *(("pidfd_getfd", 438), ("mount_setattr", 442), ("fchmodat2", 452)),
            *(("landlock_create_ruleset", 444), ("landlock_restrict_self", 446)),
        )
    },
}
"""Calls by name: their numbers on x86-64 and, where it has them, on 64-bit ARM."""

UNNEEDED = frozenset(CALLS) - {"landlock_create_ruleset", "landlock_restrict_self"}
"""Calls that reading a document has no use for.

They make connections, change whose a file is, reach into other processes or the
kernel, or leave the group of processes that is killed as one. io_uring would do
most of it without any call.
"""


def take_away(names: frozenset[str], error: int = errno.EPERM) -> bool:
    """Refuse calls to this process and all that it starts, for good.

    Args:
        names: Keys of `CALLS`.
        error: Error number that they fail with.

    Returns:
        Whether the kernel does so.
    """
    machine = _MACHINES.get(platform.machine())
    # A 32-bit Python on a 64-bit kernel makes the calls of another machine.
    if machine is None or struct.calcsize("P") != 8:
        return False
    architecture, column, seccomp = machine
    numbers = sorted(n for name in names for n in CALLS[name][column : column + 1])
    steps = _steps(architecture, numbers, error, has_other=column == 0)
    code = b"".join(_STEP.pack(*step) for step in steps)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(steps), ctypes.addressof(buffer))
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return int(library.syscall(seccomp, _SET_FILTER, 0, program)) == 0


def _steps(
    architecture: int, numbers: list[int], error: int, *, has_other: bool
) -> list[tuple[int, int, int, int]]:
    """Return a filter: instruction, jump if so, jump if not, operand."""
    tests = [(_EQUAL, number) for number in numbers]
    if has_other:
        tests.insert(0, (_AT_LEAST, _OTHER_NUMBERS))
    count = len(tests)
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, count + 2, architecture),
        (_LOAD, 0, 0, _NUMBER),
        *((test, count - place, 0, n) for place, (test, n) in enumerate(tests)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _ERROR | error),
    ]
