"""Pages as plain files: the chat page is served by name, the report is written out."""

from importlib import resources

from msgspec import Struct


class Asset(Struct, frozen=True):
    """One file of the page.

    Attributes:
        media_type: As a browser must be told, without the charset that text is sent with.
        body: The file's bytes.
    """

    media_type: str
    body: bytes


_MEDIA_TYPES = {
    "page.html": "text/html",
    "page.css": "text/css",
    "page.js": "text/javascript",
    "markdown.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def load_assets() -> dict[str, Asset]:
    """Return every file of the page by name; no other name is ever served."""
    folder = resources.files(__name__)
    return {
        name: Asset(media_type, folder.joinpath(name).read_bytes())
        for name, media_type in _MEDIA_TYPES.items()
    }


def text_of(name: str) -> str:
    """Return a file that is written into a page and never served."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
