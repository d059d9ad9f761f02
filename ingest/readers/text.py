"""Reads plain text, and decodes the bytes of every other text format."""

import re
from collections.abc import Iterator
from itertools import pairwise

from charset_normalizer import from_bytes

from ingest.documents import Element, ElementKind, Reading
from ingest.errors import ReadError
from ingest.language import detect

_SAMPLE = 64 * 1024
# Longer marks first: UTF-32's begins with UTF-16's.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
# Everything below a space except tab, line ends, form feed, backspace and escape.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\r\f\b\x1b")) + b"\x7f"
_MOST_CONTROLS = 0.08
_MOST_DAMAGE = 0.1
_WESTERN_SHARE = 0.08
_WESTERN_MOST = 0.3
_FEW = 4
_FEWEST_LETTERS = 4
_MOST_LETTERS = 80
_SIGNS = "‘’‚“”„…–—•€™©®°«»§·\u00a0\u00adŒœŠšŽžŸ"
_MORE_SIGNS = "¡¿ªº²³£±½"
# Languages whose accents are all in Windows-1252, and that use them often.
_WESTERN = frozenset({
    "ca", "da", "de", "es", "fi", "fo", "fr", "ga", "gl", "is", "it", "nb", "nl",
    "nn", "no", "pt", "sv",
})  # fmt: skip
_LINE_END = re.compile(r"\r\n?|\n")
_BULLET = re.compile(r"[ \t]*(?:[-*+•‣–]|\(?[0-9]{1,3}[.)])[ \t]+\S")
_UNDERLINE = re.compile(r"(={3,}|-{3,}|~{3,})[ \t]*")


def decode(name: str, data: bytes, declared: str = "") -> tuple[str, tuple[str, ...]]:
    """Turn a text file's bytes into text.

    Tried in this order: the byte order mark, UTF-8, UTF-16 without a mark, what
    the file `declared`, and a guess from 64 KB around its first byte above ASCII.

    Args:
        name: The file, for messages.
        data: Its bytes.
        declared: Name of the encoding the file claims, or "".

    Returns:
        The text without byte order mark and NULs, every line end a line feed, as
        Python reads a file, and warnings about what was guessed or damaged.

    Raises:
        ReadError: The bytes are not text.
    """
    text, warnings = _decoded(name, data, declared)
    return text.replace("\r\n", "\n").replace("\r", "\n"), warnings


def _decoded(name: str, data: bytes, declared: str) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _forgiving(data[len(mark) :], encoding)
    sample = data[:_SAMPLE]
    if _controls(sample) > _MOST_CONTROLS:
        text = _wide(data)
        if text is None:
            raise ReadError(name, "binary data, not text: its name may be wrong")
        return text.replace("\0", ""), ("read as UTF-16 without a mark",)
    if b"\x1b$" in sample:
        declared = declared or "iso2022_jp"
    elif (text := _strict(data, "utf-8")) is not None:
        return text.replace("\0", ""), ()
    return _guess(name, data, declared)


def read_text(name: str, data: bytes) -> Reading:
    """Read plain text: blocks between blank lines, underlined lines as titles.

    Raises:
        ReadError: The bytes are not text.
    """
    text, warnings = decode(name, data)
    elements: list[Element] = []
    path: tuple[str, ...] = ()
    for start, end, kind, level in _blocks(text):
        if kind == "title":
            path = (*path[: level - 1], text[start:end].splitlines()[0].strip())
        elements.append(
            Element(
                kind=kind,
                text=text[start:end],
                heading_path=path,
                start=start,
                end=end,
            )
        )
    titles = (e.heading_path[-1] for e in elements if e.kind == "title")
    return Reading(
        text=text,
        elements=tuple(elements),
        verbatim=True,
        title=next(titles, ""),
        warnings=warnings,
    )


def line_starts(text: str) -> list[int]:
    """Return where each line of `text` starts, and its length as the last entry.

    Lines end with a line feed, a carriage return, or both in this order.
    """
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return starts if starts[-1] == len(text) else [*starts, len(text)]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without blank lines before it and white space after it.

    The indent of its first line stays, for it means something in lists and code.
    """
    piece = text[start:end]
    lead = len(piece) - len(piece.lstrip())
    if lead == len(piece):
        return start, start
    line = max(piece.rfind("\n", 0, lead), piece.rfind("\r", 0, lead)) + 1
    return start + line, start + len(piece.rstrip())


def _blocks(text: str) -> Iterator[tuple[int, int, ElementKind, int]]:
    """Yield (start, end, kind, heading level) of each block of plain text."""
    starts = line_starts(text)
    lines = [text[a:b] for a, b in pairwise(starts)]
    first = 0
    while first < len(lines):
        if not lines[first].strip():
            first += 1
            continue
        level, taken = _heading(lines, first)
        last = first + (taken or 1)
        while not level and last < len(lines) and lines[last].strip():
            last += 1
        start, end = trimmed(text, starts[first], starts[last])
        yield start, end, _kind(lines[first:last], level), level
        first = last


def _heading(lines: list[str], first: int) -> tuple[int, int]:
    """Return the level of the heading that begins at a line, and its lines, or zeros.

    Headings are underlined, or one line in capitals; of these the first line of
    the text is above the others.
    """
    title = lines[first].strip()
    following = lines[first + 1].strip() if first + 1 < len(lines) else ""
    rule = _UNDERLINE.fullmatch(following)
    if rule and len(rule[1]) >= len(title) / 2 and any(map(str.isalnum, title)):
        return "=-~".index(rule[1][0]) + 1, 2
    if _in_capitals(title) and not _in_capitals(following):
        return (2 if any(line.strip() for line in lines[:first]) else 1), 1
    return 0, 0


def _in_capitals(line: str) -> bool:
    """Tell whether a line is written like a heading in capitals."""
    if not line.isupper():
        return False
    letters = sum(map(str.isalpha, line))
    return (
        _FEWEST_LETTERS <= letters <= _MOST_LETTERS
        and letters > len(line) / 2
        and line[-1] not in ".,;!"
    )


def _kind(lines: list[str], level: int) -> ElementKind:
    if level:
        return "title"
    return "list" if _BULLET.match(lines[0]) else "text"


def _controls(data: bytes) -> float:
    """Return the share of control characters among the bytes, in [0, 1]."""
    return (len(data) - len(data.translate(None, _CONTROLS))) / max(len(data), 1)


def _strict(data: bytes, encoding: str) -> str | None:
    """Return the text, or None if it is not in this encoding."""
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _wide(data: bytes) -> str | None:
    """Return text in UTF-16 that has no mark, or None if it is not that."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = _strict(data, encoding)
        if text is not None:
            sample = text[: _SAMPLE // 2]
            odd = sum(not (c.isprintable() or c in "\t\r\n\f") for c in sample)
            # Swapped bytes make signs of scripts that real text seldom mixes.
            common = sum(c.isascii() for c in sample)
            if odd <= len(sample) * 0.01 and common:
                return text
    return None


def _forgiving(data: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    text = data.decode(encoding, errors="replace").replace("\0", "")
    if (bad := text.count("\ufffd")) and _strict(data, encoding) is None:
        return text, (f"{bad} characters are damaged and were replaced",)
    return text, ()


def _guess(name: str, data: bytes, declared: str) -> tuple[str, tuple[str, ...]]:
    """Decode bytes that are not valid UTF-8."""
    if declared and (text := _strict(data, declared)) is not None:
        return text.replace("\0", ""), ()
    text, warnings = _forgiving(data, "utf-8")
    bad = text.count("\ufffd")
    # A few broken bytes in UTF-8 make every other guess worse.
    if bad <= _MOST_DAMAGE * sum(not c.isascii() for c in text):
        return text, warnings
    encoding = _likely(_telling(data))
    if not encoding:
        raise ReadError(name, "binary data, or text in an unknown encoding")
    text = data.decode(encoding, errors="replace").replace("\0", "")
    return text, (f"read as {encoding}, which was guessed; save it as UTF-8",)


def _likely(sample: bytes) -> str:
    """Return the encoding that fits the sample best, or ""."""
    western = _strict(sample, "cp1252")
    if western is not None:
        high = [c for c in western if not c.isascii()]
        other = {c for c in high if not ("À" <= c <= "ÿ" or c in _SIGNS)}
        # Mostly ASCII with accents and curly quotes: too little to guess from.
        few = len(high) <= max(_WESTERN_SHARE * len(western), _FEW)
        if few and not other:
            return "cp1252"
        # The letters without accents tell the language, and that the code page:
        # its neighbours read as plausible letters too.
        mostly_ascii = len(high) <= _WESTERN_MOST * len(western)
        if mostly_ascii and other <= set(_MORE_SIGNS) and detect(western) in _WESTERN:
            return "cp1252"
    best = from_bytes(sample).best()
    return best.encoding if best else ""


def _telling(data: bytes) -> bytes:
    """Return up to 64 KB around the first byte above ASCII."""
    high = re.search(rb"[\x80-\xff\x1b]", data)
    start = max(high.start() - 1024, 0) if high else 0
    return data[start : start + _SAMPLE]
