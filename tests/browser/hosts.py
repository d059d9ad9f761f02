"""Pages of somebody else that carry the widget, on an origin of their own.

with host(HostPage(body=embedded(service, data_key=key))) as shop:
    ...  # shop.address is http://localhost:40123
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from msgspec import Struct


class HostPage(Struct, kw_only=True):
    """What a host answers; a test may change it while it is served.

    Attributes:
        head: HTML of the head.
        body: HTML of the body.
        headers: Sent with the page, such as its policy.
    """

    head: str = "<title>A shop</title>"
    body: str = "<h1>A shop</h1><p>Sensors, and what belongs to them.</p>"
    headers: dict[str, str] = {}

    def text(self) -> str:
        """Return the page."""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="icon" href="data:,">{self.head}</head>'
            f"<body>{self.body}</body></html>"
        )


class Host(Struct, frozen=True):
    """A host that is up: its origin, and its page."""

    address: str
    page: HostPage


@contextmanager
def host(page: HostPage | None = None) -> Iterator[Host]:
    """Serve `page` at every path of a free port; yields where.

    It is called ``localhost``, where services are called ``127.0.0.1``.
    """
    served = page or HostPage()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = served.text().encode()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Host(f"http://localhost:{server.server_port}", served)
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def embedded(service: str, **attributes: str) -> str:
    """Return the tag that embeds the widget of `service`.

    Args:
        service: Its address.
        attributes: Of the script, ``data_key`` for ``data-key``.
    """
    written = "".join(
        f' {name.replace("_", "-")}="{escape(value, quote=True)}"'
        for name, value in attributes.items()
    )
    return f'<script src="{service}/widget.js"{written}></script>'
