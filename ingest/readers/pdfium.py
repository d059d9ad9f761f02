"""The door of pdfium: an open PDF, its outline and what it says of itself."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
from pypdfium2 import raw

from ingest.errors import ReadError
from ingest.readers.drawing import Drawn, draw
from ingest.readers.headings import Entry

_MOST_ENTRIES = 10_000
_REASONS = {
    raw.FPDF_ERR_PASSWORD: "the PDF is password-protected; save it without a password",
    raw.FPDF_ERR_SECURITY: "the PDF is protected in a way that cannot be opened; save "
    "it without protection",
    raw.FPDF_ERR_FORMAT: "the PDF is damaged or incomplete; export it again",
    raw.FPDF_ERR_FILE: "the PDF is damaged or incomplete; export it again",
}


class Pdf:
    """An open PDF; use `open_pdf`."""

    def __init__(self, document: pypdfium2.PdfDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    @property
    def title(self) -> str:
        """The title in the file's properties, or ""."""
        return _plain(self._document.get_metadata_value("Title"))

    @property
    def language(self) -> str:
        """The language that the file declares, such as ``en-GB``, or ""."""
        size = raw.FPDFCatalog_GetLanguage(self._document, None, 0)
        buffer = (ctypes.c_ushort * (size // 2 + 1))()
        raw.FPDFCatalog_GetLanguage(self._document, buffer, size)
        return _plain(bytes(buffer).decode("utf-16-le", errors="ignore"))

    def outline(self) -> list[Entry]:
        """Return the outline's entries that say something and point at a page."""
        entries: list[Entry] = []
        for entry in self._document.get_toc():
            if len(entries) == _MOST_ENTRIES:
                break
            title, target = _plain(entry.get_title()), entry.get_dest()
            index = target.get_index() if target else None
            if title and index is not None:
                mode, view = target.get_view()
                at = view[1] if mode == raw.PDFDEST_VIEW_XYZ and len(view) > 1 else None
                entries.append(Entry(entry.level, title, index + 1, at))
        return entries

    def draw(self, number: int, *, keep: bool = False) -> Drawn | None:
        """Return page `number`, from 1, or None if it is too damaged to be read.

        Text that nobody sees is left out unless it is to be kept.
        """
        return draw(self._document, number, keep=keep)


@contextmanager
def open_pdf(name: str, data: bytes) -> Iterator[Pdf]:
    """Open the PDF in `data`.

    Raises:
        ReadError: It is damaged, protected, or no PDF.
    """
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        reason = _REASONS.get(
            error.err_code, "the PDF cannot be opened; export it again"
        )
        raise ReadError(name, reason) from error
    try:
        yield Pdf(document)
    finally:
        document.close()


def _plain(text: str) -> str:
    return " ".join(text.replace("\0", "").split())
