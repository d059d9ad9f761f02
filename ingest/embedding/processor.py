"""What the processor is, as far as it decides how a model is run. Linux tells most."""

import logging
import platform
from pathlib import Path

from ingest.embedding.stamps import sha256

log = logging.getLogger(__name__)

_CPUINFO = Path("/proc/cpuinfo")
_X86 = ("x86_64", "AMD64")


def fingerprint() -> str:
    """Return 8 hex digits that differ where processors compute differently."""
    named = (platform.machine(), *sorted(own_flags()))
    return sha256("\n".join(named).encode())[:8]


def warn_if_old(machine: str, flags: frozenset[str]) -> None:
    """Say so where a processor, told as to `is_old`, lacks what models run fast with."""
    if is_old(machine, flags):
        log.warning(
            "this processor has no AVX2: the embedding model runs, and several times"
            " slower than on one of the last ten years"
        )


def is_old(machine: str, flags: frozenset[str]) -> bool:
    """Tell whether an x86 processor lacks AVX2; one that tells nothing does not.

    Args:
        machine: Its kind, as `platform.machine` tells.
        flags: What it can, as `flags_of` tells.
    """
    return machine in _X86 and bool(flags) and "avx2" not in flags


def own_flags() -> frozenset[str]:
    """Return what this machine's processor can; empty if it does not tell."""
    try:
        return flags_of(_CPUINFO.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return frozenset()  # not Linux


def flags_of(cpuinfo: str) -> frozenset[str]:
    """Return what the first processor of ``/proc/cpuinfo`` can; empty if untold."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()
