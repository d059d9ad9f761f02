"""What pdfium tells of one object of a page: its place, its colour, what it is cut to."""

import ctypes
import math
from collections.abc import Iterator

from pypdfium2 import raw

from ingest.readers.colours import BLACK, Colour

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points of the page."""


def address(thing: raw.FPDF_PAGEOBJECT) -> int:
    """Return where an object is in memory, which is its name; 0 for none."""
    return ctypes.addressof(thing.contents) if thing else 0


def bounds(thing: raw.FPDF_PAGEOBJECT) -> Box:
    """Return the box around an object, in points of what it lies in."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
    return left.value, bottom.value, right.value, top.value


def fill_of(thing: raw.FPDF_PAGEOBJECT) -> tuple[int, int, int, int]:
    """Return red, green, blue and opacity of an object's fill, each to 255."""
    red, green, blue, alpha = (ctypes.c_uint(255) for _ in range(4))
    if not raw.FPDFPageObj_GetFillColor(thing, red, green, blue, alpha):
        return -1, -1, -1, 255
    return red.value, green.value, blue.value, alpha.value


def colour_of_fill(thing: raw.FPDF_PAGEOBJECT) -> Colour | None:
    """Return the colour an object is filled with; None for a pattern or a mix."""
    red, green, blue, alpha = fill_of(thing)
    if red < 0 or alpha < 255:
        return None
    return (red / 255, green / 255, blue / 255) if red + green + blue else BLACK


def marks_of(
    thing: raw.FPDF_PAGEOBJECT,
) -> Iterator[tuple[str, raw.FPDF_PAGEOBJECTMARK]]:
    """Yield the marks around an object, each with its name."""
    for number in range(raw.FPDFPageObj_CountMarks(thing)):
        mark = raw.FPDFPageObj_GetMark(thing, number)
        size = ctypes.c_ulong()
        name = (ctypes.c_ushort * 32)()
        raw.FPDFPageObjMark_GetName(mark, name, 64, size)
        yield bytes(name).decode("utf-16-le", "replace").partition("\0")[0], mark


def clip_of(thing: raw.FPDF_PAGEOBJECT) -> Box | None:
    """Return the box around what an object is cut to; None if it is not cut."""
    clip = raw.FPDFPageObj_GetClipPath(thing)
    box: Box | None = None
    for path in range(max(raw.FPDFClipPath_CountPaths(clip), 0)):
        x, y = ctypes.c_float(), ctypes.c_float()
        xs, ys = [], []
        for number in range(min(raw.FPDFClipPath_CountPathSegments(clip, path), 99)):
            segment = raw.FPDFClipPath_GetPathSegment(clip, path, number)
            raw.FPDFPathSegment_GetPoint(segment, x, y)
            xs.append(x.value)
            ys.append(y.value)
        if xs:
            left, bottom, right, top = box or (-math.inf, -math.inf, math.inf, math.inf)
            box = (
                max(left, min(xs)),
                max(bottom, min(ys)),
                min(right, max(xs)),
                min(top, max(ys)),
            )
    return box


def meet(one: Box, other: Box) -> bool:
    """Tell whether two boxes overlap."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    return wide > 0 and min(one[3], other[3]) - max(one[1], other[1]) > 0


def holds(outer: Box | None, inner: Box) -> bool:
    """Tell whether a box is within another, give or take a point."""
    if outer is None:
        return True
    low = all(a <= b + 1 for a, b in zip(outer[:2], inner[:2], strict=True))
    return low and all(a >= b - 1 for a, b in zip(outer[2:], inner[2:], strict=True))
