"""What is refused to whoever keeps documents over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.app.documents.keeping import Keeper
from tests.raw import Caller
from tests.service import service


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("..%2Fx.md", 400), ("a/../x.md", 400), ("a/%2e%2e/x.md", 400), ("./x.md", 400),
        ("/etc/x.md", 400), ("a//b.md", 400), ("a/", 400), (".x.md", 400),
        ("a/.git/x.md", 400), ("a%00b.md", 400), ("a%0ab.md", 400), ("%ff.md", 400),
        ("a%5Cb.md", 400), ("%E2%80%AEx.md", 400), ("a%20/x.md", 400),
        ("x" * 201 + ".md", 400), ("d/" * 17 + "x.md", 400), (("n" * 190 + "/") * 6, 400),
        ("frontdesk.toml", 400), ("a/Frontdesk.TOML", 400), ("x.exe", 415), ("x", 415),
    ],
)  # fmt: skip
def test_a_path_that_no_document_may_have_is_refused(
    keeper: Keeper, home: Path, path: str, status: int
) -> None:
    before = sorted(home.rglob("*.md"))

    with Caller(str(keeper.http.base_url)) as caller:
        caller.send(
            f"PUT /v1/documents/{path} HTTP/1.1\r\nhost: localhost\r\n"
            "content-length: 1\r\n\r\nx".encode()
        )
        refused = caller.read()

    assert refused.status == status, refused.body
    assert refused.code in ("invalid_value", "unsupported_media_type")
    assert sorted(home.rglob("*.md")) == before


def test_what_is_no_file_is_refused(keeper: Keeper) -> None:
    refused = {
        "too large": keeper.put("large.md", b"x" * 100_001),
        "empty": keeper.put("empty.md", b""),
        "form": keeper.http.put("/v1/documents/form.md", files={"file": b"x"}),
        "compressed": keeper.put("small.md", b"x", **{"content-encoding": "gzip"}),
        "there": keeper.put("always.md", b"other", **{"if-none-match": "*"}),
        "condition": keeper.put("always.md", b"other", **{"if-match": "x"}),
        "folder": keeper.put("always.md/inner.md", b"x"),
        "chunked": keeper.http.put("/v1/documents/large.md", content=_pieces(200_000)),
    }

    told = {
        name: (r.status_code, r.json()["error"]["code"]) for name, r in refused.items()
    }
    assert told == {
        "too large": (413, "request_too_large"),
        "empty": (400, "invalid_value"),
        "form": (415, "unsupported_media_type"),
        "compressed": (415, "unsupported_media_type"),
        "there": (412, "document_exists"),
        "condition": (400, "invalid_value"),
        "folder": (409, "path_taken"),
        "chunked": (413, "request_too_large"),
    }
    assert keeper.document("always.md")["state"] == "indexed"
    assert keeper.http.get("/v1/documents/large.md").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:3000"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_page_of_another_origin_changes_nothing(
    keeper: Keeper, headers: dict[str, str]
) -> None:
    runs = keeper.http.get("/v1/ingests").json()["data"]

    # What a page can send without asking first: no JSON, and the two methods.
    simple = {"content-type": "text/plain", **headers}
    calls = [
        keeper.http.post("/v1/ingests", headers=headers),
        keeper.http.post("/v1/ingests", content="{}", headers=simple),
        keeper.http.post("/v1/editions/000001/restore", headers=headers),
        keeper.put("foreign.md", "x", **headers),
        keeper.http.delete("/v1/documents/always.md", headers=headers),
    ]
    preflight = keeper.http.options(
        "/v1/documents/x.md",
        headers={**headers, "access-control-request-method": "PUT"},
    )

    told = [(call.status_code, call.json()["error"]["code"]) for call in calls]
    assert told == [(403, "origin_not_allowed")] * 5
    assert "access-control-allow-origin" not in preflight.headers
    assert keeper.http.get("/v1/ingests").json()["data"] == runs
    assert keeper.document("always.md")["state"] == "indexed"


def test_a_page_of_the_service_itself_may(keeper: Keeper) -> None:
    own = {
        "origin": str(keeper.http.base_url).rstrip("/"),
        "sec-fetch-site": "same-origin",
    }

    begun = keeper.http.post("/v1/ingests", json={}, headers=own)
    text = keeper.http.post(
        "/v1/ingests", content="{}", headers={"content-type": "text/plain"}
    )
    field = keeper.http.post("/v1/ingests", json={"folder": "/etc"})

    assert begun.status_code == 202
    assert text.status_code == 415
    assert (field.status_code, field.json()["error"]["param"]) == (400, "folder")
    assert keeper.over(begun)["report"]["unchanged"] > 0


def test_a_service_that_cannot_write_to_its_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "papers").write_text("no folder")

    with service(tmp_path, DESK_FOLDER="papers") as address:
        listed = httpx.get(f"{address}/v1/documents").json()
        put = httpx.put(f"{address}/v1/documents/x.md", content=b"x")

    assert listed["folder"]["writable"] is False
    assert "DESK_FOLDER" in listed["folder"]["reason"]
    assert (put.status_code, put.json()["error"]["code"]) == (
        403,
        "folder_not_writable",
    )


def _pieces(size: int) -> Iterator[bytes]:
    for _ in range(size // 1000):
        yield b"x" * 1000
