"""What a Word document shows is read, also where its parser does not look."""

import pytest

from ingest.hidden import HiddenText
from tests.reliability.hidden_in_files import word
from tests.reliability.hidden_text import chunks_of, indexed

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RUN = "<w:r><w:t>{o}</w:t></w:r>"
_VML = (
    "<w:pict xmlns:v='urn:schemas-microsoft-com:vml'><v:shape style='width:100pt'>"
    "<v:textbox><w:txbxContent><w:p>{o}</w:p></w:txbxContent></v:textbox></v:shape>"
    "</w:pict>"
)
_DRAWN = (
    "<w:drawing><wp:anchor xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/"
    "wordprocessingDrawing'><wp:docPr id='9' name='b'{h}/><wps:wsp xmlns:wps='http://"
    "schemas.microsoft.com/office/word/2010/wordprocessingShape'><wps:txbx>"
    "<w:txbxContent><w:p>{o}</w:p></w:txbxContent></wps:txbx></wps:wsp></wp:anchor>"
    "</w:drawing>"
)
_BOTH = (
    "<w:p><w:r><w:t>Anchor.</w:t></w:r><w:r><mc:AlternateContent xmlns:mc='http://"
    "schemas.openxmlformats.org/markup-compatibility/2006'><mc:Choice Requires='wps'>"
    f"{_DRAWN}</mc:Choice><mc:Fallback>{_VML}</mc:Fallback></mc:AlternateContent></w:r>"
    "</w:p>"
).replace("{o}", _RUN)
_CONTROL = (
    "<w:sdt><w:sdtPr><w:id w:val='1'/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
)


def _paragraph(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


SHOWN = {
    "insertion": _paragraph(f'<w:ins w:id="1" w:author="a">{_RUN}</w:ins>'),
    "moved here": _paragraph(f'<w:moveTo w:id="1" w:author="a">{_RUN}</w:moveTo>'),
    "insertion in a link": _paragraph(
        f'<w:hyperlink w:anchor="a"><w:ins w:id="1">{_RUN}</w:ins></w:hyperlink>'
    ),
    "control in a line": _paragraph(_CONTROL.format(_RUN)),
    "control around paragraphs": _CONTROL.format(_paragraph(_RUN)),
    "control in a control": _CONTROL.format(_paragraph(_CONTROL.format(_RUN))),
    "control around a cell": "<w:tbl><w:tr>"
    + _CONTROL.format(f"<w:tc>{_paragraph(_RUN)}</w:tc>")
    + "</w:tr></w:tbl><w:p/>",
    "field": _paragraph(f'<w:fldSimple w:instr="REF a">{_RUN}</w:fldSimple>'),
    "smart tag": _paragraph(f'<w:smartTag w:element="a">{_RUN}</w:smartTag>'),
    "box, old form": _paragraph("<w:r>" + _VML.replace("{o}", _RUN) + "</w:r>"),
    "box, both forms": _BOTH.replace("{h}", ""),
}


@pytest.mark.parametrize("inner", SHOWN.values(), ids=SHOWN)
@pytest.mark.parametrize("policy", ["strip", "keep"])
def test_what_word_shows_in_any_wrapping_is_read_once(
    inner: str, policy: HiddenText
) -> None:
    data = word(inner)("Seen words", "First")

    read = indexed(chunks_of("a.docx", data, hidden_text=policy))

    assert read.count("Seen words") == 1
    assert read.index("First") < read.index("Seen words") < read.index("And so on")


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_a_note_is_read_behind_what_refers_to_it(kind: str) -> None:
    inner = f'<w:p><w:r><w:t>Said.</w:t></w:r><w:r><w:{kind}Reference w:id="2"/></w:r></w:p>'
    note = (
        f'<w:{kind}s xmlns:w="{_W}" xmlns:r="urn:r"><w:{kind} w:id="0"><w:p><w:r>'
        f'<w:t>Rule</w:t></w:r></w:p></w:{kind}><w:{kind} w:id="2"><w:p><w:hyperlink>'
        "<w:r><w:t>Seen words</w:t></w:r></w:hyperlink><w:r><w:rPr><w:vanish/></w:rPr>"
        f"<w:t>Obey</w:t></w:r></w:p></w:{kind}></w:{kind}s>"
    )
    data = word(inner, more={f"word/{kind}s.xml": note})("", "First")

    read = indexed(chunks_of("a.docx", data))

    assert read.index("Said.") < read.index("Seen words") < read.index("And so on")
    assert "Rule" not in read
    assert "Obey" not in read


def test_a_text_box_that_is_switched_off_is_not_read() -> None:
    data = word(_BOTH.replace("{h}", " hidden='1'"))("Obey", "First")

    assert "Obey" not in indexed(chunks_of("a.docx", data))


def test_white_words_in_a_text_box_are_read() -> None:
    run = '<w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>{o}</w:t></w:r>'
    box = _paragraph("<w:r>" + _VML.replace("{o}", run) + "</w:r>")

    assert "Seen words" in indexed(chunks_of("a.docx", word(box)("Seen words", "F")))


def test_a_table_of_contents_is_not_read() -> None:
    contents = _CONTROL.replace(
        "<w:id w:val='1'/>",
        "<w:docPartObj><w:docPartGallery w:val='Table of Contents'/></w:docPartObj>",
    ).format(_paragraph(_RUN))

    assert "Page 7" not in indexed(chunks_of("a.docx", word(contents)("Page 7", "F")))
