"""Reads mail: subject, who wrote to whom and when, and the message."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_tz

import msgspec

from ingest.documents import Element, Reading
from ingest.errors import ReadError
from ingest.hidden import HiddenKind
from ingest.readers.formats import media_type_by_name
from ingest.readers.front_matter import language
from ingest.readers.html import read_html
from ingest.readers.joining import join_elements
from ingest.readers.text import read_text

_SHOWN = ("From", "To", "Cc", "Date")
_LETTERS = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"https?://\S+|\[[^\[\]\n]{0,200}\]")
_FEW_WORDS = 2
_WORD = re.compile(r"[\w.-]{1,40}")


def read_mail(name: str, data: bytes, *, keep: bool = False) -> Reading:
    """Read a message in the format of RFC 5322, as a file that ends in .eml.

    The plain text is preferred to the HTML, unless it says what the HTML does not:
    that is what people are shown. Attachments are named in warnings.

    Args:
        name: The document's path, for messages.
        data: The file.
        keep: What is only hidden by style stays.

    Raises:
        ReadError: It is no message, or its text cannot be decoded.
    """
    message = message_from_bytes(data)
    subject = _header(message, "Subject")
    shown = [(field, _header(message, field)) for field in _SHOWN]
    if not (subject or any(value for _, value in shown)):
        raise ReadError(name, "no mail: it has neither subject, sender nor date")
    path = (subject,) if subject else ()
    lines = "\n".join(f"{field}: {value}" for field, value in shown if value)
    elements = [
        Element(kind="title", text=subject, heading_path=path),
        Element(kind="text", text=lines, heading_path=path),
    ]
    warnings = [f"the attachment {part} was not read" for part in _attached(message)]
    sent = _header(message, "Date")
    day = _day(sent)
    if sent and not day:
        warnings.append("the day it was sent cannot be read")
    hidden = Counter[HiddenKind]()
    for body in _bodies(name, message, keep=keep):
        warnings.extend(body.warnings)
        hidden.update(body.hidden)
        elements += [
            msgspec.structs.replace(
                element, heading_path=(*path, *element.heading_path)
            )
            for element in body.elements
        ]
    text, placed = join_elements(elements)
    return Reading(
        text=text,
        elements=placed,
        title=subject,
        language=language(_header(message, "Content-Language")),
        date=day,
        warnings=tuple(warnings),
        hidden=dict(hidden),
    )


def _day(header: str) -> str:
    """Return the day a message was sent, in the sender's time zone, or ""."""
    # What is no date breaks the parser in all of these ways.
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        found = parsedate_tz(header)
        return dt.date(*found[:3]).isoformat() if found else ""
    return ""


def _bodies(name: str, message: Message, *, keep: bool) -> Iterator[Reading]:
    """Yield what the message says: its plain parts, or else its HTML parts."""
    parts = [part for part in message.walk() if not _is_attached(part)]
    plain = [
        read_text(name, _recoded(part, content))
        for part in parts
        if part.get_content_type() == "text/plain" and (content := _content(part))
    ]
    pages = [
        read_html(name, _recoded(part, content), keep=keep)
        for part in parts
        if part.get_content_type() == "text/html" and (content := _content(part))
    ]
    said = {word for body in plain for word in _words(body)}
    shown = {word for body in pages for word in _words(body)}
    # Two texts of one message are the same, save addresses and what a picture is of.
    if said and (not shown or len(said - shown) <= max(len(said) // 20, _FEW_WORDS)):
        yield from plain
    elif shown:
        yield from pages
    else:
        yield from plain


def _words(body: Reading) -> Iterator[str]:
    for element in body.elements:
        yield from _LETTERS.findall(_ADDRESS.sub(" ", element.text).casefold())


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _recoded(part: Message, content: bytes) -> bytes:
    """Return a part in UTF-8 if it is in the encoding that it declares."""
    charset = str(part.get_content_charset() or "")
    if not _WORD.fullmatch(charset):
        return content
    try:
        return content.decode(charset).encode()
    except (LookupError, UnicodeError):
        return content


def _attached(message: Message) -> Iterator[str]:
    """Yield the names of attachments that would be read as files of their own."""
    for part in message.walk():
        given = _filename(part)
        if _is_attached(part) and given and media_type_by_name(given):
            yield given


def _is_attached(part: Message) -> bool:
    disposition = str(part.get("Content-Disposition", "")).strip().lower()
    return disposition.startswith("attachment") or bool(_filename(part))


def _filename(part: Message) -> str:
    try:
        given = part.get_filename() or ""
    except (ValueError, LookupError, TypeError):
        # RFC 2231 in the wild breaks the parser in all of these ways.
        given = "with a damaged name"
    return _decoded(given)


def _header(message: Message, field: str) -> str:
    return _decoded(str(message.get(field, "")))


def _decoded(value: str) -> str:
    """Return a header's text; what cannot be decoded stays as it is written."""
    with suppress(ValueError, LookupError, MessageError):
        value = str(make_header(decode_header(value)))
    # Bytes above ASCII that no encoding was named for come as surrogates.
    raw = value.encode("utf-8", "surrogateescape")
    return " ".join(raw.decode("utf-8", "replace").split())
