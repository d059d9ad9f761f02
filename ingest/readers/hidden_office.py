"""Writes office files anew without what nobody sees in them."""

import io
import posixpath
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from html import unescape

from ingest.hidden import HiddenKind
from ingest.readers.hidden_odt import shown_odt
from ingest.readers.hidden_rtf import shown_rtf
from ingest.readers.hidden_slides import shown_slides
from ingest.readers.hidden_word import shown_word
from ingest.readers.hiding import hidden_spans

_Parts = Mapping[str, bytes]
_Shown = tuple[dict[str, bytes], dict[HiddenKind, int]]

_PARTS = {
    "docx": re.compile(r"word/(?:document|styles|footnotes|endnotes)\.xml"),
    "pptx": re.compile(
        r"ppt/presentation\.xml|ppt/slide(?:s|Layouts|Masters)/slide\w+\.xml"
    ),
    "odt": re.compile(r"(?:content|styles)\.xml"),
    "epub": re.compile(r".*\.(?:x?html?|css)", re.IGNORECASE),
}
"""What has to be looked into, by format."""

_PAGE = re.compile(r".*\.x?html?", re.IGNORECASE)
_ORG_LINE = re.compile(
    rb"^[ \t]*#\+(?:html|latex|ascii):[^\n]*", re.IGNORECASE | re.MULTILINE
)
_ORG_BLOCK = re.compile(
    rb"^[ \t]*#\+begin_export\b(?:(?!^[ \t]*#\+end_export).)*^[ \t]*#\+end_export[^\n]*",
    re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


def without_hidden_text(
    data: bytes, format_: str, archive: zipfile.ZipFile | None, *, keep: bool
) -> tuple[bytes, dict[HiddenKind, int]]:
    """Return an office file without its hidden text, and how much that was.

    Args:
        data: The file.
        format_: Its format, such as ``docx``.
        archive: The file as an archive, if its format is one.
        keep: Hidden text stays, and is counted.

    Raises:
        lxml.etree.XMLSyntaxError: A part is not well-formed.
    """
    shown, hidden = _shown(data, format_, archive)
    if not keep:
        return shown, hidden
    if archive is not None and format_ == "docx":
        changed, _ = shown_word(_parts(archive, format_), keep=True)
        data = _with_parts(archive, changed) if changed else data
    return data, hidden


def _shown(
    data: bytes, format_: str, archive: zipfile.ZipFile | None
) -> tuple[bytes, dict[HiddenKind, int]]:
    if format_ == "rtf":
        shown, runs = shown_rtf(data)
        return (shown, {"styled_parts": runs}) if runs else (data, {})
    if format_ == "org":
        return _without_exports(data)
    if archive is None or format_ not in _PARTS:
        return data, {}
    changed, hidden = _SHOWN[format_](_parts(archive, format_))
    return (_with_parts(archive, changed) if changed else data), hidden


def _parts(archive: zipfile.ZipFile, format_: str) -> _Parts:
    names = filter(_PARTS[format_].fullmatch, archive.namelist())
    return {name: archive.read(name) for name in names}


def _without_exports(data: bytes) -> tuple[bytes, dict[HiddenKind, int]]:
    """Return Org text without what it says only to another format."""
    data, blocks = _ORG_BLOCK.subn(b"", data)
    data, lines = _ORG_LINE.subn(b"", data)
    return data, {"comments": blocks + lines} if blocks + lines else {}


def _shown_book(parts: _Parts) -> _Shown:
    """Return the pages of an e-book that change, without what they hide."""
    sheets = {
        name: data.decode("utf-8", "replace")
        for name, data in parts.items()
        if name.lower().endswith(".css")
    }
    hidden = Counter[HiddenKind]()
    changed = {}
    for name, data in parts.items():
        if not _PAGE.fullmatch(name):
            continue
        page = data.decode("utf-8", "replace")
        linked = [sheets[link] for link in _linked(name, page) if link in sheets]
        shown, place = list[str](), 0
        for start, end, reason in hidden_spans(page, linked, xml=True):
            if reason and not page.startswith(("<title", "<TITLE"), start):
                shown.append(page[place:start])
                place = end
                hidden["styled_parts"] += reason == "style"
                hidden["unshown_alternatives"] += reason != "style"
        if shown:
            changed[name] = "".join([*shown, page[place:]]).encode()
    return changed, {kind: count for kind, count in hidden.items() if count}


def _linked(name: str, page: str) -> list[str]:
    """Return the parts of the archive that a page links to as its style sheets."""
    folder = posixpath.dirname(name)
    tags = re.findall(r"<link\b[^>]{0,500}", page, re.IGNORECASE)
    found = (re.search(r"href\s*=\s*[\"']([^\"']+)", tag) for tag in tags)
    return [
        posixpath.normpath(posixpath.join(folder, unescape(link[1])))
        for link in found
        if link
    ]


def _with_parts(archive: zipfile.ZipFile, changed: _Parts) -> bytes:
    """Return an archive with some of its parts replaced."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as copy:
        for entry in archive.infolist():
            content = changed.get(entry.filename)
            data = archive.read(entry) if content is None else content
            # An e-book's and an OpenDocument's type must be stored as it is.
            stored = zipfile.ZIP_STORED if entry.filename == "mimetype" else None
            copy.writestr(entry.filename, data, stored)
    return written.getvalue()


_SHOWN: dict[str, Callable[[_Parts], _Shown]] = {
    "docx": partial(shown_word, keep=False),
    "pptx": shown_slides,
    "odt": shown_odt,
    "epub": _shown_book,
}
