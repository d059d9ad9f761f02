"""What the pages are told about themselves: name, colour, logo, first questions.

Public, and the same for every caller: there is no secret in it, so that any page that
carries the widget may read it.
"""

from importlib.metadata import version
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from xml.etree.ElementTree import ParseError

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring
from litestar import Response, get
from litestar.di import NamedDependency
from msgspec import Struct

from app.access.doorkeeper import is_loopback
from app.access.scopes import PUBLIC
from app.errors import NotFound
from app.looks import MOST_ASKED, PageSettings
from app.resources import Resources
from app.settings import Settings
from app.web import Asset, asset
from ingest.errors import SettingsError

MOST_QUESTIONS = 6
"""First questions there are at most: more nobody reads."""

_LARGEST_LOGO = 512 * 1024
_LONGEST_QUESTION = 200
_LOGO_PATH = "/logo"
_SVG = "{http://www.w3.org/2000/svg}svg"
_PNG = b"\x89PNG\r\n\x1a\n"

_LOGO_HEADERS = {
    "cache-control": "public, max-age=3600",
    # Opened by itself, an SVG is a page: it runs nothing, and is of no origin.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
}

_ESCAPED = {
    ord(sign): f"\\u{ord(sign):04x}" for sign in ("<", ">", "&", "\u2028", "\u2029")
}
"""What could end a script in a page, or a line of one."""


class PageObject(Struct, frozen=True, kw_only=True):
    """How a page looks and what it says first.

    Attributes:
        object: Always "page".
        name: What people call the help desk.
        colour: As ``#rrggbb``, or "" for the page's own.
        logo: Address of its logo, to be resolved against this service's, or None.
        greeting: What is said before anything is asked, or "" for the page's own words.
        questions: First questions; those that are asked most are not among them, see
            ``/v1/suggestions``.
        language: Language of the page's own words, or "" for the browser's.
        handoff: Where people can be reached: ``https:`` or ``mailto:``, or None.
        access: "open" where nobody needs a key, else "keys".
        version: Version of the service.
    """

    object: str = "page"
    name: str
    colour: str
    logo: str | None
    greeting: str
    questions: tuple[str, ...]
    language: str
    handoff: str | None
    access: Literal["open", "keys"]
    version: str


class Face(Struct, frozen=True, kw_only=True):
    """What the pages are told, checked once at start.

    Attributes:
        page: The object, as if everybody needed a key.
        logo: The logo's file; None where there is none.
    """

    page: PageObject
    logo: Asset | None = None

    def seen(self, *, keyed: bool) -> PageObject:
        """Return the object for a service that wants a key, or does not."""
        access: Literal["open", "keys"] = "keys" if keyed else "open"
        return msgspec.structs.replace(self.page, access=access)


def face_of(settings: Settings) -> Face:
    """Check what the pages are to be told, and read the logo.

    Raises:
        SettingsError: A question is too long, or there are too many; the logo cannot
            be read, is too large or of another kind; nobody can be reached at the
            handoff's address.
    """
    page, logo = settings.page, None
    if page.logo:
        logo = _read_logo(Path(page.logo))
    told = PageObject(
        name=page.name,
        colour=page.colour.lower(),
        logo=_LOGO_PATH if logo else None,
        greeting=page.greeting,
        questions=first_questions(page),
        language=page.language,
        handoff=_handoff(settings.handoff.url) or None,
        access="keys",
        version=version("frontdesk"),
    )
    return Face(page=told, logo=logo)


def page_json(face: Face, *, keyed: bool) -> bytes:
    """Return the page's object for a ``<script type="application/json">`` block.

    Args:
        face: What the pages are told.
        keyed: Whether callers need a key.
    """
    text = msgspec.json.encode(face.seen(keyed=keyed)).decode()
    return text.translate(_ESCAPED).encode()


async def is_keyed(resources: Resources) -> bool:
    """Return whether callers need a key."""
    if resources.doorkeeper is None:
        return False
    return await resources.doorkeeper.wants_keys()


def first_questions(page: PageSettings) -> tuple[str, ...]:
    """Return the first questions that are set; none where the most asked are wanted.

    Raises:
        SettingsError: One is too long, or there are too many.
    """
    if page.questions.strip() == MOST_ASKED:
        return ()
    parts = page.questions.replace("|", "\n").splitlines()
    found = tuple(dict.fromkeys(p for part in parts if (p := " ".join(part.split()))))
    if len(found) > MOST_QUESTIONS:
        raise SettingsError(f"PAGE_QUESTIONS: more than {MOST_QUESTIONS} questions")
    if any(len(question) > _LONGEST_QUESTION for question in found):
        raise SettingsError(
            f"PAGE_QUESTIONS: a question is longer than {_LONGEST_QUESTION} characters"
        )
    return found


@get("/v1/page", summary="What a page shows of itself", scopes=PUBLIC)
async def show_page_settings(
    face: NamedDependency[Face], resources: NamedDependency[Resources]
) -> Response[PageObject]:
    """Return name, colour, greeting and first questions of the help desk."""
    seen = face.seen(keyed=await is_keyed(resources))
    return Response(seen, headers={"cache-control": "no-cache"})


@get(_LOGO_PATH, include_in_schema=False, scopes=PUBLIC)
async def show_logo(face: NamedDependency[Face]) -> Response[bytes]:
    """Return the logo."""
    if face.logo is None:
        raise NotFound("there is no logo")
    return Response(
        face.logo.body, media_type=face.logo.media_type, headers=_LOGO_HEADERS
    )


def _read_logo(path: Path) -> Asset:
    try:
        with path.open("rb") as file:
            body = file.read(_LARGEST_LOGO + 1)
    except OSError as error:
        raise SettingsError(
            f"PAGE_LOGO: {path} cannot be read: {error.strerror}"
        ) from error
    if len(body) > _LARGEST_LOGO:
        raise SettingsError(
            f"PAGE_LOGO: {path} is larger than {_LARGEST_LOGO // 1024} KB"
        )
    media_type = _kind_of(body)
    if media_type is None:
        raise SettingsError(f"PAGE_LOGO: {path} is no SVG, PNG or WebP")
    return asset(media_type, body)


def _kind_of(body: bytes) -> str | None:
    """Return the media type of a picture by its content, or None."""
    if body.startswith(_PNG):
        return "image/png"
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return "image/svg+xml" if root.tag == _SVG else None


def _handoff(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise SettingsError(f"HANDOFF_URL: {url} is no address") from error
    near = parts.scheme == "http" and is_loopback(host)
    reached = (parts.scheme == "https" and host) or near
    mailed = parts.scheme == "mailto" and "@" in parts.path
    if url and not (url.isprintable() and " " not in url and (reached or mailed)):
        raise SettingsError(
            f"HANDOFF_URL: {url} is neither an https: nor a mailto: address"
        )
    return url


routes = (show_page_settings, show_logo)
