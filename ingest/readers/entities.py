"""Finds XML that declares entities, in whatever encoding it hides them. Pure.

Entities are how XML grows without end and reaches for other files; no document
needs them. Our parsers follow none: this says so to a person instead of leaving
holes in a text.
"""

import re

from ingest.errors import ReadError

_DECLARATION = b"<!ENTITY"
_ENCODING = re.compile(
    rb"<\?xml[^>]{0,200}?\bencoding\s{0,20}=\s{0,20}[\"']([^\"']{0,60})"
)
# Encodings in which a declaration is written as in ASCII, or that are looked for.
_KNOWN = re.compile(
    rb"utf-?(?:8|16)(?:[lb]e)?|(?:us-)?ascii|iso-?8859-?\d{1,2}|latin-?\d{1,2}"
    rb"|(?:windows-|cp)125\d|cp(?:437|85\d|866|874|932|936|949|950)|shift[_-]jis"
    rb"|euc-(?:jp|kr|tw|cn)|gb2312|gbk|gb18030|big5(?:-hkscs)?|koi8-[ru]|macintosh"
)
# "<?xm" in EBCDIC, and "<" in four bytes.
_ODD_BEGINNINGS = (b"\x4c\x6f\xa7\x94", b"\0\0\0<", b"<\0\0\0", b"\xff\xfe\0\0")
_REASON = "it declares XML entities, which is not allowed"


class EntityWatch:
    """Looks at one part of a document, piece by piece."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._before = b""
        self._begun = False

    def look(self, piece: bytes) -> None:
        """Look at the next piece.

        Raises:
            ReadError: It declares an entity, or is XML in an encoding that only
                somebody who hides one would choose.
        """
        if not self._begun and (odd := _odd_encoding(piece[:512])):
            raise ReadError(self._name, f"a part is written in {odd}; save it as UTF-8")
        # Without NULs, what is written in two or four bytes looks like ASCII; and a
        # declaration may lie across the end of a piece.
        seen = self._before + piece.translate(None, b"\0")
        if _DECLARATION in seen:
            raise ReadError(self._name, _REASON)
        self._before = seen[-len(_DECLARATION) :]
        self._begun = True


def _odd_encoding(head: bytes) -> str:
    """Return what odd encoding a part that is XML is written in, or ""."""
    if head.startswith(_ODD_BEGINNINGS):
        return "an encoding that no office program writes"
    declared = _ENCODING.match(head.removeprefix(b"\xef\xbb\xbf"))
    if declared and not _KNOWN.fullmatch(declared[1].lower()):
        return declared[1].decode("ascii", "replace") or "no encoding"
    return ""
