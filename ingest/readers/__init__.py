"""A document's bytes become its elements: the reader is chosen by media type.

Each family of formats has a file, which is the door of its parser; it is imported
when the first document of that family comes.
"""

from collections import Counter
from collections.abc import Callable
from importlib import import_module
from typing import cast

import msgspec

from ingest.cleaning import encoded_runs, hidden_kinds, seen
from ingest.documents import Reading
from ingest.errors import ReadError
from ingest.hidden import HiddenKind, HiddenText
from ingest.readers.formats import NAMES, OFFICE, media_type_by_name, media_type_of

__all__ = ["media_type_of", "read"]

_READERS = {
    "application/json": ("structured", "read_json"),
    "application/pdf": ("pdf", "read_pdf"),
    "message/rfc822": ("mail", "read_mail"),
    "text/csv": ("table", "read_csv"),
    "text/html": ("html", "read_html"),
    "text/markdown": ("markdown", "read_markdown"),
    "text/plain": ("text", "read_text"),
    "text/tab-separated-values": ("table", "read_tsv"),
    "text/x-rst": ("rst", "read_rst"),
}
_WITH_STYLE = {"application/pdf", "message/rfc822", "text/html", "text/markdown"}
"""Formats whose text can be there and not be seen, apart from single characters."""

_LIKELY = {
    "application/pdf": "its pages may be scanned pictures",
    "text/html": "scripts may write the page when it is opened",
    "message/rfc822": "the message may only carry attachments",
}


def read(
    name: str, data: bytes, media_type: str, *, hidden_text: HiddenText = "strip"
) -> Reading:
    """Read a document.

    Its title and headings come without characters that nobody sees; those in its
    elements are only counted, for what is cut off would move all that follows.

    Args:
        name: Its path, for messages and for warnings about a wrong extension.
        data: The file.
        media_type: What `media_type_of` says it is.
        hidden_text: What is done about text that nobody sees.

    Raises:
        ReadError: It is damaged, protected, nested too deeply, of a type that is
            not read, or a person sees no text in it.
    """
    try:
        reading = _read(name, data, media_type, keep=hidden_text == "keep")
    except RecursionError as error:
        raise ReadError(name, "nested too deeply to be a document") from error
    if not any(_seen(element.text) for element in reading.elements):
        likely = _LIKELY.get(media_type, "it may be empty, or all of it is hidden")
        raise ReadError(name, f"no text found: {likely}")
    reading = _counted(reading)
    if hidden_text != "keep":
        reading = _without_hidden_names(reading)
    else:
        reading = msgspec.structs.replace(reading, keeps_hidden=True)
    by_name = media_type_by_name(name)
    if by_name and by_name != media_type:
        is_, seems = NAMES.get(media_type, media_type), NAMES.get(by_name, by_name)
        warning = f"its name says {seems}, its content is {is_}; it was read as {is_}"
        return msgspec.structs.replace(reading, warnings=(warning, *reading.warnings))
    return reading


def _read(name: str, data: bytes, media_type: str, *, keep: bool) -> Reading:
    if media_type in OFFICE:
        office = import_module("ingest.readers.office")
        return cast("Reading", office.read_office(name, data, media_type, keep=keep))
    if media_type not in _READERS:
        raise ReadError(name, f"{media_type} is not a format that is read")
    module, function = _READERS[media_type]
    reader: Callable[..., Reading] = getattr(
        import_module(f"ingest.readers.{module}"), function
    )
    if media_type in _WITH_STYLE:
        return reader(name, data, keep=keep)
    return reader(name, data)


def _counted(reading: Reading) -> Reading:
    """Return a reading that tells of hidden characters and encoded runs, too."""
    hidden = Counter[HiddenKind](reading.hidden)
    for text in (reading.title, *(element.text for element in reading.elements)):
        hidden.update(hidden_kinds(text))
        if runs := encoded_runs(text):
            hidden["encoded_runs"] += runs
    found = {kind: count for kind, count in sorted(hidden.items()) if count}
    return msgspec.structs.replace(reading, hidden=found)


def _without_hidden_names(reading: Reading) -> Reading:
    """Return a reading whose names for itself and its parts are what a person sees."""
    titles = {title for element in reading.elements for title in element.heading_path}
    shown = {title: seen(title) for title in titles}
    elements = reading.elements
    if any(title != shown[title] for title in titles):
        elements = tuple(
            msgspec.structs.replace(
                element,
                heading_path=tuple(
                    shown[title] for title in element.heading_path if shown[title]
                ),
            )
            for element in elements
        )
    return msgspec.structs.replace(
        reading,
        title=seen(reading.title),
        elements=elements,
        labels=tuple(map(seen, reading.labels)),
    )


def _seen(text: str) -> bool:
    return any(c.isprintable() and not c.isspace() for c in text)
