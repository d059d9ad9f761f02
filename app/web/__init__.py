"""Pages: built ones and their files, plain ones, and what is written into reports.

The chat page, the desk and the widget are TypeScript below ``src/``; `make pages` builds
them into ``built/``. What stands in ``plain/`` is served, or written out, as it is.
"""

import gzip
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from msgspec import Struct

MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
"""Kinds of files that pages are made of."""


class Asset(Struct, frozen=True):
    """One file of the pages.

    Attributes:
        media_type: As a browser must be told, without the charset that text is sent with.
        body: The file's bytes.
        packed: The same by gzip, or None where that saves nothing.
        tag: Changes with the bytes.
        forever: Its name changes with its bytes, so that it can be kept for good.
    """

    media_type: str
    body: bytes
    packed: bytes | None
    tag: str
    forever: bool = False


class Assets(Struct, frozen=True):
    """Every file that is served; no other name ever is.

    Attributes:
        pages: Pages by name, such as ``chat``; without any, nothing has been built.
        files: What lies under ``/assets/``, by name.
        widget: The script that a foreign page embeds; None if it was not built.
        unbuilt: The page in place of those that were not built.
    """

    pages: dict[str, Asset]
    files: dict[str, Asset]
    widget: Asset | None
    unbuilt: Asset

    def page(self, name: str) -> Asset:
        """Return a page, or the one that says how to build it."""
        return self.pages.get(name, self.unbuilt)


_PAGES = ("chat", "desk", "demo")
_PLAIN = ("icon.svg", "source.css")


def load_assets(home: Traversable | None = None) -> Assets:
    """Return every file that is served; `home` is where ``plain`` and ``built`` lie."""
    home = home or resources.files(__name__)
    plain, built = home.joinpath("plain"), home.joinpath("built")
    files = {name: _read(plain.joinpath(name)) for name in _PLAIN}
    if (hashed := built.joinpath("assets")).is_dir():
        files |= {
            found.name: _read(found, forever=True)
            for found in hashed.iterdir()
            if PurePosixPath(found.name).suffix in MEDIA_TYPES
        }
    pages = {name: built.joinpath(f"{name}.html") for name in _PAGES}
    widget = built.joinpath("widget.js")
    return Assets(
        pages={name: _read(file) for name, file in pages.items() if file.is_file()},
        files=files,
        widget=_read(widget) if widget.is_file() else None,
        unbuilt=_read(plain.joinpath("unbuilt.html")),
    )


def asset(media_type: str, body: bytes, *, forever: bool = False) -> Asset:
    """Return a file to serve.

    Args:
        media_type: What it is.
        body: Its bytes.
        forever: Its name changes with its bytes.
    """
    packed = gzip.compress(body, 9, mtime=0) if _packs(media_type) else body
    return Asset(
        media_type=media_type,
        body=body,
        packed=packed if len(packed) < len(body) else None,
        tag=f'"{sha256(body).hexdigest()[:24]}"',
        forever=forever,
    )


def text_of(name: str) -> str:
    """Return a plain file that is written into a page."""
    file = resources.files(__name__).joinpath("plain", name)
    return file.read_text(encoding="utf-8")


def _read(file: Traversable, *, forever: bool = False) -> Asset:
    media_type = MEDIA_TYPES[PurePosixPath(file.name).suffix]
    return asset(media_type, file.read_bytes(), forever=forever)


def _packs(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "image/svg+xml"
