"""How what documents and folders declare is read and compared. Pure."""

import datetime as dt
import re
import tomllib
from collections.abc import Callable

_DAY = re.compile(r"\s*([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[Tt\s].*)?", re.DOTALL)
_V = re.compile(r"\A(?:version|v)\.?\s*(?=[0-9])")
_MOST_PARTS = 8
_MOST_DOTS = 200
"""Of a line in TOML: a key of n steps takes the square of n in memory."""


def as_day(text: str) -> str:
    """Return the day a date or a time begins with, such as "2026-09-02", or "".

    The day is taken as it is written, whatever the time zone. Other orders, such
    as 02/09/2026, mean different days to different people, and are none.
    """
    found = _DAY.fullmatch(text)
    if not found:
        return ""
    try:
        return dt.date.fromisoformat(found[1]).isoformat()
    except ValueError:
        return ""


def day_number(day: str) -> int:
    """Return an ISO day as a number that orders as days do: 20260902."""
    return int(day.replace("-", ""))


def same_version(text: str) -> str:
    """Return what two ways to write one version have in common.

    Case, blanks, a "v" in front of a number and an ".x" at the end make no
    difference: "V4.2" is "4.2" and "4.x" is "4".
    """
    folded = " ".join(text.casefold().split())
    version = _V.sub("", folded)
    while version.endswith((".x", ".*")):
        version = version[:-2]
    return version


def versions_of(text: str) -> tuple[str, ...]:
    """Return what a version belongs to, widest first: "4", "4.2", "4.2.1".

    The last is the version itself; at most `_MOST_PARTS` wider ones are told.
    """
    version = same_version(text)
    parts = version.split(".")
    wider = [".".join(parts[:end]) for end in range(1, len(parts))]
    return (*filter(None, wider[:_MOST_PARTS]), version)


def toml_values(
    text: str, parse_float: Callable[[str], object] = float
) -> dict[str, object]:
    """Return the values of TOML that a stranger wrote.

    Raises:
        ValueError: It is no TOML, or a line of it has more than `_MOST_DOTS` dots.
        RecursionError: It is nested too deeply.
    """
    if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
        raise ValueError(f"a line holds more than {_MOST_DOTS} dots")
    return tomllib.loads(text, parse_float=parse_float)
