"""The chat page: plain files, read once and served from memory by name."""

from importlib import resources

from msgspec import Struct


class Asset(Struct, frozen=True):
    """One file of the page.

    Attributes:
        media_type: As a browser must be told.
        body: The file's bytes.
    """

    media_type: str
    body: bytes


_MEDIA_TYPES = {
    "page.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
    "markdown.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}


def load_assets() -> dict[str, Asset]:
    """Return every file of the page by name; no other name is ever served."""
    folder = resources.files(__name__)
    return {
        name: Asset(media_type, folder.joinpath(name).read_bytes())
        for name, media_type in _MEDIA_TYPES.items()
    }
