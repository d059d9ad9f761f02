"""Brings what a Word document shows into the plain paragraphs that are read. Pure.

The parser of Word documents reads runs and tables only. Insertions, content controls,
text boxes and notes are as visible: their text goes where it would be read.
"""

from collections.abc import Iterable
from copy import deepcopy

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WRAPPERS = tuple(
    W + name
    for name in ("ins", "moveTo", "smartTag", "customXml", "dir", "bdo", "fldSimple")
)
_PROPERTIES = frozenset(W + name for name in ("smartTagPr", "customXmlPr", "fldData"))
_CONTENTS = "Table of Contents"
_BOX = f"{W}txbxContent"


def make_plain(root: etree._Element) -> bool:
    """Move text out of what is not read, within one part; tell if there was any.

    Tables of contents that Word keeps are left in their control, for they say nothing.
    """
    boxes = _move_boxes(root)
    wrapped = [e for e in root.iter(*_WRAPPERS) if len(e)]
    for wrapper in wrapped:
        _unwrap(wrapper, [e for e in wrapper if e.tag not in _PROPERTIES])
    controls = [sdt for sdt in root.iter(f"{W}sdt") if not _lists_contents(sdt)]
    for control in controls:
        _unwrap(control, [e for c in control.findall(f"{W}sdtContent") for e in c])
    return bool(boxes or wrapped or controls)


def place_notes(body: etree._Element, kind: str, notes: etree._Element) -> bool:
    """Put notes behind the block that refers to them; tell if there was one.

    Args:
        body: The document.
        kind: ``footnote`` or ``endnote``.
        notes: Their part, which is left as it is.
    """
    known = {note.get(f"{W}id"): note for note in notes.iter(W + kind)}
    # Of several references in one block the last is placed first.
    references = list(body.iter(f"{W}{kind}Reference"))[::-1]
    for reference in references:
        block = _outermost(reference)
        note = known.get(reference.get(f"{W}id"))
        for paragraph in reversed(() if note is None else note.findall(f"{W}p")):
            block.addnext(_unlinked(paragraph))
    return bool(references)


def is_hidden_box(box: etree._Element) -> bool:
    """Tell whether a text box is switched off."""
    for around in box.iterancestors():
        if around.tag == f"{W}p":
            return False
        style = around.get("style", "").replace(" ", "").lower()
        about = (*around.iterchildren("{*}docPr"), *around.iterchildren("{*}cNvPr"))
        if "visibility:hidden" in style or any(
            told.get("hidden") in ("1", "true") for told in about
        ):
            return True
    return False


def boxes_of(root: etree._Element) -> list[etree._Element]:
    """Return the text boxes of a part, each of them in one of its forms only."""
    return [
        box
        for box in root.iter(_BOX)
        if next(box.iterancestors(f"{_ALTERNATIVES}Fallback"), None) is None
    ]


def _move_boxes(root: etree._Element) -> int:
    """Move what is in text boxes behind the paragraphs that they are anchored to."""
    moved = 0
    # Those in others come first.
    for box in reversed(boxes_of(root)):
        anchor = next(box.iterancestors(f"{W}p"), None)
        if anchor is None:
            continue
        for block in reversed(box):
            anchor.addnext(block)
            moved += 1
    return moved


def _unwrap(wrapper: etree._Element, inner: Iterable[etree._Element]) -> None:
    for element in inner:
        wrapper.addprevious(element)
    parent = wrapper.getparent()
    if parent is not None:
        parent.remove(wrapper)


def _lists_contents(control: etree._Element) -> bool:
    gallery = control.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and gallery.get(f"{W}val") == _CONTENTS


def _outermost(element: etree._Element) -> etree._Element:
    """Return the block of the document's body that an element lies in."""
    block = element
    for around in element.iterancestors():
        if around.tag == f"{W}body":
            break
        block = around
    return block


def _unlinked(paragraph: etree._Element) -> etree._Element:
    """Return a copy without what refers to other parts of the archive."""
    copy = deepcopy(paragraph)
    copy.tail = None
    for picture in list(copy.iter(f"{W}drawing", f"{W}pict", f"{W}object")):
        parent = picture.getparent()
        if parent is not None:
            parent.remove(picture)
    for link in list(copy.iter(f"{W}hyperlink")):
        _unwrap(link, list(link))
    return copy
