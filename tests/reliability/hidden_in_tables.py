"""Ways to hide text in workbooks and slides."""

from collections.abc import Callable
from typing import Any

import openpyxl  # type: ignore[import-untyped]  # its stubs are not installed
import pptx
from openpyxl.comments import Comment  # type: ignore[import-untyped]
from openpyxl.styles import Font, PatternFill  # type: ignore[import-untyped]
from pptx.dml.color import RGBColor
from pptx.util import Inches, Pt

from tests.ingest.made_files import saved
from tests.reliability.hidden_text import Carrier, Make

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def _deck(change: Callable[[Any, Any, str], None]) -> Make:
    def make(order: str, shown: str) -> bytes:
        deck = pptx.Presentation()
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = "Hub"
        slide.placeholders[1].text = shown
        change(deck, slide, order)
        return saved(deck)

    return make


def _notes(_deck: Any, slide: Any, order: str) -> None:
    slide.notes_slide.notes_text_frame.text = order


def _hidden_slide(deck: Any, _slide: Any, order: str) -> None:
    more = deck.slides.add_slide(deck.slide_layouts[1])
    more.shapes.title.text = order
    more.element.set("show", "0")


def _box(slide: Any, order: str, left: Any = None) -> Any:
    box = slide.shapes.add_textbox(
        Inches(1) if left is None else left, Inches(4), Inches(3), Inches(1)
    )
    box.text_frame.text = order
    return box


def _off_slide(_deck: Any, slide: Any, order: str) -> None:
    _box(slide, order, Inches(-20))


def _hidden_shape(_deck: Any, slide: Any, order: str) -> None:
    _box(slide, order)._element.nvSpPr.cNvPr.set("hidden", "1")


def _white(_deck: Any, slide: Any, order: str) -> None:
    run = _box(slide, order).text_frame.paragraphs[0].runs[0]
    run.font.color.rgb = RGBColor.from_string("FFFFFF")  # type: ignore[no-untyped-call]


def _tiny(_deck: Any, slide: Any, order: str) -> None:
    _box(slide, order).text_frame.paragraphs[0].runs[0].font.size = Pt(1)


def _described(_deck: Any, slide: Any, order: str) -> None:
    box = _box(slide, "Kept.")
    box._element.nvSpPr.cNvPr.set("descr", order)
    box._element.nvSpPr.cNvPr.set("title", order)


def _transparent(_deck: Any, slide: Any, order: str) -> None:
    run = _box(slide, order).text_frame.paragraphs[0].runs[0]
    run.font.color.rgb = RGBColor.from_string("000000")  # type: ignore[no-untyped-call]
    colour = next(run._r.rPr.iter(f"{_DRAWING}srgbClr"))
    colour.append(colour.makeelement(f"{_DRAWING}alpha", {"val": "0"}))


SLIDES = {
    "notes": _notes,
    "hidden slide": _hidden_slide,
    "off the slide": _off_slide,
    "hidden shape": _hidden_shape,
    "white": _white,
    "tiny": _tiny,
    "transparent": _transparent,
    "alternative text": _described,
}


def _book(change: Callable[[Any, Any, str], None]) -> Make:
    def make(order: str, shown: str) -> bytes:
        book = openpyxl.Workbook()
        sheet = book.active
        for row in (["name", "what", "more"], ["hub", shown, "x"], ["end", "b", "c"]):
            sheet.append(row)
        change(book, sheet, order)
        return saved(book)

    return make


def _other_sheet(state: str) -> Callable[[Any, Any, str], None]:
    def change(book: Any, _sheet: Any, order: str) -> None:
        more = book.create_sheet("More")
        more["A1"] = order
        more.sheet_state = state

    return change


def _row(_book: Any, sheet: Any, order: str) -> None:
    sheet["A3"] = order
    sheet.row_dimensions[3].hidden = True


def _flat_row(_book: Any, sheet: Any, order: str) -> None:
    sheet["A3"] = order
    sheet.row_dimensions[3].height = 0.1


def _column(_book: Any, sheet: Any, order: str) -> None:
    sheet["C2"] = order
    sheet.column_dimensions["C"].hidden = True


def _narrow(_book: Any, sheet: Any, order: str) -> None:
    sheet["C2"] = order
    sheet.column_dimensions["C"].width = 0.1


def _noted(_book: Any, sheet: Any, order: str) -> None:
    sheet["A2"].comment = Comment(order, "a")


def _pale(_book: Any, sheet: Any, order: str) -> None:
    sheet["C2"] = order
    sheet["C2"].font = Font(color="FFFFFFFF")


def _filled(_book: Any, sheet: Any, order: str) -> None:
    sheet["C2"] = order
    sheet["C2"].font = Font(color="FF204060")
    sheet["C2"].fill = PatternFill("solid", fgColor="FF204060")


def _unformatted(_book: Any, sheet: Any, order: str) -> None:
    sheet["C2"] = order
    sheet["C2"].number_format = ";;;"


def _small(_book: Any, sheet: Any, order: str) -> None:
    sheet["C2"] = order
    sheet["C2"].font = Font(sz=1)


def _named(book: Any, _sheet: Any, order: str) -> None:
    book.properties.description = order[-200:]
    book.properties.keywords = order[-200:]


SHEETS = {
    "hidden sheet": _other_sheet("hidden"),
    "very hidden sheet": _other_sheet("veryHidden"),
    "hidden row": _row,
    "row without height": _flat_row,
    "hidden column": _column,
    "column without width": _narrow,
    "comment": _noted,
    "white": _pale,
    "colour of its ground": _filled,
    "format of nothing": _unformatted,
    "tiny": _small,
    "properties": _named,
}

CARRIERS = (
    *(Carrier(f"slide {name}", "a.pptx", _deck(c)) for name, c in SLIDES.items()),
    *(Carrier(f"sheet {name}", "a.xlsx", _book(c)) for name, c in SHEETS.items()),
)
