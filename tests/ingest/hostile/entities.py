"""XML that grows without end, or reaches for other files, in every format of XML."""

from collections.abc import Iterator

from tests.ingest.hostile.case import Hostile, Place, fixed
from tests.ingest.hostile.parts import changed, text_of, word, xml
from tests.ingest.made_files import (
    docx_file,
    epub_file,
    odt_file,
    parts_of,
    pptx_file,
    xlsx_file,
    zip_file,
)

_REASON = "declares XML entities"
_ODD = "save it as UTF-8"


def entities(place: Place) -> Iterator[Hostile]:
    """Yield the files."""
    laughs = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10)
    )
    laughing = f"<!DOCTYPE d [{laughs}]>"
    long = f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>'
    outside = f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{place.secret}">]>'
    asked = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{place.address}">]>'
    parameter = f'<!DOCTYPE d [<!ENTITY % p SYSTEM "file://{place.secret}"> %p;]>'
    for name, before, used in (
        ("laughs", laughing, "&l9;"),
        ("quadratic", long, "&a;" * 50_000),
        ("outside", outside, "&x;"),
        ("asked", asked, "&x;"),
        ("parameter", parameter, "shown"),
    ):
        data = word(text_of(used), before=before)
        yield Hostile(f"{name}.docx", fixed(data), _REASON)
    yield from _everywhere(outside)
    yield from _hidden(outside)
    # A document type outside that declares nothing here is not asked for.
    typed = f'<!DOCTYPE d SYSTEM "{place.address}d.dtd">'
    yield Hostile(
        "typed.docx", lambda: word(text_of("shown"), before=typed), shown="shown"
    )


def _everywhere(before: str) -> Iterator[Hostile]:
    """Yield files that declare an entity in each kind of part."""
    inner = f'<?xml version="1.0"?>{before}<d>&x;</d>'
    docx = docx_file(("Normal", "shown"))
    for number, part in enumerate(
        (
            *("docProps/core.xml", "docProps/app.xml", "word/_rels/document.xml.rels"),
            *("word/styles.xml", "word/settings.xml", "[Content_Types].xml"),
            *("customXml/item1.xml", "word/media/a.svg", "word/drawing.vml"),
            *("word/media/a.png", "xmp.bin"),
        )
    ):
        yield Hostile(
            f"part-{number}.docx", fixed(changed(docx, {part: inner})), _REASON
        )
    for name, data, part in (
        ("a.pptx", pptx_file(("shown", "x")), "ppt/slides/slide1.xml"),
        ("a.xlsx", xlsx_file({"S": [["shown"]]}), "xl/sharedStrings.xml"),
        ("b.xlsx", xlsx_file({"S": [["shown"]]}), "xl/worksheets/sheet1.xml"),
        ("a.odt", odt_file("<text:p>shown</text:p>"), "content.xml"),
        ("b.odt", odt_file("<text:p>shown</text:p>"), "meta.xml"),
        ("a.epub", epub_file("<p>shown</p>"), "c0.xhtml"),
        ("b.epub", epub_file("<p>shown</p>"), "b.opf"),
        ("c.epub", epub_file("<p>shown</p>"), "META-INF/container.xml"),
    ):
        yield Hostile(f"entity-{name}", fixed(changed(data, {part: inner})), _REASON)


def _hidden(before: str) -> Iterator[Hostile]:
    """Yield files whose declaration is written so that a search may miss it."""
    body = xml(text_of("&x;"), before)
    bare = body.removeprefix('<?xml version="1.0"?>')
    for name, data, reason in (
        ("utf16", body.encode("utf-16"), _REASON),
        ("utf16le", body.encode("utf-16-le"), _REASON),
        ("utf16be", body.encode("utf-16-be"), _REASON),
        ("utf32", body.encode("utf-32"), f"{_REASON}|{_ODD}"),
        ("ebcdic", body.encode("cp037"), _ODD),
        ("utf7", _declared("utf-7") + _seven(bare), _ODD),
        ("jis", _declared("iso-2022-jp") + bare.encode(), _ODD),
        ("hz", _declared("hz-gb-2312") + bare.encode(), _ODD),
        ("split", _padded(body, 1 << 20), _REASON),
        ("late", _padded(body, 3_000_000), _REASON),
    ):
        parts = parts_of(docx_file()) | {"word/document.xml": data}
        yield Hostile(f"hidden-{name}.docx", fixed(zip_file(parts)), reason)
    page = (before + "<html><body><p>&x;</p></body></html>").encode("utf-16")
    book = changed(epub_file("<p>shown</p>"), {"c0.xhtml": page})
    yield Hostile("hidden.epub", fixed(book), _REASON)


def _declared(encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>'.encode()


def _seven(text: str) -> bytes:
    return text.replace("<!", "+ADwAIQ-").encode()


def _padded(body: str, at: int) -> bytes:
    """Return a part whose declaration lies across an offset."""
    head, mark, tail = body.partition("<!ENTITY")
    start = head.index("<!DOCTYPE")
    filler = "<!--" + "x" * (at - len(head) - 4 - 7) + "-->"
    return (head[:start] + filler + head[start:] + mark + tail).encode()
