"""The object ``filter`` of a request becomes a Filter, or a refusal. Pure."""

import datetime as dt
from typing import Annotated

from msgspec import Meta, Struct, field

from app.errors import InvalidRequest
from app.messages import Filter
from ingest.language import declared

_MOST = 100
_Path = Annotated[str, Meta(max_length=1024)]
_Word = Annotated[str, Meta(min_length=1, max_length=256)]

# An empty list would mean "nothing" to one program and "everything" to the next.
Paths = _Path | Annotated[tuple[_Path, ...], Meta(min_length=1, max_length=_MOST)]
Words = _Word | Annotated[tuple[_Word, ...], Meta(min_length=1, max_length=_MOST)]


class Days(Struct, frozen=True, forbid_unknown_fields=True):
    """A span of days, both ends included; one may be left open.

    Attributes:
        since: The first day, such as ``2026-01-01``; sent as ``from``.
        until: The last day; sent as ``to``.
    """

    since: dt.date | None = field(default=None, name="from")
    until: dt.date | None = field(default=None, name="to")


class RequestFilter(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which documents may answer: all that is given must hold. Null is not given.

    Attributes:
        path: The document's path starts with this, or with one of these.
        label: It carries this label, or one of these.
        language: It is in this language, or one of these: ISO 639-1 codes.
        document: It has this id, or one of these.
        version: It declares this product version, or one of these, or a narrower
            one: ``4`` finds ``4.2``.
        date: Its declared date lies in this span.
    """

    path: Paths | None = None
    label: Words | None = None
    language: Words | None = None
    document: Words | None = None
    version: Words | None = None
    date: Days | None = None


def require_known(given: object, at: str) -> None:
    """Refuse a filter with a field that there is not.

    Args:
        given: The filter as it was sent, of any type.
        at: Where it stands in the request, such as ``rag.filter``.

    Raises:
        InvalidRequest: There is one; `param` is its path, the message lists what
            there is.
    """
    if not isinstance(given, dict):
        return
    _require(given, RequestFilter, at)
    if isinstance(given.get("date"), dict):
        _require(given["date"], Days, f"{at}.date")


def filter_of(given: RequestFilter | None, at: str) -> Filter:
    """Return what `given` asks for.

    Args:
        given: A filter of a request; None for none.
        at: Where it stands in the request, such as ``rag.filter``.

    Raises:
        InvalidRequest: A language is no code, or the span of days ends before it
            begins; `param` is the path of the field.
    """
    if given is None:
        return Filter()
    days = given.date or Days()
    if days.since and days.until and days.since > days.until:
        raise InvalidRequest(
            f"`{at}.date` is not valid: {days.since} is after {days.until}.",
            param=f"{at}.date",
        )
    return Filter(
        path=tuple(map(_relative, _several(given.path))),
        label=_several(given.label),
        language=tuple(_code(tag, at) for tag in _several(given.language)),
        document=_several(given.document),
        version=_several(given.version),
        since=days.since.isoformat() if days.since else "",
        until=days.until.isoformat() if days.until else "",
    )


def _require(given: dict[str, object], cls: type[Struct], at: str) -> None:
    known = cls.__struct_encode_fields__
    for name in given:
        if name not in known:
            path = f"{at}.{name[:64]}"
            raise InvalidRequest(
                f"`{path}` is not known here; there is {', '.join(known)}.", param=path
            )


def _several(given: str | tuple[str, ...] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else given


def _relative(path: str) -> str:
    """Return a path as documents have it: relative to the ingested folder."""
    return path.removeprefix("./").lstrip("/")


def _code(tag: str, at: str) -> str:
    code = declared(tag)
    if not code:
        raise InvalidRequest(
            f"`{at}.language` is not valid: {tag[:64]!r} is no ISO 639-1 code "
            "such as en.",
            param=f"{at}.language",
        )
    return code
