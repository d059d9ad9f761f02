"""Tells which text of an open PDF's page a person does not see, by pdfium.

Most text is black on nothing, which a look at its colour tells. Where something was
drawn over it or under it, where it lies in a layer or is cut off, the page is drawn
twice, with that text and without: what makes no difference is not seen.
"""

import ctypes
import math
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pypdfium2
from msgspec import Struct
from pypdfium2 import raw

from ingest.readers.colours import WHITE, Colour, alike
from ingest.readers.drawn import (
    Box,
    address,
    bounds,
    clip_of,
    colour_of_fill,
    fill_of,
    holds,
    marks_of,
    meet,
)

_HIDDEN_MODES = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_FILLED = raw.FPDF_TEXTRENDERMODE_FILL
_CORNERS = 6
_MOST_COMPARED = 500_000
_LARGEST = 2_000_000
_SCALE = 1.5
_LEAST_DIFFERENCE = 20
"""Of 255; that of the palest grey that counts as read."""

_NARROWEST = 0.2
"""Least width of a letter, in font sizes."""


class _Text(Struct, frozen=True):
    """A text object and its number among the objects of its page."""

    thing: raw.FPDF_PAGEOBJECT
    order: int
    nested: bool


class _Cover(Struct, frozen=True):
    """Something that hides what is under it, or may.

    Attributes:
        order: Its number among the objects.
        box: Where it is.
        colour: Its one colour, if it is an opaque rectangle of one.
    """

    order: int
    box: Box
    colour: Colour | None


class Canvas:
    """What was drawn on a page so far, as far as it tells what is seen of it."""

    def __init__(self) -> None:
        self._texts: list[_Text] = []
        self._covers: list[_Cover] = []
        self._order = 0

    @property
    def texts(self) -> int:
        """How many text objects there are."""
        return len(self._texts)

    def text(self, thing: raw.FPDF_PAGEOBJECT, *, nested: bool) -> None:
        """Note a text object; one in a form is `nested`."""
        self._order += 1
        self._texts.append(_Text(thing, self._order, nested))

    def cover(self, thing: raw.FPDF_PAGEOBJECT, kind: int, *, nested: bool) -> None:
        """Note an object that is no text."""
        self._order += 1
        colour = None
        if kind == raw.FPDF_PAGEOBJ_PATH:
            if not _is_filled(thing):
                return
            colour = None if nested else _rectangle(thing)
        # Where a part of a form lies on the page is not worth reckoning.
        box = (-math.inf, -math.inf, math.inf, math.inf) if nested else bounds(thing)
        self._covers.append(_Cover(self._order, box, colour))

    def hidden(self, page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage) -> "Hidden":
        """Return what of the page's text is not seen."""
        hidden: set[int] = set()
        doubtful: dict[int, raw.FPDF_PAGEOBJECT] = {}
        many = len(self._texts) * len(self._covers) > _MOST_COMPARED
        for one in self._texts:
            seen = None if many else self._is_seen(one)
            if _is_invisible(one.thing):
                seen = False
            if seen is None:
                doubtful[address(one.thing)] = one.thing
            elif not seen:
                hidden.add(address(one.thing))
        marks = _pretended(text, self._texts)
        characters = _unchanged(page, text, doubtful) if doubtful else set[int]()
        return Hidden(frozenset(hidden), frozenset(characters | marks))

    def _is_seen(self, text: _Text) -> bool | None:
        """Tell whether a text is seen; None if that must be tried."""
        thing = text.thing
        mode = raw.FPDFTextObj_GetTextRenderMode(thing)
        colour = colour_of_fill(thing)
        if text.nested or mode != _FILLED or colour is None or _is_layered(thing):
            return None
        if not self._covers and not clip_of(thing):
            return not alike(colour, WHITE)
        box = bounds(thing)
        if not holds(clip_of(thing), box):
            return None
        ground: Colour = WHITE
        for cover in self._covers:
            if not meet(cover.box, box):
                continue
            if cover.order > text.order or cover.colour is None:
                return None
            if not holds(cover.box, box):
                return None
            ground = cover.colour
        return not alike(colour, ground)


class Hidden(Struct, frozen=True):
    """Text of a page that nobody sees.

    Attributes:
        objects: Addresses of its text objects.
        characters: Numbers of single characters of others.
    """

    objects: frozenset[int] = frozenset()
    characters: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.objects or self.characters)

    def has(self, text: pypdfium2.PdfTextPage, number: int) -> bool:
        """Tell whether a character, by its number on the page, is not seen."""
        if number in self.characters:
            return True
        return bool(self.objects) and (
            address(raw.FPDFText_GetTextObject(text, number)) in self.objects
        )

    def is_all(self, text: pypdfium2.PdfTextPage) -> bool:
        """Tell whether no text of a page is seen, and there is some."""
        if not self:
            return False
        numbers = range(raw.FPDFText_CountChars(text))
        return all(
            self.has(text, number)
            or chr(raw.FPDFText_GetUnicode(text, number)).isspace()
            for number in numbers
            if raw.FPDFText_GetTextObject(text, number)
        )

    def count(self, text: pypdfium2.PdfTextPage) -> int:
        """Return in how many places of a page's text something is hidden."""
        if not self:
            return 0
        numbers = range(raw.FPDFText_CountChars(text))
        told = [self.has(text, number) for number in numbers]
        return sum(here and not before for before, here in pairwise([False, *told]))


def _is_invisible(text: raw.FPDF_PAGEOBJECT) -> bool:
    if raw.FPDFTextObj_GetTextRenderMode(text) in _HIDDEN_MODES:
        return True
    return fill_of(text)[3] < 13


def _is_filled(path: raw.FPDF_PAGEOBJECT) -> bool:
    mode, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, mode, stroke)
    return bool(mode.value != raw.FPDF_FILLMODE_NONE)


def _rectangle(path: raw.FPDF_PAGEOBJECT) -> Colour | None:
    """Return the colour of a path that is an opaque rectangle, not cut, else None."""
    simple = raw.FPDFPath_CountSegments(path) <= _CORNERS
    upright = all(
        raw.FPDFPathSegment_GetType(raw.FPDFPath_GetPathSegment(path, number))
        != raw.FPDF_SEGMENT_BEZIERTO
        for number in range(raw.FPDFPath_CountSegments(path) if simple else 0)
    )
    whole = simple and upright and holds(clip_of(path), bounds(path))
    return colour_of_fill(path) if whole and not _is_layered(path) else None


def _is_layered(thing: raw.FPDF_PAGEOBJECT) -> bool:
    """Tell whether an object lies in a layer that may be switched off."""
    return any(name == "OC" for name, _ in marks_of(thing))


def _pretended(text: pypdfium2.PdfTextPage, drawn: Iterable[_Text]) -> set[int]:
    """Return the characters of texts that claim to say far more than is drawn."""
    claims: dict[int, float] = {}
    for one in drawn:
        if any(_claim(mark) for _, mark in marks_of(one.thing)):
            left, _, right, _ = bounds(one.thing)
            size = ctypes.c_float()
            raw.FPDFTextObj_GetFontSize(one.thing, size)
            claims[address(one.thing)] = 2 + (right - left) / (
                _NARROWEST * max(size.value, 1.0)
            )
    if not claims:
        return set()
    said: dict[int, list[int]] = {}
    for number in range(raw.FPDFText_CountChars(text)):
        thing = address(raw.FPDFText_GetTextObject(text, number))
        if thing in claims:
            said.setdefault(thing, []).append(number)
    return {
        number
        for thing, numbers in said.items()
        if len(numbers) > claims[thing]
        for number in numbers
    }


def _claim(mark: raw.FPDF_PAGEOBJECTMARK) -> bool:
    """Tell whether a mark says in other words what is drawn."""
    kind = raw.FPDFPageObjMark_GetParamValueType(mark, b"ActualText")
    return bool(kind == raw.FPDF_OBJECT_STRING)


def _unchanged(
    page: pypdfium2.PdfPage,
    text: pypdfium2.PdfTextPage,
    doubtful: dict[int, raw.FPDF_PAGEOBJECT],
) -> set[int]:
    """Return the characters of some texts without which the page looks the same."""
    with_them = _picture(page)
    for thing in doubtful.values():
        raw.FPDFPageObj_SetIsActive(thing, False)
    changed = np.abs(with_them - _picture(page)).max(axis=2) >= _LEAST_DIFFERENCE
    for thing in doubtful.values():
        raw.FPDFPageObj_SetIsActive(thing, True)
    high, wide = changed.shape
    found: set[int] = set()
    for number in range(raw.FPDFText_CountChars(text)):
        blank = chr(raw.FPDFText_GetUnicode(text, number)).isspace()
        if blank or address(raw.FPDFText_GetTextObject(text, number)) not in doubtful:
            continue
        rows, columns = _pixels(page, text, number, wide, high)
        part = changed[rows, columns]
        if part.size and not part.any():
            found.add(number)
    return found


def _picture(page: pypdfium2.PdfPage) -> npt.NDArray[np.int16]:
    wide, high = page.get_size()
    scale = min(_SCALE, math.sqrt(_LARGEST / max(wide * high, 1)))
    bitmap = page.render(scale=scale, may_draw_forms=False, draw_annots=False)
    picture: npt.NDArray[np.int16] = bitmap.to_numpy()[:, :, :3].astype(np.int16)
    bitmap.close()
    return picture


def _pixels(
    page: pypdfium2.PdfPage,
    text: pypdfium2.PdfTextPage,
    number: int,
    wide: int,
    high: int,
) -> tuple[slice, slice]:
    """Return the rows and columns of a picture that a character takes up."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text, number, left, right, bottom, top)
    xs, ys = [], []
    for x, y in ((left.value, bottom.value), (right.value, top.value)):
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, wide, high, 0, x, y, across, down)
        xs.append(across.value)
        ys.append(down.value)
    rows = slice(max(min(ys) - 1, 0), max(max(ys) + 2, 0))
    return rows, slice(max(min(xs) - 1, 0), max(max(xs) + 2, 0))
