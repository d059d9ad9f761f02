"""Reads PDF files: the text layer, put back into paragraphs, lists and tables.

pdfium reads a page in a few milliseconds; unstructured takes fifty times as long,
needs torch for it, and says nothing when a file is protected or damaged.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.readers import headings, layout
from ingest.readers.drawing import Drawn
from ingest.readers.grid import tables_out
from ingest.readers.headings import Headings, Items
from ingest.readers.joining import join_elements
from ingest.readers.margins import Body, without_margins
from ingest.readers.page import Line, Page, Table
from ingest.readers.pdfium import Pdf, open_pdf

MOST_PAGES = 5_000

_NO_TITLE = re.compile(
    r"untitled|title|document\d*|microsoft \w+ - .*|.*\.(?:docx?|pdf|pptx?|tex|indd|odt)",
    re.IGNORECASE,
)


def read_pdf(name: str, data: bytes, *, keep: bool = False) -> Reading:
    """Read a PDF's text layer.

    Headings come from the outline, or from larger and bolder lines if there is
    none. Running headers, footers, page numbers and text that nobody sees are left
    out. Pages count from 1.

    Args:
        name: The document's path, for errors.
        data: The file.
        keep: Text that nobody sees stays.

    Raises:
        ReadError: It is damaged, protected, a scan without text, or longer than
            `MOST_PAGES`.
    """
    with open_pdf(name, data) as pdf:
        if len(pdf) > MOST_PAGES:
            reason = f"it has {len(pdf):,} pages, more than {MOST_PAGES:,}; split it"
            raise ReadError(name, reason)
        drawn = {
            number: pdf.draw(number, keep=keep) for number in range(1, len(pdf) + 1)
        }
        return _reading(name, pdf, drawn)


def _reading(name: str, pdf: Pdf, drawn: Mapping[int, Drawn | None]) -> Reading:
    pages = [found.page for found in drawn.values() if found]
    if not any(page.lines for page in pages):
        raise ReadError(name, _why_empty(drawn))
    items = without_margins([_body(page) for page in pages])
    outline = pdf.outline()
    found = (
        headings.by_outline(outline, items)
        if len(outline) > 1
        else headings.by_size(items)
    )
    text, elements = join_elements(_elements(pages, items, found))
    if not elements:
        raise ReadError(name, _why_empty(drawn))
    return Reading(
        text=text,
        elements=elements,
        title=_title(pdf.title, items.get(1, ()), elements),
        language=_language(pdf.language),
        warnings=tuple(_warnings(drawn)),
        hidden={"invisible_texts": sum(found.hid for found in drawn.values() if found)},
    )


def _body(page: Page) -> Body:
    return Body(page.number, page.height, tuple(tables_out(page.lines, page.rulings)))


def _why_empty(drawn: Mapping[int, Drawn | None]) -> str:
    if not drawn or not any(drawn.values()):
        return "the PDF has no readable page; export it again"
    if any(found.hid for found in drawn.values() if found):
        return "all text of the PDF is invisible; export it again"
    return (
        "the PDF has no text layer, as of a scan; run text recognition (OCR) over it "
        "and save it again"
    )


def _elements(
    pages: list[Page], items: Mapping[int, Items], found: Headings
) -> list[Element]:
    """Return the elements of all pages; a sentence cut by a page end is whole."""
    leading = layout.leading([line for page in pages for line in page.lines])
    path: list[tuple[int, str]] = []
    elements: list[Element] = []
    for page in pages:
        for element in _on_page(page.number, items[page.number], found, path, leading):
            if elements and _goes_on(elements[-1], element):
                whole = layout.join_lines(elements[-1].text, element.text)
                elements[-1] = msgspec.structs.replace(elements[-1], text=whole)
            else:
                elements.append(element)
    return elements


def _on_page(
    number: int,
    items: Items,
    found: Headings,
    path: list[tuple[int, str]],
    leading: float,
) -> Iterator[Element]:
    """Yield a page's elements, and keep `path`, levels with titles, up to date."""
    waiting: list[Line] = []
    taken = 0
    for position in range(len(items) + 1):
        for heading in found.get((number, position), ()):
            yield from _blocks(waiting, path, number, leading)
            waiting = []
            while path and path[-1][0] >= heading.level:
                path.pop()
            path.append((heading.level, heading.title))
            if heading.lines:
                taken = position + heading.lines
                yield Element(
                    kind="title",
                    text=heading.title,
                    heading_path=_titles(path),
                    page=number,
                )
        item = items[position] if taken <= position < len(items) else None
        if isinstance(item, Line):
            waiting.append(item)
        elif isinstance(item, Table):
            yield from _blocks(waiting, path, number, leading)
            waiting = []
            yield _table(item, path, number)
    yield from _blocks(waiting, path, number, leading)


def _blocks(
    waiting: list[Line], path: list[tuple[int, str]], number: int, leading: float
) -> Iterator[Element]:
    for block in layout.blocks(waiting, leading=leading):
        yield Element(
            kind=block.kind,
            text=block.text,
            heading_path=_titles(path),
            page=number,
        )


def _table(table: Table, path: list[tuple[int, str]], number: int) -> Element:
    return Element(
        kind="table",
        text=table.text,
        heading_path=_titles(path),
        page=number,
        header_rows=1,
    )


def _titles(path: list[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(title for _, title in path)


def _goes_on(above: Element, below: Element) -> bool:
    return (
        above.kind in {"text", "list"}
        and below.kind == "text"
        and above.page != below.page
        and above.heading_path == below.heading_path
        and not above.text.endswith((".", "!", "?", ":", "。"))
        and below.text[:1].islower()
    )


def _title(given: str, first: Items, elements: tuple[Element, ...]) -> str:
    if given and not _NO_TITLE.fullmatch(given):
        return given
    titles = (element.text for element in elements if element.kind == "title")
    return headings.cover(first) or next(titles, "")


def _language(given: str) -> str:
    code = re.split("[-_]", given, maxsplit=1)[0].lower()
    return code if len(code) == 2 and code.isalpha() else ""


def _warnings(drawn: Mapping[int, Drawn | None]) -> Iterator[str]:
    kinds = (
        ("damaged and left out", [n for n, found in drawn.items() if not found]),
        (
            "without text, perhaps scanned",
            [n for n, f in drawn.items() if f and not f.page.lines and not f.hid],
        ),
        ("with text that nobody sees, which was left out", _those(drawn, "hid")),
        ("read by a scanner, so words may be wrong", _those(drawn, "scanned")),
    )
    for what, numbers in kinds:
        if numbers:
            shown = ", ".join(map(str, numbers[:10])) + ("…" if numbers[10:] else "")
            yield f"page{'s' if numbers[1:] else ''} {shown} {what}"


def _those(drawn: Mapping[int, Drawn | None], field: str) -> list[int]:
    return [number for number, f in drawn.items() if f and getattr(f, field)]
