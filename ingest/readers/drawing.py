"""What a page of an open PDF shows: its words and its ruling lines, by pdfium.

Text that a person does not see is left out: drawn invisible, in no colour at all or
in that of its ground, covered, in a layer that is switched off, cut away, smaller than a
point, or outside the page's visible box. The exception is a scan,
where invisible text behind the picture is what a scanner read there.
"""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator

import pypdfium2
from msgspec import Struct
from pypdfium2 import raw

from ingest.readers.drawn import address, bounds
from ingest.readers.page import Page, Ruling, Word, lines
from ingest.readers.shown import Canvas, Hidden

_MOST_OBJECTS = 200_000
_MOST_SEGMENTS = 1_000
_DEEPEST_FORM = 4
_SAMPLE = 200
_HYPHENS = (0x02, 0xFFFE)
"""What pdfium says for a hyphen at a line end, in place of hyphen and line end."""

_LINE_ENDS = (0x0A, 0x0D, *_HYPHENS)
_SOFT_HYPHEN = 0xAD

_FIXED_PITCH = 1
_FORCE_BOLD = 1 << 18
_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_MONO = re.compile(r"mono|courier|consol|typewriter|[a-z]tt\d", re.IGNORECASE)

Place = Callable[[float, float], tuple[float, float]]
"""Turns a point of the file's coordinates into one of the page as it is seen."""


class _Seen(Struct):
    """What a walk over a page's objects found.

    Attributes:
        canvas: What tells which text is seen.
        rulings: Straight lines.
        pictures: Area of the pictures, in square points.
        objects: How many objects were visited.
    """

    canvas: Canvas
    rulings: list[Ruling]
    pictures: float = 0.0
    objects: int = 0


class Drawn(Struct, frozen=True):
    """One page and how its text was come by.

    Attributes:
        page: The page.
        scanned: Its text was recognised by a scanner.
        hid: In how many places it holds text that nobody sees.
    """

    page: Page
    scanned: bool
    hid: int


def draw(
    document: pypdfium2.PdfDocument, number: int, *, keep: bool = False
) -> Drawn | None:
    """Return page `number`, from 1, or None if it is too damaged to be read.

    Args:
        document: The open PDF.
        number: From 1.
        keep: Text that nobody sees stays.
    """
    try:
        page = document[number - 1]
        text = page.get_textpage()
    except pypdfium2.PdfiumError:
        return None
    place, width, height = _placing(page, text)
    seen = _Seen(Canvas(), [])
    _walk(page, seen, place)
    hidden = seen.canvas.hidden(page, text)
    covered = seen.pictures > 0.5 * width * height
    scanned = covered and hidden.is_all(text)
    left_out = Hidden() if scanned or keep else hidden
    rows = list(_rows(text, place, left_out))
    shown = [[w for w in row if keep or _shows(w, width, height)] for row in rows]
    drawn = Page(
        number=number,
        height=height,
        lines=tuple(lines(shown)),
        rulings=tuple(seen.rulings),
    )
    away = sum(not _shows(word, width, height) for row in rows for word in row)
    hid = 0 if scanned else away + hidden.count(text)
    text.close()
    page.close()
    return Drawn(drawn, scanned, hid)


def _placing(
    page: pypdfium2.PdfPage, text: pypdfium2.PdfTextPage
) -> tuple[Place, float, float]:
    """Return how points are placed so that most text is upright, and page sizes."""
    one = page.get_cropbox()
    # A box may be given by any two corners that face each other.
    left, right = sorted(one[::2])
    bottom, top = sorted(one[1::2])
    places: tuple[Place, ...] = (
        lambda x, y: (x - left, y - bottom),
        lambda x, y: (y - bottom, right - x),
        lambda x, y: (right - x, top - y),
        lambda x, y: (top - y, x - left),
    )
    turns = _quarter_turns(text)
    size = (right - left, top - bottom)
    return places[turns], size[turns % 2], size[1 - turns % 2]


def _quarter_turns(text: pypdfium2.PdfTextPage) -> int:
    """Return by how many quarters, against the clock, most of the text is turned."""
    turns = Counter[int]()
    total = raw.FPDFText_CountChars(text)
    for number in range(0, total, total // _SAMPLE + 1):
        matrix = _matrix(raw.FPDFText_GetMatrix, text, number)
        turns[round(math.atan2(matrix.b, matrix.a) / (math.pi / 2)) % 4] += 1
    return turns.most_common(1)[0][0] if turns else 0


def _shows(word: Word, width: float, height: float) -> bool:
    x, y = (word.left + word.right) / 2, (word.bottom + word.top) / 2
    large = word.top - word.bottom >= 1
    return large and 0 <= x <= width and 0 <= y <= height


def _walk(
    holder: pypdfium2.PdfPage | raw.FPDF_PAGEOBJECT,
    seen: _Seen,
    place: Place,
    depth: int = 0,
) -> None:
    """Look at every object of a page, or of a form in it, as pdfium holds them."""
    count, get = (
        (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
        if depth
        else (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
    )
    for number in range(count(holder)):
        seen.objects += 1
        if seen.objects > _MOST_OBJECTS:
            return
        thing = get(holder, number)
        kind = raw.FPDFPageObj_GetType(thing)
        if kind == raw.FPDF_PAGEOBJ_TEXT:
            seen.canvas.text(thing, nested=depth > 0)
            continue
        if kind != raw.FPDF_PAGEOBJ_FORM:
            seen.canvas.cover(thing, kind, nested=depth > 0)
        if kind == raw.FPDF_PAGEOBJ_PATH:
            seen.rulings.extend(_rulings(thing, place))
        elif kind == raw.FPDF_PAGEOBJ_IMAGE:
            seen.pictures += _area(thing)
        elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST_FORM:
            moved = _through(_matrix(raw.FPDFPageObj_GetMatrix, thing), place)
            _walk(thing, seen, moved, depth + 1)


def _area(picture: raw.FPDF_PAGEOBJECT) -> float:
    left, bottom, right, top = bounds(picture)
    return (right - left) * (top - bottom)


def _matrix(get: Callable[..., object], *of: object) -> raw.FS_MATRIX:
    matrix = raw.FS_MATRIX(1, 0, 0, 1, 0, 0)
    get(*of, matrix)
    return matrix


def _through(matrix: raw.FS_MATRIX, place: Place) -> Place:
    a, b, c, d, e, f = (getattr(matrix, name) for name in "abcdef")
    return lambda x, y: place(a * x + c * y + e, b * x + d * y + f)


def _rulings(path: raw.FPDF_PAGEOBJECT, place: Place) -> Iterator[Ruling]:
    """Yield the lines of a path that run straight across or down."""
    count = raw.FPDFPath_CountSegments(path)
    if not 1 < count <= _MOST_SEGMENTS:
        return
    moved = _through(_matrix(raw.FPDFPageObj_GetMatrix, path), place)
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = (0.0, 0.0)
    for number in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, number)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = moved(x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == raw.FPDF_SEGMENT_LINETO:
            yield from _ruling(last, point)
        if raw.FPDFPathSegment_GetClose(segment):
            yield from _ruling(point, first)
        last = point


def _ruling(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Ruling]:
    wide, high = abs(one[0] - other[0]), abs(one[1] - other[1])
    if high < 1 <= wide:
        start, end = sorted((one[0], other[0]))
        yield Ruling(upright=False, at=one[1], start=start, end=end)
    elif wide < 1 <= high:
        start, end = sorted((one[1], other[1]))
        yield Ruling(upright=True, at=one[0], start=start, end=end)


def _rows(
    text: pypdfium2.PdfTextPage, place: Place, hidden: Hidden
) -> Iterator[list[Word]]:
    """Yield the words of each line as pdfium tells them apart."""
    fonts: dict[int, tuple[float, bool, bool]] = {}
    row: list[Word] = []
    start, codes = 0, list[int]()
    total = raw.FPDFText_CountChars(text)
    for number in range(total + 1):
        code = raw.FPDFText_GetUnicode(text, number) if number < total else 0x0A
        if code == 0 or (hidden and hidden.has(text, number)):
            continue
        if not chr(code).isspace() and code not in _HYPHENS:
            start = start if codes else number
            codes.append(code)
            continue
        if codes:
            codes += [_SOFT_HYPHEN] * (code in _HYPHENS)
            row.append(_word(text, start, number - 1, codes, place, fonts))
            codes = []
        if code in _LINE_ENDS and row:
            yield row
            row = []


def _object(text: pypdfium2.PdfTextPage, number: int) -> int:
    return address(raw.FPDFText_GetTextObject(text, number))


def _word(
    text: pypdfium2.PdfTextPage,
    start: int,
    end: int,
    codes: list[int],
    place: Place,
    fonts: dict[int, tuple[float, bool, bool]],
) -> Word:
    thing = _object(text, start)
    if thing not in fonts:
        fonts[thing] = _font(text, start)
    size, bold, mono = fonts[thing]
    one, other = raw.FS_RECTF(), raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, start, one)
    raw.FPDFText_GetLooseCharBox(text, end, other)
    left, bottom = place(min(one.left, other.left), min(one.bottom, other.bottom))
    right, top = place(max(one.right, other.right), max(one.top, other.top))
    # pdfium counts in UTF-16, so a character beyond the first plane is two codes.
    characters = "".join(map(chr, codes)).encode("utf-16-le", "surrogatepass")
    return Word(
        characters.decode("utf-16-le", "replace"),
        min(left, right),
        min(bottom, top),
        max(left, right),
        max(bottom, top),
        size,
        bold,
        mono,
    )


def _font(text: pypdfium2.PdfTextPage, number: int) -> tuple[float, bool, bool]:
    """Return size in points, boldness and equal width of a character's font."""
    flags = ctypes.c_int()
    name = ctypes.create_string_buffer(128)
    raw.FPDFText_GetFontInfo(text, number, name, 128, flags)
    label = name.value.decode("utf-8", errors="replace")
    matrix = _matrix(raw.FPDFText_GetMatrix, text, number)
    size = raw.FPDFText_GetFontSize(text, number) * abs(complex(matrix.c, matrix.d))
    bold = bool(flags.value & _FORCE_BOLD) or _BOLD.search(label) is not None
    mono = bool(flags.value & _FIXED_PITCH) or _MONO.search(label) is not None
    return size or 1.0, bold, mono
