"""Parts of a text that are not to be looked at: where they are, blanks for them. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

_TICKS = re.compile(r"`+")


def code_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield code spans and escaped angle brackets between two offsets."""
    places: dict[int, list[int]] = {}
    first = text.find("`", start, end)
    runs = list(_TICKS.finditer(text, first, end)) if first >= 0 else []
    for run in runs:
        places.setdefault(run.end() - run.start(), []).append(run.start())
    done = start
    for run in runs:
        same = places[run.end() - run.start()]
        after = bisect_left(same, run.end())
        if run.start() < done or text[run.start() - 1 : run.start()] == "\\":
            continue
        if after < len(same):
            done = same[after] + run.end() - run.start()
            yield run.start(), done
    escaped = text.find("\\<", start, end)
    while escaped >= 0:
        yield escaped, escaped + 2
        escaped = text.find("\\<", escaped + 2, end)


def mdx_comments(text: str) -> Iterator[tuple[int, int]]:
    """Yield the comments that MDX knows."""
    start = text.find("{/*")
    while start >= 0 and (end := text.find("*/}", start + 3)) >= 0:
        yield start, end + 3
        start = text.find("{/*", end)


def blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return `text` with spaces in place of the spans, which may lie in any order.

    Line ends stay.
    """
    parts: list[str] = []
    done = 0
    for start, end in sorted(spans):
        if end > done:
            first = max(start, done)
            lines = (" " * len(line) for line in text[first:end].split("\n"))
            parts += text[done:first], "\n".join(lines)
            done = end
    return "".join([*parts, text[done:]])


def apart(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in order, those that overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if not found or start >= found[-1][1]:
            found.append((start, end))
        elif end > found[-1][1]:
            found[-1] = (found[-1][0], end)
    return found
