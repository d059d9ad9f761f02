"""A document's bytes become its elements: the reader is chosen by media type.

Each family of formats has a file, which is the door of its parser; it is imported
when the first document of that family comes.
"""

from collections.abc import Callable
from importlib import import_module
from typing import cast

import msgspec

from ingest.documents import Reading
from ingest.errors import ReadError
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
_LIKELY = {
    "application/pdf": "its pages may be scanned pictures",
    "text/html": "scripts may write the page when it is opened",
    "message/rfc822": "the message may only carry attachments",
}


def read(name: str, data: bytes, media_type: str) -> Reading:
    """Read a document.

    Args:
        name: Its path, for messages and for warnings about a wrong extension.
        data: The file.
        media_type: What `media_type_of` says it is.

    Raises:
        ReadError: It is damaged, protected, nested too deeply, of a type that is
            not read, or a person sees no text in it.
    """
    try:
        reading = _read(name, data, media_type)
    except RecursionError as error:
        raise ReadError(name, "nested too deeply to be a document") from error
    if not any(_seen(element.text) for element in reading.elements):
        likely = _LIKELY.get(media_type, "it may be empty, or all of it is hidden")
        raise ReadError(name, f"no text found: {likely}")
    by_name = media_type_by_name(name)
    if by_name and by_name != media_type:
        is_, seems = NAMES.get(media_type, media_type), NAMES.get(by_name, by_name)
        warning = f"its name says {seems}, its content is {is_}; it was read as {is_}"
        return msgspec.structs.replace(reading, warnings=(warning, *reading.warnings))
    return reading


def _read(name: str, data: bytes, media_type: str) -> Reading:
    if media_type in OFFICE:
        office = import_module("ingest.readers.office")
        return cast("Reading", office.read_office(name, data, media_type))
    if media_type not in _READERS:
        raise ReadError(name, f"{media_type} is not a format that is read")
    module, function = _READERS[media_type]
    reader: Callable[[str, bytes], Reading] = getattr(
        import_module(f"ingest.readers.{module}"), function
    )
    return reader(name, data)


def _seen(text: str) -> bool:
    return any(c.isprintable() and not c.isspace() for c in text)
