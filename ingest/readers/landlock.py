"""Keeps a process to some folders, by Linux' Landlock: for native code, too.

Source: the kernel's userspace-api/landlock and include/uapi/linux/landlock.h.
"""

import ctypes
import os
import struct
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls, the same on every processor."""

_VERSION = 1
_BENEATH = 1
_NO_NEW_PRIVILEGES = 38
_RULESET = struct.Struct("=QQQ")
_RULE = struct.Struct("=Qi")
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = (1 << bit for bit in range(4))
_TRUNCATE = 1 << 14
_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15
_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
# Rights over files that each version of the kernel's interface has added.
_RIGHTS = {1: 0x1FFF, 2: 1 << 13, 3: _TRUNCATE, 5: 1 << 15}
_PORTS, _PORTS_SINCE = 0b11, 4
_SCOPES, _SCOPES_SINCE = 0b11, 6


def keep_to(readable: Iterable[str], writable: Iterable[str]) -> int:
    """Let this process read, and write, below these paths only, for good.

    What it starts is kept to them, too, and both reach no TCP port, no process
    outside and no abstract socket where the kernel knows of that.

    Args:
        readable: Folders and files that may be read and run; missing ones do not
            matter.
        writable: Folders and files that may be changed as well.

    Returns:
        Version of the kernel's interface, from 1, or 0 where nothing was changed
        because the kernel has none.
    """
    call = ctypes.CDLL(None, use_errno=True).syscall
    version = int(call(_CREATE_RULESET, None, 0, _VERSION))
    if version < 1:
        return 0
    rights = 0
    for since, added in _RIGHTS.items():
        rights |= added if version >= since else 0
    handled = _RULESET.pack(
        rights,
        _PORTS if version >= _PORTS_SINCE else 0,
        _SCOPES if version >= _SCOPES_SINCE else 0,
    )
    ruleset = int(call(_CREATE_RULESET, handled, len(handled), 0))
    if ruleset < 0:
        return 0
    try:
        for path in readable:
            _allow(call, ruleset, path, rights & _READ)
        for path in writable:
            _allow(call, ruleset, path, rights)
        if ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return 0
        return version if call(_RESTRICT_SELF, ruleset, 0) == 0 else 0
    finally:
        os.close(ruleset)


def _allow(
    call: "ctypes._NamedFuncPointer", ruleset: int, path: str, most: int
) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        # The kernel refuses rights over folders in the rule of a file.
        rights = most if os.path.isdir(path) else most & _FILE  # noqa: PTH112 — str
        call(_ADD_RULE, ruleset, _BENEATH, _RULE.pack(rights, place), 0)
    finally:
        os.close(place)
