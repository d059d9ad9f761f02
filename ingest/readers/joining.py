"""Joins blocks that have no text file behind them into one text. Pure."""

from collections.abc import Sequence

import msgspec

from ingest.documents import Element

_BETWEEN = "\n\n"


def join_elements(elements: Sequence[Element]) -> tuple[str, tuple[Element, ...]]:
    """Write elements one under the other and tell each its place.

    Args:
        elements: Blocks in reading order; their spans are ignored.

    Returns:
        The text, blocks apart by a blank line, and the elements with `start` and
        `end` set, so that each is ``text[start:end]``. Elements without text are
        left out.
    """
    placed: list[Element] = []
    position = 0
    for element in elements:
        if not element.text:
            continue
        end = position + len(element.text)
        placed.append(
            msgspec.structs.replace(element, start=position, end=end, offsets=())
        )
        position = end + len(_BETWEEN)
    return _BETWEEN.join(element.text for element in placed), tuple(placed)
