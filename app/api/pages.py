"""The pages and their files, from memory, by exact name, under a strict policy."""

from html import escape
from typing import Any

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.access.scopes import PUBLIC
from app.api.page_settings import Face, is_keyed, page_json
from app.errors import NotFound
from app.resources import Resources
from app.web import Asset, Assets, asset

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No page makes HTML of a string, so that none may make a trusted one either."""

PAGE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""What every page is sent with."""

_FILE_HEADERS = PAGE_HEADERS | {
    # The widget's files are read by the pages that embed it; there is nothing of
    # anybody's in them.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}

_ASKED_AGAIN = "no-cache"
"""Asked for again each time, and answered with 304 where nothing has changed."""

_TOLD = b'<script type="application/json" id="page"></script>'
"""Where a page finds how it is set up; the service writes it there."""

_PAGES = {"/": "chat", "/desk": "desk", "/demo": "demo"}
"""Each page's name by where it is: the chat, the desk of whoever keeps the documents
(what it shows needs a key), and an imaginary company's page that carries the widget."""

_FOR_A_WHILE = "public, max-age=300"
_FOREVER = "public, max-age=31536000, immutable"


@get(list(_PAGES), include_in_schema=False, scopes=PUBLIC)
async def show_page(
    request: Request[Any, Any, Any],
    assets: NamedDependency[Assets],
    face: NamedDependency[Face],
    resources: NamedDependency[Resources],
) -> Response[bytes]:
    """Return a page with what it needs for its first paint written in."""
    page = assets.page(_PAGES[request.url.path.rstrip("/") or "/"])
    told = page_json(face, keyed=await is_keyed(resources))
    body = page.body.replace(_TOLD, _TOLD.replace(b"><", b">" + told + b"<"))
    name = escape(face.page.name).encode()
    body = body.replace(b"<title>frontdesk<", b"<title>" + name + b"<")
    headers = PAGE_HEADERS | {"cache-control": _ASKED_AGAIN}
    return _response(request, asset(page.media_type, body), headers)


@get("/assets/{name:str}", include_in_schema=False, scopes=PUBLIC)
async def show_asset(
    name: FromPath[str],
    request: Request[Any, Any, Any],
    assets: NamedDependency[Assets],
) -> Response[bytes]:
    """Return a file of the pages."""
    if (asset := assets.files.get(name)) is None:
        raise NotFound(f"there is no file {name!r}")
    kept = _FOREVER if asset.forever else _ASKED_AGAIN
    return _response(request, asset, _FILE_HEADERS | {"cache-control": kept})


@get("/widget.js", include_in_schema=False, scopes=PUBLIC)
async def show_widget(
    request: Request[Any, Any, Any], assets: NamedDependency[Assets]
) -> Response[bytes]:
    """Return the script that foreign pages embed."""
    if assets.widget is None:
        raise NotFound("the widget is not built: run make pages, then start again")
    headers = _FILE_HEADERS | {"cache-control": _FOR_A_WHILE}
    return _response(request, assets.widget, headers)


@get("/favicon.ico", include_in_schema=False, scopes=PUBLIC)
async def show_icon(
    request: Request[Any, Any, Any], assets: NamedDependency[Assets]
) -> Response[bytes]:
    """Return the icon that browsers ask for by habit."""
    headers = PAGE_HEADERS | {"cache-control": _FOR_A_WHILE}
    return _response(request, assets.files["icon.svg"], headers)


def _response(
    request: Request[Any, Any, Any], asset: Asset, headers: dict[str, str]
) -> Response[bytes]:
    headers = headers | {"etag": asset.tag, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == asset.tag:
        return Response(b"", status_code=304, headers=headers)
    body = asset.body
    if asset.packed and "gzip" in request.headers.get("accept-encoding", ""):
        body, headers = asset.packed, headers | {"content-encoding": "gzip"}
    return Response(body, media_type=asset.media_type, headers=headers)


routes = (show_page, show_asset, show_widget, show_icon)
