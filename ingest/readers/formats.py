"""Tells a file's media type from its content and its name. Pure."""

import json
import re
from pathlib import PurePosixPath

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_DOCX = f"{_OPEN_XML}.wordprocessingml.document"
_PPTX = f"{_OPEN_XML}.presentationml.presentation"
_XLSX = f"{_OPEN_XML}.spreadsheetml.sheet"
_ODT = "application/vnd.oasis.opendocument.text"
_EPUB = "application/epub+zip"
_MSG = "application/vnd.ms-outlook"
_PDF = "application/pdf"
_RTF = "text/rtf"
_HTML = "text/html"
_MAIL = "message/rfc822"
_JSON = "application/json"
_TEXT = "text/plain"

NAMES = {
    _DOCX: "Word",
    _PPTX: "PowerPoint",
    _XLSX: "Excel",
    _ODT: "OpenDocument text",
    _EPUB: "EPUB",
    _MSG: "Outlook mail",
    _PDF: "PDF",
    _RTF: "RTF",
    _HTML: "HTML",
    _MAIL: "mail",
    _JSON: "JSON",
    _TEXT: "plain text",
    "text/markdown": "Markdown",
    "text/x-rst": "reStructuredText",
    "text/x-org": "Org",
    "text/csv": "CSV",
    "text/tab-separated-values": "TSV",
}
"""What people call each type that is read."""

OFFICE = frozenset({_DOCX, _PPTX, _XLSX, _ODT, _EPUB, _RTF, _MSG, "text/x-org"})
"""Types that the office reader takes."""

_EXTENSIONS = {
    **dict.fromkeys((".md", ".markdown", ".mdx"), "text/markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), _HTML),
    **dict.fromkeys((".txt", ".text", ".log"), _TEXT),
    **dict.fromkeys((".json", ".jsonl", ".ndjson"), _JSON),
    ".rst": "text/x-rst",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".pdf": _PDF,
    ".docx": _DOCX,
    ".pptx": _PPTX,
    ".xlsx": _XLSX,
    ".odt": _ODT,
    ".epub": _EPUB,
    ".rtf": _RTF,
    ".org": "text/x-org",
    ".eml": _MAIL,
    ".msg": _MSG,
}
ENDINGS = tuple(sorted(_EXTENSIONS))
"""What the names of files end in that are read, in small letters."""

_ZIPPED = frozenset({_DOCX, _PPTX, _XLSX, _ODT, _EPUB})
_MEMBERS = {b"word/document": _DOCX, b"ppt/presentation": _PPTX, b"xl/workbook": _XLSX}
_KINDS = {b"mimetypeapplication/epub+zip": _EPUB, b"mimetype" + _ODT.encode(): _ODT}
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MESSAGE_PART = "__substg1.0_".encode("utf-16-le")
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*+(?:<\?xml[^>]{0,200}>\s*+)?(?:<!--.{0,2000}?-->\s*+)?"
    rb"<(?:!doctype\s+html|html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_FIELD = re.compile(
    rb"^(?:from|to|subject|date|received|return-path|message-id|mime-version"
    rb"|delivered-to|reply-to|cc):[ \t]",
    re.IGNORECASE | re.MULTILINE,
)
# Control characters that no text holds; a few bytes of them are forgiven.
_BINARY = bytes(set(range(32)) - set(b"\t\n\v\f\r\b\x1b"))
_LOOKED_AT = 64 * 1024


def media_type_of(name: str, head: bytes, tail: bytes = b"") -> str | None:
    """Tell what a file is, by its content first and then by its name.

    Args:
        name: The file's name or path.
        head: Its first 64 KB, or all of it.
        tail: Its last 64 KB, where a zip archive lists its members; may be empty.

    Returns:
        A media type that `read` takes, or None if it is none of them. A file
        whose name promises a type that its content does not deny is taken at its
        word; reading it will tell.
    """
    named = media_type_by_name(name)
    found = _by_content(head, tail, named)
    if found:
        return found
    if named or PurePosixPath(name).suffix:
        return named
    return _unnamed(head)


def media_type_by_name(name: str) -> str | None:
    """Return the type that a file's extension promises, or None."""
    return _EXTENSIONS.get(PurePosixPath(name).suffix.lower())


def _by_content(head: bytes, tail: bytes, named: str | None) -> str | None:
    """Return the type that a file's content proves, whatever its name."""
    if head.lstrip()[:5] == b"%PDF-":
        return _PDF
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head, tail, named)
    if head.startswith(_COMPOUND):
        both = head + tail
        return _MSG if _MESSAGE_PART in both else named if named in OFFICE else None
    if head.startswith(b"{\\rtf"):
        return _RTF
    # A message may begin with anything; its name is the better witness.
    if named != _MAIL and _PAGE.match(head):
        return _HTML
    return None


def _zipped(head: bytes, tail: bytes, named: str | None) -> str | None:
    for mark, media_type in _KINDS.items():
        if head.find(mark, 30, 300) == 30:
            return media_type
    for member, media_type in _MEMBERS.items():
        if member in tail or member in head:
            return media_type
    return named if named in _ZIPPED else None


def _unnamed(head: bytes) -> str | None:
    """Return the type of a file without an extension, if it is text."""
    sample = head[:_LOOKED_AT]
    controls = len(sample) - len(sample.translate(None, _BINARY))
    wide = sample.startswith((b"\xff\xfe", b"\xfe\xff"))
    if (
        not sample
        or sample.startswith(b"#!")
        or (controls * 50 > len(sample) and not wide)
    ):
        return None
    if len(_FIELD.findall(sample[:4096].partition(b"\n\n")[0])) >= 2:
        return _MAIL
    return _JSON if _is_json(head) else _TEXT


def _is_json(data: bytes) -> bool:
    if data.lstrip()[:1] not in (b"{", b"["):
        return False
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        # What was handed over may be only the beginning.
        return error.pos >= len(error.doc) - 1
    except (ValueError, RecursionError):
        return False
    return True
