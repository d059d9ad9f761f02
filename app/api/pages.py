"""The chat page and its files, from memory, by exact name, under a strict policy."""

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.access.scopes import PUBLIC
from app.errors import NotFound
from app.web import Asset

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)

PAGE_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""What every page is sent with."""

Assets = dict[str, Asset]


@get("/", include_in_schema=False, scopes=PUBLIC)
async def show_page(assets: NamedDependency[Assets]) -> Response[bytes]:
    """Return the chat page."""
    return _response(assets["page.html"])


@get("/assets/{name:str}", include_in_schema=False, scopes=PUBLIC)
async def show_asset(
    name: FromPath[str], assets: NamedDependency[Assets]
) -> Response[bytes]:
    """Return a file of the chat page."""
    if name not in assets or name == "page.html":
        raise NotFound(f"there is no file {name!r}")
    return _response(assets[name])


@get("/favicon.ico", include_in_schema=False, scopes=PUBLIC)
async def show_icon(assets: NamedDependency[Assets]) -> Response[bytes]:
    """Return the icon that browsers ask for by habit."""
    return _response(assets["icon.svg"])


def _response(asset: Asset) -> Response[bytes]:
    # Files change only with a new version of the service: asked again each time,
    # they cost a round trip on one's own network and are never stale.
    headers = PAGE_HEADERS | {"cache-control": "no-cache"}
    return Response(asset.body, media_type=asset.media_type, headers=headers)
