"""Reads office files, e-books and Outlook mail: the door of unstructured.

unstructured finds the blocks; the heading path is ours, a stack over the depth of
its titles, because its own `parent_id` is wrong more often than right. Workbooks
have a parser of their own, see sheet.py.
"""

import importlib
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any
from zipfile import ZipFile

import msgspec
from lxml.etree import XMLSyntaxError

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.hidden import HiddenKind
from ingest.readers.archive import (
    Properties,
    open_archive,
    properties,
)
from ingest.readers.blocks import Block, elements_of, line
from ingest.readers.hidden_office import without_hidden_text
from ingest.readers.html import read_html
from ingest.readers.joining import join_elements
from ingest.readers.sheet import read_sheets

_OPEN_XML = "application/vnd.openxmlformats-officedocument"
_FORMATS = {
    f"{_OPEN_XML}.wordprocessingml.document": "docx",
    f"{_OPEN_XML}.presentationml.presentation": "pptx",
    f"{_OPEN_XML}.spreadsheetml.sheet": "xlsx",
    "application/vnd.oasis.opendocument.text": "odt",
    "application/epub+zip": "epub",
    "text/rtf": "rtf",
    "text/x-org": "org",
    "application/vnd.ms-outlook": "msg",
}
_ZIPPED = {"docx", "pptx", "odt", "epub"}


def read_office(
    name: str, data: bytes, media_type: str, *, keep: bool = False
) -> Reading:
    """Read docx, pptx, xlsx, odt, epub, rtf, org or msg.

    A page is a slide or a sheet, from 1; a page of a Word document only if Word
    has left its page breaks in the file. Speaker notes, hidden slides, hidden text,
    headers and footers are left out; files that a document includes are not read.

    Args:
        name: The document's path, for errors.
        data: The file.
        media_type: One of those formats' types.
        keep: What nobody sees stays.

    Raises:
        ReadError: It is damaged, protected, made to do harm, or holds no text.
    """
    format_ = _FORMATS.get(media_type)
    if format_ is None:
        raise ReadError(name, f"files of type {media_type} are not read")
    if format_ == "xlsx":
        return read_sheets(name, data, keep=keep)
    archive = open_archive(name, data) if format_ in _ZIPPED else None
    said = properties(archive) if archive else Properties()
    data, hidden = _shown(name, data, format_, archive, keep=keep)
    if format_ == "msg" and (page := _page(name, data, keep=keep)):
        return page
    found = _partition(name, data, format_)
    warnings, slides = list[str](), frozenset[int]()
    if format_ == "pptx" and (slides := _hidden_slides(data)):
        hidden["hidden_slides"] = len(slides)
        if not keep:
            told = ", ".join(map(str, sorted(slides)))
            warnings.append(f"hidden slides were left out: {told}")
    left_out = frozenset[int]() if keep else slides
    subject = _subject(found) if format_ == "msg" else ""
    blocks = [block for block in found if block.metadata.page_number not in left_out]
    # Below the title of a slide unstructured takes any short line for a title.
    deepest = 0 if format_ == "pptx" else 8
    placed = elements_of(blocks, subject=subject, deepest=deepest)
    text, elements = join_elements(list(placed))
    if not elements:
        raise ReadError(name, _why_empty(format_))
    titles = (element.text for element in elements if element.kind == "title")
    return Reading(
        text=text,
        elements=elements,
        title=said.title or next(titles, ""),
        language=_language(said.language),
        warnings=tuple(warnings),
        hidden=hidden,
    )


def _shown(
    name: str, data: bytes, format_: str, archive: ZipFile | None, *, keep: bool
) -> tuple[bytes, dict[HiddenKind, int]]:
    """Return a file without what nobody sees in it, and how much there was."""
    try:
        return without_hidden_text(data, format_, archive, keep=keep)
    except (XMLSyntaxError, ValueError, KeyError) as error:
        raise ReadError(name, _damaged(format_, error)) from error


def _page(name: str, data: bytes, *, keep: bool) -> Reading | None:
    """Read what an Outlook message shows, if it is written in HTML."""
    try:
        message = importlib.import_module("oxmsg").Message.load(io.BytesIO(data))
        subject, body = line(message.subject or ""), message.html_body
    except Exception as error:
        # The parser raises what it likes, down to struct.error.
        raise ReadError(name, _damaged("msg", error)) from error
    if not body:
        return None
    page = read_html(name, body.encode("utf-8", "replace"), keep=keep)
    path = (subject,) if subject else ()
    title = Element(kind="title", text=subject, heading_path=path)
    under = (
        msgspec.structs.replace(element, heading_path=(*path, *element.heading_path))
        for element in page.elements
    )
    text, elements = join_elements([title, *under])
    if not page.elements:
        raise ReadError(name, _why_empty("msg"))
    return Reading(
        text=text, elements=elements, title=subject or page.title, hidden=page.hidden
    )


def _damaged(format_: str, error: Exception) -> str:
    return (
        f"it is damaged, or no {format_} file; open it in its program and save it "
        f"again ({type(error).__name__})"
    )


def _partition(name: str, data: bytes, format_: str) -> list[Block]:
    """Return what unstructured finds in `data`."""
    partition = _partitioner(format_)
    try:
        # "" switches language detection off, which takes 40 % of the time.
        return list(partition(file=io.BytesIO(data), languages=[""]))
    except (MemoryError, RecursionError):
        raise
    except Exception as error:
        # Each of its parsers raises what it likes, down to KeyError.
        raise ReadError(name, _damaged(format_, error)) from error


def _partitioner(format_: str) -> Callable[..., Iterable[Block]]:
    if "unstructured" not in sys.modules:
        _import_unstructured()
    module = importlib.import_module(f"unstructured.partition.{format_}")
    partition: Callable[..., Iterable[Block]] = getattr(module, f"partition_{format_}")
    return partition


def _import_unstructured() -> None:
    """Import unstructured so that it neither downloads nor guesses.

    It tells titles from sentences by a language model of spaCy that it downloads
    when it is missing. We take titles from the document's own marks only, so the
    model is replaced by nothing, and spaCy (seconds, hundreds of MB) not imported.
    """
    absent = ModuleType("spacy")
    absent.__spec__ = ModuleSpec("spacy", None)
    spacy = sys.modules.get("spacy", absent)
    sys.modules["spacy"] = spacy
    try:
        from unstructured.nlp import tokenize  # noqa: PLC0415 - after the line above
    finally:
        if spacy is absent:
            del sys.modules["spacy"]
    tokenize.sent_tokenize = lambda text: [text]
    tokenize.word_tokenize = lambda text: text.split()
    tokenize.pos_tag = lambda _text: []


def _hidden_slides(data: bytes) -> frozenset[int]:
    """Return the numbers, from 1, of slides that a show of the deck leaves out."""
    pptx: Any = importlib.import_module("pptx")
    slides = pptx.Presentation(io.BytesIO(data)).slides
    return frozenset(
        number
        for number, slide in enumerate(slides, start=1)
        if slide.element.get("show") in {"0", "false"}
    )


def _subject(found: Sequence[Block]) -> str:
    subjects = (block.metadata.subject for block in found if block.metadata.subject)
    return line(next(subjects, ""))


def _language(given: str) -> str:
    code = given.split("-", maxsplit=1)[0].lower()
    return code if len(code) == 2 else ""


def _why_empty(format_: str) -> str:
    if format_ == "msg":
        return "the message has no text, or is encrypted; save it decrypted"
    return f"no text was found in the {format_} file; perhaps it holds pictures only"
