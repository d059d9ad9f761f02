"""HTML and SVG, built so that a text can never become a tag. Pure.

What `tag` returns is `Markup`; whatever else is put into a tag is text and escaped.
Questions, answers and paths come from anywhere: none of them is ever `Markup`.
"""

import html
import re
from collections.abc import Iterable

# Not allowed in HTML, or able to turn the words around them.
_BANNED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

_EMPTY = frozenset(("br", "meta", "input"))
"""HTML tags that are never closed."""


class Markup(str):
    """Text that is HTML or SVG already."""

    __slots__ = ()


def tag(
    name: str, /, *children: str | Iterable[str], **attributes: str | float | None
) -> Markup:
    """Return a tag.

    Args:
        name: Name of the tag.
        children: What stands in it; all that is not `Markup` is escaped.
        attributes: By name: ``class_`` is "class", ``data_label`` "data-label".
            Numbers are written with one decimal; what is None is left out; what is
            "" stands without a value.
    """
    written = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None
    )
    if name in _EMPTY:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{joined(*children)}</{name}>")


def joined(*children: str | Iterable[str]) -> Markup:
    """Return `children` one after the other, escaped unless they are `Markup`."""
    parts: list[str] = []
    for child in children:
        parts += [escaped(child)] if isinstance(child, str) else map(escaped, child)
    return Markup("".join(parts))


def escaped(text: str) -> Markup:
    """Return `text` as it is read, whatever signs are in it."""
    if isinstance(text, Markup):
        return text
    return Markup(html.escape(_BANNED.sub("\ufffd", text)))


def _attribute(key: str, value: str | float) -> str:
    name = key.rstrip("_").replace("_", "-")
    text = value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
    return f' {name}="{escaped(text)}"' if text else f" {name}"
