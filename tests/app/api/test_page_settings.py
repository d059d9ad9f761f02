"""What the pages are told about themselves."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.api.page_settings import Face, PageObject, face_of, page_json
from app.settings import load_settings
from ingest.errors import SettingsError
from tests.keyed import PAGE, keyed

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><g/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(30)
WEBP = b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(30)
ALLOW = "access-control-allow-origin"


def face(**variables: str) -> Face:
    return face_of(load_settings(variables))


async def test_a_page_is_told_what_is_set_by_anybody(
    sample_home: Path, tmp_path: Path
) -> None:
    settings = {
        "PAGE_NAME": "Fjord",
        "PAGE_COLOUR": "#0A5fCC",
        "PAGE_GREETING": "Hej!",
        "PAGE_QUESTIONS": "How do I start? |  What is new?\nHow do I start?",
        "PAGE_LANGUAGE": "sv",
        "HANDOFF_URL": "mailto:help@example.com",
    }
    async with (
        keyed(sample_home, tmp_path, **settings) as service,
        service.caller() as nobody,
    ):
        before = await nobody.get("/v1/page")
        await service.key("chat")
    async with keyed(sample_home, tmp_path) as service, service.caller() as nobody:
        after = await nobody.get("/v1/page")

    told = before.json()
    assert re.match(r"\d", told.pop("version"))
    assert told == {
        "object": "page",
        "name": "Fjord",
        "colour": "#0a5fcc",
        "logo": None,
        "greeting": "Hej!",
        "questions": ["How do I start?", "What is new?"],
        "language": "sv",
        "handoff": "mailto:help@example.com",
        "access": "open",
    }
    assert after.json()["access"] == "keys"


async def test_pages_of_every_origin_may_read_it_and_nothing_else(
    sample_home: Path, tmp_path: Path
) -> None:
    async with keyed(sample_home, tmp_path, SERVER_CORS_ORIGINS=PAGE) as service:
        for origin in (PAGE, "https://somewhere.example"):
            async with service.caller(origin=origin) as page:
                reply = await page.get("/v1/page")
            assert reply.headers.get_list(ALLOW) == ["*"]
            assert "access-control-allow-credentials" not in reply.headers
        async with service.caller(origin="https://somewhere.example") as page:
            assert ALLOW not in (await page.get("/v1/models")).headers
            assert ALLOW not in (await page.get("/v1/page/")).headers


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (SVG, "image/svg+xml"),
        (b"\xef\xbb\xbf<!-- a logo -->\n" + SVG[21:], "image/svg+xml"),
        (PNG, "image/png"),
        (WEBP, "image/webp"),
    ],
    ids=["svg", "svg with a comment", "png", "webp"],
)
async def test_a_logo_is_served_and_runs_nothing(
    sample_home: Path, tmp_path: Path, body: bytes, media_type: str
) -> None:
    # What it is called decides nothing.
    logo = tmp_path / "logo.bin"
    logo.write_bytes(body)

    async with (
        keyed(sample_home, tmp_path, PAGE_LOGO=str(logo)) as service,
        service.caller() as nobody,
    ):
        told = (await nobody.get("/v1/page")).json()["logo"]
        reply = await nobody.get(told)

    assert (told, reply.content) == ("/logo", body)
    assert reply.headers["content-type"].partition(";")[0] == media_type
    assert reply.headers["x-content-type-options"] == "nosniff"
    policy = reply.headers["content-security-policy"].split("; ")
    assert policy == ["default-src 'none'", "style-src 'unsafe-inline'", "sandbox"]


async def test_without_a_logo_there_is_none(sample_home: Path, tmp_path: Path) -> None:
    async with keyed(sample_home, tmp_path) as service, service.caller() as nobody:
        assert (await nobody.get("/logo")).status_code == 404


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "cannot be read"),
        (b"", "is no SVG"),
        (b"GIF89a", "is no SVG"),
        (b"<html><script>alert(1)</script></html>", "is no SVG"),
        (b"<svg>without a namespace</svg>", "is no SVG"),
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + SVG[21:], "is no SVG"),
        (PNG + bytes(512 * 1024), "larger than 512 KB"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_that_is_no_logo_is_refused_at_start(
    tmp_path: Path, body: bytes | None, reason: str
) -> None:
    logo = tmp_path / "logo.svg"
    if body is not None:
        logo.write_bytes(body)

    with pytest.raises(SettingsError, match=f"^PAGE_LOGO: .*{reason}"):
        face(PAGE_LOGO=str(logo))


@pytest.mark.parametrize(
    "url",
    [
        "https://help.example.com/talk?to=us",
        "mailto:a@b.example",
        "http://localhost:9/x",
    ],
)
def test_people_are_reached_by_an_address_that_is_safe_to_open(url: str) -> None:
    assert face(HANDOFF_URL=url).page.handoff == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "http://help.example.com", "//help.example.com", "https:",
        "data:text/html,x", "mailto:", "https://[bad", "https://a.example/\u2028x",
        "https://localhost\n.evil.example", "http://localhost.evil.example",
    ],
)  # fmt: skip
def test_other_addresses_of_people_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match=r"^HANDOFF_URL: "):
        face(HANDOFF_URL=url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAGE_COLOUR", "red"),
        ("PAGE_COLOUR", "#12345"),
        ("PAGE_COLOUR", "#123456;}"),
        ("PAGE_LANGUAGE", "de_DE!"),
        ("PAGE_NAME", ""),
        ("PAGE_QUESTIONS", "|".join("abcdefg")),
        ("PAGE_QUESTIONS", "x" * 201),
    ],
)
def test_what_a_page_cannot_be_told_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        face(**{name: value})


def test_the_most_asked_questions_are_not_told_to_everybody() -> None:
    assert face(PAGE_QUESTIONS="most-asked").page.questions == ()


def test_what_is_written_into_a_page_cannot_end_its_script() -> None:
    words: dict[str, Any] = {
        "PAGE_NAME": "</script><b>&\u2028\u2029",
        "PAGE_LANGUAGE": "",
    }

    written = page_json(face(**words), keyed=False)

    assert not re.search("[<>&\u2028\u2029]", written.decode())
    read = msgspec.json.decode(written, type=PageObject)
    assert (read.name, read.access) == (words["PAGE_NAME"], "open")
