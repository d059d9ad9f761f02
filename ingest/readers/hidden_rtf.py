"""Takes hidden text out of RTF. Pure.

RTF is groups in braces, and control words that hold to the end of their group.
"""

import re
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from ingest.readers.colours import WHITE, Colour, alike

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?[0-9]{1,10})? ?|\\'[0-9a-f]{2}|\\[^a-z]|[{}]|[^\\{}]+",
    re.IGNORECASE,
)
_PARTS = (b"red", b"green", b"blue")
_COLOUR = re.compile(rb"\\(red|green|blue)(\d{1,3})")
_SMALLEST = 5
"""Half points."""

_HIDING = frozenset({b"v", b"deleted"})
_GROUNDS = frozenset({b"cb", b"chcbpat", b"highlight"})
_DESTINATIONS = frozenset({b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict"})


class _State(Struct, frozen=True):
    """What holds where a character stands."""

    hidden: bool = False
    size: int = 24
    colour: int = 0
    ground: int = 0
    table: bool = False


def shown_rtf(data: bytes) -> tuple[bytes, int]:
    """Return RTF without its hidden text, and how many runs that were.

    Control words stay, so that what is left looks as it did.
    """
    if not re.search(rb"\\(?:v|deleted|fs[0-4]|cf\d|chcbpat|cb)(?![a-z])", data):
        return data, 0
    colours = _colours(data)
    kept: list[bytes] = []
    runs, within = 0, False
    for token, said, state in _states(data):
        dropped = said and not state.table and _is_hidden(state, colours)
        runs += dropped and not within
        within = dropped or (within and not said)
        if not dropped:
            kept.append(token)
    return b"".join(kept), runs


def _states(data: bytes) -> Iterator[tuple[bytes, bool, _State]]:
    """Yield the tokens of a file, whether each is text, and what holds for it."""
    above: list[_State] = []
    state = _State()
    for found in _TOKEN.finditer(data):
        token, word = found[0], (found[1] or b"").lower()
        if token == b"{":
            above.append(state)
        elif token == b"}":
            state = above.pop() if above else _State()
        elif word:
            state = _changed(state, word, found[2])
        said = word == b"u" or (
            not word and token[:1] not in b"{}" and token[:2] != b"\\*"
        )
        yield token, said and bool(token.strip()), state


def _changed(state: _State, word: bytes, number: bytes | None) -> _State:
    """Return what holds behind a control word."""
    value = int(number) if number else None
    replace = msgspec.structs.replace
    if word == b"plain":
        return _State(table=state.table)
    if word in _HIDING:
        state = replace(state, hidden=value != 0)
    elif word == b"fs":
        state = replace(state, size=24 if value is None else value)
    elif word == b"cf":
        state = replace(state, colour=value or 0)
    elif word in _GROUNDS:
        state = replace(state, ground=value or 0)
    elif word in _DESTINATIONS:
        state = replace(state, table=True)
    return state


def _is_hidden(state: _State, colours: list[Colour | None]) -> bool:
    if state.hidden or state.size < _SMALLEST:
        return True
    colour = colours[state.colour] if 0 < state.colour < len(colours) else None
    ground = colours[state.ground] if 0 < state.ground < len(colours) else WHITE
    return bool(colour and ground and alike(colour, ground))


def _colours(data: bytes) -> list[Colour | None]:
    """Return the colours that the file numbers from 0; None is the reader's own."""
    start = data.find(b"\\colortbl")
    if start < 0:
        return []
    table, _, _ = data[start + len(b"\\colortbl") :].partition(b"}")
    found: list[Colour | None] = []
    for entry in table.split(b";")[:-1]:
        parts = dict(_COLOUR.findall(entry))
        if not parts:
            found.append(None)
        else:
            red, green, blue = (min(int(parts.get(n, 0)), 255) / 255 for n in _PARTS)
            found.append((red, green, blue))
    return found
