"""The part of CSS that can hide text: declarations, and sheets of simple rules. Pure.

Selectors of tags, classes, ids and attributes are understood, one after or below the
other; a rule with any other selector, such as ``:hover``, is left out, and so are rules
for paper and for screens of some width.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

Declarations = Mapping[str, str]
"""Values by the name of the property, both in lower case."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SHEET = re.compile(
    r"<style\b(?P<about>[^>]*)>(?P<rules>.*?)(?:</style\b|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_MEDIA = re.compile(r"media\s*=\s*[\"']?(?!\s*(?:all|screen)\b)", re.IGNORECASE)
_ANY_SCREEN = re.compile(
    r"@media\s+(?:only\s+)?(?:all|screen)\s*|@layer\b.*|@supports\b.*"
)
_PARTS = re.compile(
    r"(?P<tag>^[a-z][a-z0-9-]*|^\*)|\.(?P<cls>[\w-]+)|#(?P<id>[\w-]+)"
    r"|\[\s*(?P<name>[\w-]+)\s*(?:=\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*)?\]"
)
_HIDING = (
    "display", "visibility", "content-visibility", "opacity", "filter", "color",
    "background", "font", "clip", "transform", "overflow", "left", "right", "top",
    "bottom", "text-indent", "margin", "width", "height", "max-", "position",
    "-webkit-text-fill-color", "padding",
)  # fmt: skip
_MOST_STEPS = 3_000_000
_DEEPEST = 64


class Styled(Protocol):
    """A tag with its attributes, as selectors see it."""

    @property
    def name(self) -> str:
        """The tag, in lower case."""

    @property
    def attributes(self) -> Mapping[str, str]:
        """Its attributes, names in lower case."""


class _Compound(Struct, frozen=True):
    """What one element must be.

    Attributes:
        tag: Its tag, or "" for any.
        classes: Classes that it must have.
        id: Its id, or "" for any.
        given: Attributes that it must have, with their values; None is any.
        child: The next compound is of its child, not of any descendant.
    """

    tag: str
    classes: tuple[str, ...]
    id: str
    given: tuple[tuple[str, str | None], ...]
    child: bool = False


class Style(Struct, frozen=True, eq=False):
    """What holds for an element; equal ones of a page are mostly the same one."""

    values: Declarations


NO_STYLE = Style({})


class _Rule(Struct, frozen=True, eq=False):
    """A selector, its compounds outermost first, and what it declares."""

    path: tuple[_Compound, ...]
    weight: tuple[int, int, int, int]
    plain: Declarations
    important: Declarations


class Sheet:
    """The rules of a page's own style sheets.

    Args:
        texts: The sheets.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._rules: defaultdict[str, list[_Rule]] = defaultdict(list)
        self._asked: dict[tuple[str, str, str], tuple[tuple[_Rule, ...], bool]] = {}
        self._steps = 0
        count = 0
        for text in texts:
            for selectors, block in _blocks(_COMMENT.sub("", text)):
                plain, important = declared(block)
                if not any(name.startswith(_HIDING) for name in (*plain, *important)):
                    continue
                for path in _paths(selectors):
                    count += 1
                    rule = _Rule(path, (*_weight(path), count), plain, important)
                    self._rules[_key(path[-1])].append(rule)

    def __bool__(self) -> bool:
        """Tell whether there is any rule."""
        return bool(self._rules)

    @property
    def exhausted(self) -> bool:
        """Whether the page was too large for all its rules to be compared with it."""
        return self._steps > _MOST_STEPS

    def style(self, element: Styled, above: Sequence[Styled]) -> Style:
        """Return what holds for an element: rules, then its own, the important last.

        Args:
            element: The element.
            above: Those around it, outermost first.
        """
        own = element.attributes.get("style", "")
        rules, certain = self._rules_for(element) if self._rules else ((), True)
        if self.exhausted:
            rules = ()
        elif not certain:
            rules = tuple(rule for rule in rules if self._holds(rule, element, above))
        return _cascade(rules, own) if rules or own else NO_STYLE

    def _rules_for(self, element: Styled) -> tuple[tuple[_Rule, ...], bool]:
        """Return the rules that may hold, the weightiest last, and if all of them do.

        What depends on nothing but tag, id and classes is compared once for them.
        """
        id_, classes = (element.attributes.get(name, "") for name in ("id", "class"))
        asked = element.name, id_ if f"#{id_}" in self._rules else "", classes
        if asked not in self._asked:
            named = (f".{c}" for c in classes.split())
            keys = dict.fromkeys([element.name, f"#{id_}", "*", *named])
            found = [rule for key in keys for rule in self._rules.get(key, ())]
            self._steps += len(found)
            found = [r for r in found if r.path[-1].given or _is(r.path[-1], element)]
            certain = not any(len(r.path) > 1 or r.path[-1].given for r in found)
            found.sort(key=lambda rule: rule.weight)
            self._asked[asked] = tuple(found), certain
        return self._asked[asked]

    def _holds(self, rule: _Rule, element: Styled, above: Sequence[Styled]) -> bool:
        self._steps += 1
        if self._steps > _MOST_STEPS or not _is(rule.path[-1], element):
            return False
        return len(rule.path) == 1 or self._below(rule.path[:-1], above)

    def _below(self, path: tuple[_Compound, ...], above: Sequence[Styled]) -> bool:
        """Tell whether an element with these above it is where a selector says."""
        place = len(above) - 1
        lowest = max(place - _DEEPEST, -1)
        for compound in reversed(path):
            if compound.child and (place < 0 or not _is(compound, above[place])):
                return False
            while place > lowest and not _is(compound, above[place]):
                self._steps += 1
                place -= 1
            if place <= lowest:
                return False
            place -= 1
        return True


def sheets_of(source: str) -> Iterator[str]:
    """Yield the style sheets that stand in a page."""
    if "<style" not in source and "<STYLE" not in source and "<Style" not in source:
        return
    for found in _SHEET.finditer(source):
        if not _OTHER_MEDIA.search(found["about"]):
            yield found["rules"]


@lru_cache(maxsize=1024)
def _cascade(rules: tuple[_Rule, ...], own: str) -> Style:
    """Return what rules and an element's own style declare together."""
    plain, important = declared(own)
    style: dict[str, str] = {}
    for rule in rules:
        style |= rule.plain
    style |= plain
    for rule in rules:
        style |= rule.important
    style |= important
    return Style(style)


@lru_cache(maxsize=4096)
def declared(block: str) -> tuple[Declarations, Declarations]:
    """Return what a block declares, and what of it is important."""
    plain: dict[str, str] = {}
    important: dict[str, str] = {}
    for part in _COMMENT.sub("", block.lower()).split(";"):
        name, _, value = part.partition(":")
        bare = value.replace("!important", "").replace("! important", "")
        where = plain if len(bare) == len(value) else important
        where[name.strip()] = bare.strip()
    return plain, important


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield selectors and what they declare; rules within ``@media`` if they hold."""
    position = 0
    while (start := text.find("{", position)) >= 0:
        head = text[position:start].rpartition(";")[2].strip()
        if head.startswith("@"):
            end = _closing(text, start)
            if _ANY_SCREEN.fullmatch(head.lower()):
                yield from _blocks(text[start + 1 : end])
        else:
            end = text.find("}", start)
            end = len(text) if end < 0 else end
            yield head, text[start + 1 : end]
        position = end + 1


def _closing(text: str, start: int) -> int:
    """Return where the block that opens at `start` ends."""
    depth = 0
    for found in re.compile("[{}]").finditer(text, start):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return found.start()
    return len(text)


def _paths(selectors: str) -> Iterator[tuple[_Compound, ...]]:
    """Yield the selectors of a list that are understood."""
    for selector in selectors.split(","):
        path: list[_Compound] = []
        steps = re.sub(r"\s*>\s*", " > ", selector.strip()).split()
        for place, step in enumerate(steps):
            if step == ">":
                continue
            compound = _compound(step, child=steps[place + 1 : place + 2] == [">"])
            if compound is None:
                break
            path.append(compound)
        else:
            if path:
                yield tuple(path)


def _compound(step: str, *, child: bool) -> _Compound | None:
    """Return what one step of a selector says; None if it is not understood."""
    step = "html" if step == ":root" else step
    found = list(_PARTS.finditer(step))
    if "".join(part[0] for part in found) != step:
        return None
    return _Compound(
        tag=next((p["tag"].lower() for p in found if p["tag"]), "").replace("*", ""),
        classes=tuple(p["cls"] for p in found if p["cls"]),
        id=next((p["id"] for p in found if p["id"]), ""),
        given=tuple((p["name"].lower(), p["value"]) for p in found if p["name"]),
        child=child,
    )


def _is(compound: _Compound, element: Styled) -> bool:
    given = element.attributes
    return (
        compound.tag in ("", element.name)
        and compound.id in ("", given.get("id", ""))
        and all(c in given.get("class", "").split() for c in compound.classes)
        and all(
            name in given and value in (None, given[name])
            for name, value in compound.given
        )
    )


def _weight(path: Sequence[_Compound]) -> tuple[int, int, int]:
    ids = sum(bool(c.id) for c in path)
    marks = sum(len(c.classes) + len(c.given) for c in path)
    return ids, marks, sum(bool(c.tag) for c in path)


def _key(compound: _Compound) -> str:
    if compound.id:
        return f"#{compound.id}"
    return f".{compound.classes[0]}" if compound.classes else compound.tag or "*"
