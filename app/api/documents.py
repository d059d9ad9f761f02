"""Documents in the service's keeping: listed, shown, put and deleted."""

from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

from litestar import Request, delete, get, put
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException
from litestar.params import FromQuery, QueryParameter
from msgspec import Struct

from app.api.auth import refuse_other_pages
from app.api.uploading import pieces_of
from app.documents.desk import Desk
from app.documents.errors import NotReadable
from app.documents.paths import new_path_of, path_of
from app.documents.states import STATES, Kept, State
from app.errors import InvalidRequest, TooLarge
from ingest.documents import Principal
from ingest.readers.formats import ENDINGS

_PREFIX = b"/v1/documents/"
_READING = ("ingest", "insights")
_WRITING = ("ingest",)

_Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
_Wanted = Annotated[
    Literal["", "indexed", "failed", "waiting", "leaving"], QueryParameter(name="state")
]


class ShownDocument(Struct, frozen=True, kw_only=True):
    """A document as it is shown. Times are whole seconds since the epoch.

    Attributes:
        id: Its id.
        object: Always "document".
        path: Its path in the folder.
        title: What people call it, or "" as long as nobody has read it.
        state: "indexed"; "failed", with the reason; "waiting" for the next ingest; or
            "leaving": deleted, and gone from the index with the next ingest.
        chunks: How many chunks of it are in the index.
        bytes: Bytes of its file, or null if there is none.
        changed: When its file changed, or null.
        indexed: When it was taken in, or null if no run that is remembered tells.
        language: ISO 639-1 code, or "".
        labels: Access labels.
        reason: Why it failed, or what it waits for; or "".
        warnings: What was left out of it.
        answers: Something of it answers questions now: of a failed or waiting one an
            older version.
        ingest: Id of the run that takes it in or out, where one was asked for; or null.
    """

    id: str
    object: str = "document"
    path: str
    title: str
    state: State
    chunks: int
    bytes: int | None
    changed: int | None
    indexed: int | None
    language: str
    labels: tuple[str, ...]
    reason: str
    warnings: tuple[str, ...]
    answers: bool
    ingest: str | None


class KeptFolder(Struct, frozen=True, kw_only=True):
    """Whether and what one can put into the folder.

    Attributes:
        writable: Whether this key can put documents there.
        reason: Why not and what to do, or "".
        max_bytes: Bytes of the largest file that is taken.
        trash_days: Days for which what is deleted or replaced is kept; 0: not at all.
        endings: What names of files end in that are read.
    """

    writable: bool
    reason: str
    max_bytes: int
    trash_days: int
    endings: tuple[str, ...] = ENDINGS


class DocumentList(Struct, frozen=True, kw_only=True):
    """A page of documents, by path.

    Attributes:
        object: Always "list".
        data: The documents.
        first_id: Path of the first, or null.
        last_id: Path of the last, or null; ``after`` it the next page begins.
        has_more: Whether there is a next page.
        counts: How many there are in each state, of all that match ``q``.
        folder: Whether one can put more there.
    """

    object: str = "list"
    data: tuple[ShownDocument, ...]
    first_id: str | None
    last_id: str | None
    has_more: bool
    counts: dict[str, int]
    folder: KeptFolder


@get("/v1/documents", summary="List the documents", scopes=_READING)
async def list_documents(
    request: Request[Any, Principal, Any],
    desk: NamedDependency[Desk],
    q: FromQuery[str] = "",
    wanted: _Wanted = "",
    after: FromQuery[str] = "",
    limit: _Limit = 100,
) -> DocumentList:
    """Return documents by path: those in the index, and files that wait or failed.

    ``q`` are words that path or title hold, in any case.
    """
    every = await desk.every(request.auth)
    words = q.casefold().split()
    fitting = [one for one in every if _holds(one, words)]
    counts: dict[str, int] = {
        name: sum(one.state == name for one in fitting) for name in STATES
    }
    following = [
        one
        for one in fitting
        if one.path > after and (not wanted or one.state == wanted)
    ]
    shown = [shown_document(one) for one in following[:limit]]
    trouble = await desk.trouble(request.auth)
    if not trouble and "ingest" not in request.auth.scopes:
        trouble = "This key lacks the scope ingest."
    return DocumentList(
        data=tuple(shown),
        first_id=shown[0].path if shown else None,
        last_id=shown[-1].path if shown else None,
        has_more=len(following) > limit,
        counts=counts,
        folder=KeptFolder(
            writable=not trouble,
            reason=trouble,
            max_bytes=desk.largest,
            trash_days=desk.trash.days,
        ),
    )


@get("/v1/documents/{path:path}", summary="Show one document", scopes=_READING)
async def show_document(
    request: Request[Any, Principal, Any], desk: NamedDependency[Desk]
) -> ShownDocument:
    """Return what has become of one document."""
    return shown_document(await desk.one(request.auth, path_of(_raw(request))))


@put(
    "/v1/documents/{path:path}",
    status_code=202,
    summary="Put a document",
    scopes=_WRITING,
    before_request=refuse_other_pages,
    # Bounded while it is written to disk: no memory holds it.
    request_max_body_size=None,
)
async def put_document(
    request: Request[Any, Principal, Any], desk: NamedDependency[Desk]
) -> ShownDocument:
    """Take a file into the folder, and have it taken into the index.

    The body are the bytes of the file. With ``If-None-Match: *`` no document is
    replaced.
    """
    path = new_path_of(_raw(request))
    _check_headers(request, desk.largest)
    found, run = await desk.put(
        request.auth,
        path,
        pieces_of(request),
        replace=request.headers.get("if-none-match", "").strip() != "*",
    )
    return shown_document(found, run.id)


@delete(
    "/v1/documents/{path:path}",
    status_code=202,
    summary="Delete a document",
    scopes=_WRITING,
    before_request=refuse_other_pages,
)
async def delete_document(
    request: Request[Any, Principal, Any], desk: NamedDependency[Desk]
) -> ShownDocument:
    """Take a document away: from now on it answers no question.

    Its file is kept beside the index for a while, where the operator finds it.
    """
    found, run = await desk.delete(request.auth, path_of(_raw(request)))
    return shown_document(found, run.id)


def shown_document(one: Kept, run: str | None = None) -> ShownDocument:
    """Return a document as it is shown."""
    return ShownDocument(
        id=one.id,
        path=one.path,
        title=one.title,
        state=one.state,
        chunks=one.chunks,
        bytes=one.size,
        changed=None if one.changed is None else int(one.changed),
        indexed=None if one.indexed is None else int(one.indexed),
        language=one.language,
        labels=one.labels,
        reason=one.reason,
        warnings=one.warnings,
        answers=one.answers,
        ingest=run,
    )


def _raw(request: Request[Any, Any, Any]) -> bytes:
    """Return the bytes of the path that a request names, as it names it.

    The framework's own parameter has lost double slashes and odd bytes.
    """
    whole: bytes = request.scope["raw_path"]
    return unquote_to_bytes(whole.partition(b"?")[0].partition(_PREFIX)[2])


def _check_headers(request: Request[Any, Any, Any], largest: int) -> None:
    """Refuse by its headers what cannot be the bytes of a file.

    Raises:
        NotReadable: It is a form, or compressed.
        TooLarge: It is announced as larger than a file may be.
        HTTPException: Its length is no number.
    """
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith(("multipart/", "application/x-www-form-urlencoded")):
        raise NotReadable("Send the bytes of the file as the body, not a form.")
    if request.headers.get("content-encoding", "").lower() not in ("", "identity"):
        raise NotReadable("Send the file as it is, without a content-encoding.")
    length = request.headers.get("content-length", "0")
    if not length.isdecimal():
        raise HTTPException(status_code=400)
    if int(length) > largest:
        raise TooLarge(f"A file may have {largest:,} bytes at the most.")
    condition = request.headers.get("if-none-match", "*").strip()
    if condition != "*" or "if-match" in request.headers:
        message = "Of conditions only `If-None-Match: *` is known here."
        raise InvalidRequest(message, param="If-None-Match")


def _holds(one: Kept, words: list[str]) -> bool:
    text = f"{one.path} {one.title}".casefold()
    return all(word in text for word in words)


routes = (list_documents, show_document, put_document, delete_document)
