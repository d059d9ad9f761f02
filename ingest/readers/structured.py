"""Reads JSON and JSON lines: members as slices of the source, escapes undone."""

import json
import re
from collections.abc import Iterator

import msgspec

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.readers.text import decode

_SPACE = re.compile(r"[ \t\n\r]*")
_NAMES = ("title", "question", "heading", "subject", "name", "label", "id")
_LONGEST_NAME = 200
# A member longer than this is read member by member; shorter ones stay whole.
_LONG = 1500
_DEEPEST = 8
# An escaped backslash comes first: what follows it is no escape. Controls stay.
_ESCAPES = re.compile(r"\\\\|(?P<escapes>(?:\\u(?!00[01])[0-9a-fA-F]{4})+)")

_Path = tuple[str, ...]
_Member = tuple[str, int, int, object]
"""Name, or "" in a list; where the member begins and ends; its value."""


def read_json(name: str, data: bytes) -> Reading:
    """Read JSON: each element is a member, under the names that lead to it.

    Raises:
        ReadError: The bytes are not text, or the text is not JSON, or it is
            nested too deeply.
    """
    text, warnings = decode(name, data)
    try:
        elements = tuple(_values(text))
        first = _decoded(text, _skip(text, 0))[0]
    except json.JSONDecodeError as error:
        reason = f"not valid JSON: line {error.lineno}: {error.msg}"
        raise ReadError(name, reason) from error
    except ValueError as error:
        raise ReadError(name, f"not valid JSON: {error}") from error
    except RecursionError as error:
        raise ReadError(name, "nested too deeply to be a document") from error
    title = first.get("title") if isinstance(first, dict) else None
    legible = tuple(_unescaped(element) for element in elements)
    return Reading(
        text=text,
        elements=legible,
        verbatim=legible == elements,
        title=" ".join(title.split()) if isinstance(title, str) else "",
        warnings=warnings,
    )


def _values(text: str) -> Iterator[Element]:
    """Yield the elements of one value, or of several, one after the other."""
    position = _skip(text, 0)
    while position < len(text):
        value, end = _decoded(text, position)
        after = _skip(text, end)
        several = position > 0 or after < len(text)
        path = _named(value) if several and isinstance(value, dict) else ()
        yield from _elements(text, (position, end), value, path, depth=0)
        position = after


def _elements(
    text: str, span: tuple[int, int], value: object, path: _Path, *, depth: int
) -> Iterator[Element]:
    """Yield a value whole if it is short, else its members."""
    start, end = span
    whole = end - start <= _LONG and (depth > 0 or not _holds_values(value))
    if whole or depth >= _DEEPEST or not isinstance(value, (dict, list)) or not value:
        yield _element(text, start, end, path)
        return
    # Plain members that stand together stay together.
    run: tuple[int, int] | None = None
    for name, first, last, member in _members(text, start):
        plain = not isinstance(member, (dict, list))
        if run and not (plain and last - run[0] <= _LONG):
            yield _element(text, *run, path)
            run = None
        if plain:
            run = (run[0] if run else first, last)
        else:
            under = (*path, name) if name else (*path, *_named(member))
            yield from _place(text, (first, last), member, under, depth=depth + 1)
    if run:
        yield _element(text, *run, path)


def _place(
    text: str, span: tuple[int, int], member: object, path: _Path, *, depth: int
) -> Iterator[Element]:
    """Yield a member; a long one without its name, which is in the path."""
    first, last = span
    if last - first > _LONG and isinstance(member, (dict, list)):
        if text[first] == '"':
            first = _skip(text, _skip(text, _decoded(text, first)[1]) + 1)
        yield from _elements(text, (first, last), member, path, depth=depth)
    else:
        yield _element(text, first, last, path)


def _members(text: str, start: int) -> Iterator[_Member]:
    """Yield the members of the object or list that begins at `start`."""
    named = text[start] == "{"
    position = _skip(text, start + 1)
    while text[position] not in "}]":
        first, name = position, ""
        if named:
            key, position = _decoded(text, position)
            name = str(key)
            position = _skip(text, _skip(text, position) + 1)
        value, last = _decoded(text, position)
        yield name, first, last, value
        position = _skip(text, last)
        if text[position] == ",":
            position = _skip(text, position + 1)


def _decoded(text: str, position: int) -> tuple[object, int]:
    found: tuple[object, int] = json.JSONDecoder().raw_decode(text, position)
    return found


def _skip(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _holds_values(value: object) -> bool:
    """Tell whether members of a value have members themselves."""
    members = value.values() if isinstance(value, dict) else value
    return isinstance(members, (list, type({}.values()))) and any(
        isinstance(member, (dict, list)) for member in members
    )


def _named(value: object) -> _Path:
    """Return what a list's member calls itself, as a path of one name or none."""
    if not isinstance(value, dict):
        return ()
    names = (value.get(name) for name in _NAMES)
    return next(
        (
            (" ".join(name.split()),)
            for name in names
            if isinstance(name, str) and 0 < len(name.strip()) <= _LONGEST_NAME
        ),
        (),
    )


def _element(text: str, start: int, end: int, path: _Path) -> Element:
    return Element(
        kind="text", text=text[start:end], heading_path=path, start=start, end=end
    )


def _unescaped(element: Element) -> Element:
    """Return an element with the letters that its escapes stand for.

    Many programs write every letter beyond ASCII as an escape: nobody would find
    the words that it stands in.
    """
    text, offsets = "", [(0, element.start)]
    at = 0
    for found in _ESCAPES.finditer(element.text):
        if found["escapes"] is None:
            continue
        units = bytes.fromhex(found["escapes"].replace("\\u", ""))
        text += element.text[at : found.start()] + units.decode("utf-16-be", "replace")
        at = found.end()
        offsets.append((len(text), element.start + at))
    if not at:
        return element
    text += element.text[at:]
    return msgspec.structs.replace(element, text=text, offsets=tuple(offsets))
