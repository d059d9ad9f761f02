"""Sources as quoted text, each in a fence that nothing in it can end. Pure."""

import re
from collections.abc import Sequence

from ingest.documents import Hit

_BRACKETS = re.compile(r"<{3,}|>{3,}")


def render_sources(hits: Sequence[Hit], marker: str) -> str:
    """Return the sources as quoted text, each inside its own fence.

    A source's text, title and place cannot end the fence or begin another:
    angle brackets in a row are set apart, and the marker is broken up.
    """
    return "\n\n".join(
        f"<<<SOURCE-{marker} {number}>>>\n"
        f"number: {number}\n"
        f"title: {_line(hit.chunk.title or hit.chunk.path, marker)}\n"
        f"place: {_line(place(hit), marker)}\n\n"
        f"{_broken(hit.chunk.text, marker)}\n"
        f"<<<END-{marker} {number}>>>"
        for number, hit in enumerate(hits, start=1)
    )


def place(hit: Hit) -> str:
    """Return where in its document a hit stands, in words, or the path."""
    chunk = hit.chunk
    headings = [h for h in chunk.heading_path if h != chunk.title]
    page = [f"page {chunk.page}"] if chunk.page is not None else []
    return ", ".join(filter(None, [" > ".join(headings), *page])) or chunk.path


def _line(text: str, marker: str) -> str:
    return _broken(" ".join(text.split()), marker)


def _broken(text: str, marker: str) -> str:
    """Return `text` with nothing in it that looks like our fences."""
    apart = _BRACKETS.sub(lambda found: " ".join(found.group()), text)
    half = len(marker) // 2
    pattern = re.compile(re.escape(marker), re.IGNORECASE)
    return pattern.sub(lambda m: f"{m.group()[:half]} {m.group()[half:]}", apart)
