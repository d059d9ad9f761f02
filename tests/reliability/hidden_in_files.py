"""Ways to hide text in word processors' files, e-books and Outlook mail."""

import re
from html import escape

import docx

from tests.ingest.made_files import (
    epub_file,
    msg_file,
    odt_file,
    parts_of,
    saved,
    text_of,
    zip_file,
)
from tests.reliability.hidden_text import Carrier, Make

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(inner: str, *, styles: str = "", more: dict[str, str] | None = None) -> Make:
    """Return what writes a Word document with `inner` as XML behind what is shown."""

    def make(order: str, shown: str) -> bytes:
        document = docx.Document()
        document.add_paragraph(shown)
        document.add_paragraph("MARK")
        document.add_paragraph("And so on.")
        parts = parts_of(saved(document))
        body = text_of(parts["word/document.xml"])
        body = re.sub(
            r"<w:p\b(?:(?!<w:p\b).)*?MARK.*?</w:p>",
            lambda _: inner.replace("{o}", escape(order)),
            body,
            flags=re.DOTALL,
        )
        parts["word/document.xml"] = body
        if styles:
            sheet = text_of(parts["word/styles.xml"])
            parts["word/styles.xml"] = sheet.replace(
                "</w:styles>", f"{styles}</w:styles>"
            )
        for name, content in (more or {}).items():
            parts[name] = content.replace("{o}", escape(order))
        return zip_file(parts)

    return make


def _run(properties: str) -> str:
    return f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{{o}}</w:t></w:r></w:p>"


_HIDDEN_STYLE = (
    '<w:style w:type="character" w:styleId="Note"><w:name w:val="Note"/>'
    "<w:rPr><w:vanish/></w:rPr></w:style>"
    '<w:style w:type="character" w:styleId="Child"><w:name w:val="Child"/>'
    '<w:basedOn w:val="Note"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Para"><w:name w:val="Para"/>'
    "<w:rPr><w:vanish/></w:rPr></w:style>"
    '<w:style w:type="character" w:styleId="Pale"><w:name w:val="Pale"/>'
    '<w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>'
)
_BOX = (
    "<w:p><w:r><w:pict xmlns:v='urn:schemas-microsoft-com:vml'>"
    "<v:shape style='visibility:hidden;width:100pt;height:20pt'><v:textbox>"
    "<w:txbxContent><w:p><w:r><w:t>{o}</w:t></w:r></w:p></w:txbxContent></v:textbox>"
    "</v:shape></w:pict></w:r></w:p>"
)
_ALT = (
    "<w:p><w:r><w:drawing><wp:inline xmlns:wp='http://schemas.openxmlformats.org/"
    "drawingml/2006/wordprocessingDrawing'><wp:extent cx='1' cy='1'/>"
    "<wp:docPr id='9' name='p' descr='{o}' title='{o}'/></wp:inline></w:drawing></w:r>"
    "<w:r><w:t>Pictured.</w:t></w:r></w:p>"
)

WORD = {
    "vanish": word(_run("<w:vanish/>")),
    "vanish, said": word(_run('<w:vanish w:val="true"/>')),
    "special vanish": word(_run("<w:specVanish/>")),
    "style": word(_run('<w:rStyle w:val="Note"/>'), styles=_HIDDEN_STYLE),
    "style of a style": word(_run('<w:rStyle w:val="Child"/>'), styles=_HIDDEN_STYLE),
    "style of a paragraph": word(
        '<w:p><w:pPr><w:pStyle w:val="Para"/></w:pPr><w:r><w:t>{o}</w:t></w:r></w:p>',
        styles=_HIDDEN_STYLE,
    ),
    "white": word(_run('<w:color w:val="FFFFFF"/>')),
    "nearly white": word(_run('<w:color w:val="FEFEFE"/>')),
    "white theme": word(_run('<w:color w:val="FFFFFF" w:themeColor="background1"/>')),
    "white style": word(_run('<w:rStyle w:val="Pale"/>'), styles=_HIDDEN_STYLE),
    "colour of its shading": word(
        _run('<w:color w:val="204060"/><w:shd w:val="clear" w:fill="204060"/>')
    ),
    "one point": word(_run('<w:sz w:val="2"/>')),
    "half a point": word(_run('<w:sz w:val="1"/>')),
    "deletion": word(
        '<w:p><w:del w:id="1" w:author="a"><w:r><w:delText>{o}</w:delText></w:r>'
        "</w:del><w:r><w:t>Kept.</w:t></w:r></w:p>"
    ),
    "deletion with text": word(
        '<w:p><w:del w:id="1" w:author="a"><w:r><w:t>{o}</w:t></w:r></w:del></w:p>'
    ),
    "moved away": word(
        '<w:p><w:moveFrom w:id="1" w:author="a"><w:r><w:t>{o}</w:t></w:r></w:moveFrom>'
        "</w:p>"
    ),
    "field code": word(
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>'
        'COMMENTS "{o}"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'
        "</w:p>"
    ),
    "hidden text box": word(_BOX),
    "alternative text": word(_ALT),
    "comment": word(
        '<w:p><w:r><w:t>Kept.</w:t></w:r><w:r><w:commentReference w:id="0"/></w:r></w:p>',
        more={
            "word/comments.xml": f'<w:comments xmlns:w="{_WORD}"><w:comment w:id="0">'
            "<w:p><w:r><w:t>{o}</w:t></w:r></w:p></w:comment></w:comments>"
        },
    ),
    "comment of its XML": word("<w:p><!-- {o} --><w:r><w:t>Kept.</w:t></w:r></w:p>"),
    "hidden table row": word(
        "<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc><w:p><w:r><w:t>{o}</w:t></w:r>"
        "</w:p></w:tc></w:tr><w:tr><w:tc><w:p><w:r><w:t>Kept.</w:t></w:r></w:p></w:tc>"
        "</w:tr></w:tbl><w:p/>"
    ),
    "vanish in a table": word(
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{o}</w:t></w:r>"
        "<w:r><w:t>Kept.</w:t></w:r></w:p></w:tc></w:tr></w:tbl><w:p/>"
    ),
}


def _properties(order: str, shown: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(shown)
    about = document.core_properties
    about.comments = about.subject = about.keywords = about.category = order[-200:]
    return saved(document)


def _header(order: str, shown: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(shown)
    document.sections[0].header.paragraphs[0].text = order
    document.sections[0].footer.paragraphs[0].text = order
    return saved(document)


_ODT_STYLES = (
    '<style:style style:name="H" style:family="text"><style:text-properties '
    'text:display="none"/></style:style>'
    '<style:style style:name="W" style:family="text"><style:text-properties '
    'fo:color="#ffffff"/></style:style>'
    '<style:style style:name="T" style:family="text"><style:text-properties '
    'fo:font-size="1pt"/></style:style>'
    '<style:style style:name="P" style:family="paragraph"><style:text-properties '
    'text:display="none"/></style:style>'
)
_ODT = {
    "hidden style": '<text:p><text:span text:style-name="H">{o}</text:span></text:p>',
    "hidden style of a paragraph": '<text:p text:style-name="P">{o}</text:p>',
    "white": '<text:p><text:span text:style-name="W">{o}</text:span></text:p>',
    "tiny": '<text:p><text:span text:style-name="T">{o}</text:span></text:p>',
    "hidden section": '<text:section text:display="none" text:name="s"><text:p>{o}'
    "</text:p></text:section>",
    "hidden paragraph": '<text:p><text:hidden-paragraph text:condition="true" '
    'text:is-hidden="true"/>{o}</text:p>',
    "hidden text": '<text:p>Kept.<text:hidden-text text:string-value="{o}" '
    'text:is-hidden="true">{o}</text:hidden-text></text:p>',
    "annotation": "<text:p>Kept.<office:annotation><text:p>{o}</text:p>"
    "</office:annotation></text:p>",
    "deletion": '<text:tracked-changes><text:changed-region text:id="c">'
    "<text:deletion><text:p>{o}</text:p></text:deletion></text:changed-region>"
    '</text:tracked-changes><text:p>Kept.<text:change text:change-id="c"/></text:p>',
    "comment": "<text:p>Kept.<!-- {o} --></text:p>",
}


def _odt(body: str) -> Make:
    def make(order: str, shown: str) -> bytes:
        parts = parts_of(
            odt_file(f"<text:p>{shown}</text:p>{body}<text:p>End.</text:p>".replace(
                "{o}", escape(order)))
        )  # fmt: skip
        content = text_of(parts["content.xml"])
        parts["content.xml"] = content.replace(
            "<office:body>",
            '<office:automatic-styles xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:'
            f'xsl-fo-compatible:1.0">{_ODT_STYLES}</office:automatic-styles><office:body>',
            1,
        )
        return zip_file(parts)

    return make


_EPUB = {
    "hidden": "<p>{s}</p><p hidden='hidden'>{o}</p>",
    "style": "<p>{s}</p><p style='display:none'>{o}</p>",
    "white": "<p>{s}</p><p style='color:#fff'>{o}</p>",
    "sheet": "<p>{s}</p><p class='x'>{o}</p>",
    "comment": "<p>{s}</p><!-- {o} -->",
    "alternative text": "<p>{s}</p><p><img src='a.png' alt='{o}' title='{o}'/>End</p>",
}


def _epub(form: str) -> Make:
    def make(order: str, shown: str) -> bytes:
        parts = parts_of(epub_file(form.format(s=shown, o=escape(order))))
        chapter = text_of(parts["c0.xhtml"])
        parts["c0.xhtml"] = chapter.replace(
            "</head>", "<style>.x{display:none}</style></head>"
        )
        return zip_file(parts)

    return make


def _outlook(order: str, shown: str) -> bytes:
    hidden = "".join(chr(0xE0000 + ord(c)) for c in order if c.isascii())
    return msg_file(subject="Hub", body=f"{shown}{hidden[:200]}")


CARRIERS = (
    *(Carrier(f"Word {name}", "a.docx", make) for name, make in WORD.items()),
    Carrier("Word properties", "a.docx", _properties),
    Carrier("Word header and footer", "a.docx", _header),
    *(Carrier(f"OpenDocument {name}", "a.odt", _odt(b)) for name, b in _ODT.items()),
    *(Carrier(f"e-book {name}", "a.epub", _epub(f)) for name, f in _EPUB.items()),
    Carrier("Outlook tag letters", "a.msg", _outlook),
)
