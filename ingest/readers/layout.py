"""Puts the lines of a page back into paragraphs, lists and code. Pure functions."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Literal

from msgspec import Struct

from ingest.readers.page import Line, healed

BULLET = re.compile(r"[•◦▪▫‣·●○■□◆➢✓⁃–*-] +(?=\S)")
NUMBER = re.compile(r"(?:\d{1,3}|[a-z])[.)] +(?=\S)")
_SENTENCE_ENDS = tuple(".!?:;。！？：")


class Block(Struct, frozen=True):
    """Lines that belong together.

    Attributes:
        kind: What they are.
        text: Their text; items of a list and lines of code are lines.
    """

    kind: Literal["text", "list", "code"]
    text: str


def leading(found: Sequence[Line]) -> float:
    """Return the usual distance of baselines, as a multiple of the font size."""
    steps = Counter(
        round((above.bottom - below.bottom) / above.size, 1)
        for above, below in pairwise(found)
        if above.size == below.size and above.bottom > below.bottom
    )
    usual = [step for step, _ in steps.most_common(1)]
    return min(max(usual[0], 1.0), 2.5) if usual else 1.2


def blocks(found: Sequence[Line], *, leading: float) -> list[Block]:
    """Join lines that follow one another into paragraphs, lists and code.

    Args:
        found: Lines in reading order.
        leading: Usual distance of baselines, as a multiple of the font size.

    Returns:
        Blocks in reading order; their texts hold the words of all lines.
    """
    joined = []
    edge = max((line.right for line in found), default=0.0)
    for group in _groups(found, leading=leading, edge=edge):
        if all(line.mono for line in group):
            joined.append(Block("code", _code(group)))
        elif _is_item(group[0]):
            joined.append(Block("list", _item(group)))
        else:
            joined.append(Block("text", _flow(group)))
    return list(_whole_lists(joined))


def _groups(
    found: Sequence[Line], *, leading: float, edge: float
) -> Iterator[list[Line]]:
    group: list[Line] = []
    for line in found:
        if group and _breaks(group, line, leading=leading, edge=edge):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _breaks(group: list[Line], line: Line, *, leading: float, edge: float) -> bool:
    """Tell whether `line` begins a new block after the lines of `group`."""
    above = group[-1]
    step = above.bottom - line.bottom
    if all(line.mono for line in group):
        return not line.mono or step > 2.6 * leading * above.size
    unlike = abs(above.size - line.size) > 0.1 * above.size or above.bold != line.bold
    ended = above.text.endswith(_SENTENCE_ENDS)
    if step <= 0:  # the next column: on with a broken sentence only
        return unlike or ended or not line.text[:1].islower()
    far = step > (leading * 1.2 + 0.15) * above.size
    # A line of code within a sentence is the sentence's.
    if unlike or far or _is_item(line) or (line.mono and ended):
        return True
    return _begins_anew(group, line, edge)


def _begins_anew(group: list[Line], line: Line, edge: float) -> bool:
    """Tell whether a line close under a block begins a paragraph by its shape."""
    above = group[-1]
    in_item = _is_item(group[0]) and line.left > group[0].left + 0.5 * line.size
    if in_item or not above.text.endswith(_SENTENCE_ENDS):
        return False
    ends_early = above.right < edge - 0.25 * (edge - above.left)
    return ends_early or line.left > above.left + 0.8 * line.size


def _is_item(line: Line) -> bool:
    return bool(BULLET.match(line.text) or NUMBER.match(line.text))


def _flow(group: Sequence[Line]) -> str:
    text = group[0].text
    for line in group[1:]:
        text = join_lines(text, line.text)
    return text.replace("\u00ad", "-")


def join_lines(above: str, below: str) -> str:
    """Return two lines as one, undoing a hyphen that only the line end needed.

    A hyphen stays where what follows begins with a capital or a digit, as in
    ``Wi-`` and ``Fi``; lines of a script without spaces are joined without one.
    """
    if above.endswith("\u00ad"):
        return healed(above[:-1], below)
    if re.search(r"[^\W\d_]{2}[-‐]$", above) and below[:1].islower():
        return above[:-1] + below
    if above[-1:] in "-‐–/" and below[:1].isalnum() and above[-2:-1].isalnum():
        return above + below
    if _spaceless(above[-1:]) and _spaceless(below[:1]):
        return above + below
    return f"{above} {below}"


def _spaceless(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uff00" <= character <= "\uff60"


def _item(group: Sequence[Line]) -> str:
    return BULLET.sub("- ", _flow(group), count=1)


def _code(group: Sequence[Line]) -> str:
    margin = min(line.left for line in group)
    return "\n".join(_set_in(line, margin) for line in group)


def _set_in(line: Line, margin: float) -> str:
    """Return a line of code with the spaces that its places on the page show."""
    first = line.words[0]
    width = (first.right - first.left) / len(first.text) or 1.0
    text = " " * min(round((first.left - margin) / width), 40)
    for word in line.words:
        column = min(round((word.left - margin) / width), 200)
        gap = 1 if text.strip() else 0
        text = text.ljust(max(column, len(text) + gap)) + word.text
    return text


def _whole_lists(joined: Iterable[Block]) -> Iterator[Block]:
    """Join the items of a list that follow one another."""
    items: list[str] = []
    for block in joined:
        if block.kind == "list":
            items.append(block.text)
            continue
        if items:
            yield Block("list", "\n".join(items))
            items = []
        yield block
    if items:
        yield Block("list", "\n".join(items))
