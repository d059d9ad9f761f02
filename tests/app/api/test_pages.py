"""T-csp, T-headers, T-static: what pages are sent with, and that nothing else is served."""

import html
import json
import re
from pathlib import Path

import httpx
import pytest

from app.web import load_assets
from tests.raw import Caller
from tests.service import service

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Written down a second time on purpose: it is changed here as well, or not at all."""

PAGES = ["/", "/demo", "/desk"]


def script_of(address: str, page: str = "/") -> str:
    found = re.search(r'src="(/assets/[^"]+\.js)"', httpx.get(address + page).text)
    assert found
    return found[1]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_lets_in_only_what_the_service_serves(
    sample_service: str, page: str
) -> None:
    reply = httpx.get(sample_service + page)

    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["content-security-policy"] == POLICY
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["cross-origin-opener-policy"] == "same-origin"
    assert reply.headers["cross-origin-resource-policy"] == "same-origin"
    assert "camera=()" in reply.headers["permissions-policy"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_one_that_was_built_and_holds_no_script_of_its_own(
    sample_service: str, page: str
) -> None:
    text = httpx.get(sample_service + page).text

    scripts = re.findall(r"<script([^>]*)>([^<]*)", text)
    # The demo also embeds the widget, as any page would.
    assert len(scripts) == (3 if page == "/demo" else 2)
    for attributes, body in scripts:
        assert "application/json" in attributes or not body.strip()
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)


def test_files_are_kept_for_good_and_pages_are_asked_for_again(
    sample_service: str,
) -> None:
    page = httpx.get(f"{sample_service}/")
    script = httpx.get(sample_service + script_of(sample_service))
    again = httpx.get(
        f"{sample_service}/", headers={"if-none-match": page.headers["etag"]}
    )

    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert page.headers["cache-control"] == "no-cache"
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["content-security-policy"] == POLICY


def test_a_file_is_packed_for_whoever_takes_that(sample_service: str) -> None:
    address = sample_service + script_of(sample_service)

    packed = httpx.get(address, headers={"accept-encoding": "gzip"})
    plain = httpx.get(address, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content)
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"


def test_any_page_may_load_the_widget_and_what_it_loads(sample_service: str) -> None:
    origin = {"origin": "https://shop.example.com"}
    for name in ("/widget.js", script_of(sample_service)):
        reply = httpx.get(sample_service + name, headers=origin)

        assert reply.status_code == 200
        assert reply.headers.get_list("access-control-allow-origin") == ["*"]
        assert reply.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    "name",
    [
        "..%2f__init__.py", "../__init__.py", "..%2f..%2fmain.py", "%2e%2e/main.py",
        "..\\main.py", "..%5cmain.py", "%252e%252e%252fmain.py", "chat.html", "CHAT.JS",
        "icon.svg%00", "icon.svg%0d%0a", "./icon.svg", "unbuilt.html",
        "report.js", "%c0%ae%c0%ae/main.py", "/etc/passwd", "file:///etc/passwd",
        "..;/main.py", "icon.svg::$DATA", ".", "..", "",
    ],
)  # fmt: skip
def test_no_other_name_is_served(sample_service: str, name: str) -> None:
    with Caller(sample_service) as caller:
        # No client library in between that would mend the path.
        caller.send(f"GET /assets/{name} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        reply = caller.read()

    assert reply.status in (400, 404)
    assert b"<!doctype" not in reply.body
    assert b"import " not in reply.body


def test_without_built_pages_one_says_how_to_build_them(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in ("icon.svg", "source.css", "unbuilt.html"):
        (plain / name).write_text(f"{name}: make pages")

    assets = load_assets(tmp_path)

    assert assets.page("chat").body == b"unbuilt.html: make pages"
    assert assets.widget is None
    assert sorted(assets.files) == ["icon.svg", "source.css"]


def test_a_page_is_told_how_it_is_set_up_and_nothing_breaks_out_of_that(
    tmp_path: Path,
) -> None:
    name = "</script><script>alert(1)</script>&"
    with service(tmp_path, PAGE_NAME=name, PAGE_QUESTIONS="How?|Why?") as address:
        text = httpx.get(f"{address}/").text

    told = re.search(r'<script type="application/json" id="page">([^<]*)<', text)
    assert told
    page = json.loads(told[1])
    assert page["name"] == name
    assert page["questions"] == ["How?", "Why?"]
    assert page["access"] == "open"
    assert "<script>alert" not in text
    assert f"<title>{html.escape(name)}</title>" in text
