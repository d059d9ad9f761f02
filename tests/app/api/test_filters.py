"""Filters through the whole service: OpenAI's own client, the search API, commands."""

import json
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tests.app.api.whole import Whole
from tests.command import frontdesk

LIMITS = "How many sensors does a plan allow?"


def searched(address: str, query: str = LIMITS, **within: Any) -> list[dict[str, Any]]:
    """Return the documents of all hits within a filter."""
    asked = {"query": query, "limit": 50, "filter": within}
    reply = httpx.post(f"{address}/v1/search", json=asked)
    assert reply.status_code == 200, reply.text
    return [hit["document"] for hit in reply.json()["data"]]


def test_an_answer_comes_from_the_version_that_was_asked_for(whole: Whole) -> None:
    old = whole.ask(LIMITS, extra_body={"rag": {"filter": {"version": "3.9"}}})
    new = whole.ask(LIMITS, extra_body={"rag": {"filter": {"version": ["4.2"]}}})

    assert {s["title"] for s in old.sources} == {"Limits (version 3.9, outdated)"}
    assert "Limits (version 3.9, outdated)" not in {s["title"] for s in new.sources}
    assert new.sources


def test_filters_hold_together(whole: Whole) -> None:
    within = {
        "path": "install/",
        "language": "en",
        "label": "public",
        "version": "4",
        "date": {"from": "2026-06-01", "to": "2026-06-30"},
    }

    completion = whole.ask(
        "How do I reset the hub?", extra_body={"rag": {"filter": within}}
    )

    paths = {d["path"] for d in searched(whole.address, "reset the hub", **within)}
    assert paths == {"install/hub-reset.md", "install/replace-hub.md"}
    assert {s["title"] for s in completion.sources} <= {
        d["title"] for d in searched(whole.address, "reset the hub", **within)
    }
    assert completion.sources


def test_no_filter_is_as_good_as_null(whole: Whole) -> None:
    plain = whole.ask()
    null = whole.ask(extra_body={"rag": {"filter": None}})

    assert null.sources == plain.sources


def test_a_filter_that_nothing_fits_ends_in_not_knowing(whole: Whole) -> None:
    completion = whole.ask(extra_body={"rag": {"filter": {"version": "17"}}})

    assert completion.rag["answered"] is False
    assert completion.sources == []
    assert whole.asked == []


@pytest.mark.parametrize(
    ("within", "param"),
    [
        ({"colour": "red"}, "rag.filter.colour"),
        ({"date": {"from": "02/09/2026"}}, "rag.filter.date.from"),
        ({"version": 4.2}, "rag.filter.version"),
        ({"path": ["a"] * 101}, "rag.filter.path"),
    ],
)
def test_the_client_is_told_which_field_is_wrong(
    whole: Whole, within: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        whole.ask(extra_body={"rag": {"filter": within}})

    assert caught.value.param == param
    assert param in caught.value.message


def test_a_hit_tells_what_its_document_declares(sample_service: str) -> None:
    documents = {
        d["path"]: (d["versions"], d["date"])
        for path in (
            "limits",
            "vault/install.rst",
            "sensors/calibration",
            "mail/",
            "install/",
        )
        for d in searched(sample_service, path=path)
    }

    assert documents["limits-3.9.md"] == (["3.9"], "2025-08-20")
    assert documents["vault/install.rst"] == (["4.2"], "2026-09-02")
    assert documents["sensors/calibration.html"] == ([], "2026-08-05")
    assert documents["install/hub-h1.md"] == ([], "2026-01-20")
    mails = [date for path, (_, date) in documents.items() if path.startswith("mail/")]
    assert mails
    assert all(date and date.startswith("2026-") for date in mails)


def test_undated_documents_are_in_no_span(sample_service: str) -> None:
    span = {"from": "0001-01-01", "to": "9999-12-31"}

    everything = {
        d["path"]: d["date"] for d in searched(sample_service, path="manuals/")
    }
    dated = searched(sample_service, path="manuals/", date=span)

    assert set(everything.values()) == {None}
    assert dated == []


def test_a_label_that_is_not_held_finds_nothing(sample_service: str) -> None:
    assert searched(sample_service, "goodwill credits", label="staff") == []
    assert searched(sample_service, "goodwill credits", label=["staff", "public"])


def test_the_commands_narrow_as_the_api_does(
    sample_home: Path, sample_service: str
) -> None:
    options = {
        "path": ["releases/", "limits"],
        "language": ["en"],
        "label": ["public"],
        "version": ["4.0", "3"],
        "from": ["2025-01-01"],
        "to": ["2026-02-28"],
    }
    given = [
        part
        for name, values in options.items()
        for v in values
        for part in (f"--{name}", v)
    ]

    done = frontdesk(sample_home, "search", LIMITS, *given, "--limit", "50", "--json")
    asked = frontdesk(sample_home, "ask", LIMITS, "--version", "3.9")

    assert done.returncode == 0, done.stderr
    paths = {hit["document"]["path"] for hit in json.loads(done.stdout)["data"]}
    assert paths == {"releases/4.0.md", "limits-3.9.md"}
    days = {"from": "2025-01-01", "to": "2026-02-28"}
    within: dict[str, Any] = {"date": days}
    within |= {k: v for k, v in options.items() if k not in days}
    assert paths == {d["path"] for d in searched(sample_service, **within)}
    assert asked.returncode == 0
    assert "Limits (version 3.9, outdated)" in asked.stdout


def test_the_description_of_the_api_lists_what_can_be_filtered_by(
    sample_service: str,
) -> None:
    schema = httpx.get(f"{sample_service}/openapi.json").json()["components"]["schemas"]

    assert schema["RequestFilter"]["properties"].keys() == {
        *("path", "label", "language", "document", "version", "date")
    }
    assert schema["Days"]["properties"].keys() == {"from", "to"}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--from", "02/09/2026"), "--from"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "--from"),
        (("--language", "English"), "--language"),
    ],
)
def test_a_wrong_option_is_named(
    tmp_path: Path, options: tuple[str, ...], named: str
) -> None:
    done = frontdesk(tmp_path, "search", LIMITS, *options)

    assert done.returncode == 2
    assert named in done.stderr
    assert "Traceback" not in done.stderr
