"""Finds the regular expressions of the packages, and strings that would hold them up."""

import importlib
import inspect
import pkgutil
import random
import re
import signal
import time
from collections.abc import Iterable, Iterator
from itertools import product
from types import FrameType, ModuleType
from typing import Any

import ingest
from tests.reliability.sizes import SEED, size

_LENGTH = 100_000

_MOST = 20.0
"""Seconds of a busy machine; what blows up takes minutes or years."""

_USUAL = " \t\n\ra0Aé-_=.,:;/\\|*#`'\"<>[](){}&"


def modules() -> Iterator[ModuleType]:
    """Yield the modules that read documents, folders and what they declare."""
    for found in pkgutil.walk_packages(ingest.__path__, "ingest."):
        parts = found.name.split(".")
        if parts[1] in ("cli", "embedding", "index") or parts[-1] == "__main__":
            continue
        yield importlib.import_module(found.name)


def walked(*packages: ModuleType) -> Iterator[ModuleType]:
    """Yield the modules of packages."""
    for package in packages:
        yield package
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def expressions(
    found_in: Iterable[ModuleType] | None = None,
) -> dict[str, tuple[re.Pattern[Any], frozenset[str]]]:
    """Return every expression that a module holds and how it is used, by its place.

    Args:
        found_in: The modules to look into; those of the documents without any.
    """
    found: dict[str, tuple[re.Pattern[Any], frozenset[str]]] = {}
    for module in modules() if found_in is None else found_in:
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            held = value if isinstance(value, (tuple, list)) else (value,)
            for number, one in enumerate(held):
                if isinstance(one, re.Pattern):
                    used = frozenset(re.findall(rf"\b{name}\.(\w+)\(", source))
                    found[f"{module.__name__}.{name}[{number}]"] = (one, used)
    return found


def attacks(expression: re.Pattern[Any]) -> Iterator[str]:
    """Yield long strings that nearly match: its own signs, again and again."""
    pattern = expression.pattern
    source = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    own = sorted(
        {c for c in re.sub(r"\\[a-zA-Z]|\{[\d,]+\}", "", source) if c.isprintable()}
    )
    words = re.findall(r"[a-zA-Z<!-]{3,}", source)
    for sign in sorted({*own, *_USUAL, "\0"}):
        yield sign * _LENGTH + "\1"
    for word in dict.fromkeys(words):
        for between in (" ", "", "\n", "<"):
            yield (word + between) * (_LENGTH // (len(word) + 1)) + "\1"
        for sign in sorted({*own, *"0 a"}):
            yield f"{word}(" + sign * _LENGTH + "\1"
    few = [*own[:: max(len(own) // 10, 1)][:10], " ", "a", "\n"]
    for one, other in product(few, repeat=2):
        if one != other:
            yield (one + other) * (_LENGTH // 2) + "\1"


class TooLongError(Exception):
    """An expression was still at work when its time was up."""


def slow(
    expression: re.Pattern[Any],
    used: frozenset[str],
    *,
    short: int,
    whole: int,
    longest: int | None,
) -> list[str]:
    """Return the beginnings of texts that hold an expression up, of those tried.

    Args:
        expression: The expression.
        used: Its methods that are called; all of them if none is.
        short: How many texts are tried in ``make test``.
        whole: How many in ``make reliability``; all of them are in the longest.
        longest: Characters that its subject is cut to; None leaves it whole.
    """
    texts = list(attacks(expression))
    random.Random(SEED).shuffle(texts)
    return [
        text[:20]
        for text in texts[: size(short, whole, len(texts))]
        if seconds(expression, used, text[:longest], _MOST) >= _MOST
    ]


def seconds(
    expression: re.Pattern[Any], used: frozenset[str], text: str, most: float
) -> float:
    """Return how long a text takes; `most` seconds if it is longer.

    Args:
        expression: The expression.
        used: Its methods that are called; all of them if none is.
        text: What it is asked about.
        most: Seconds after which it is stopped.
    """
    is_bytes = isinstance(expression.pattern, bytes)
    subject = text.encode("latin-1", "replace") if is_bytes else text

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, most)
    start = time.process_time()
    try:
        for method in ("match", "fullmatch"):
            if method in used or not used:
                getattr(expression, method)(subject)
        if not used or used - {"match", "fullmatch"}:
            for _ in expression.finditer(subject):
                pass
    except TooLongError:
        return most
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return time.process_time() - start
