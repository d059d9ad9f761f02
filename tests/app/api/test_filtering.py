"""What a request's filter may look like, and what becomes of it."""

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.filtering import RequestFilter, filter_of
from app.api.request import RequestRules, question_of
from app.errors import InvalidRequest
from app.messages import Filter
from tests.app.api.relaying import QUESTION

RULES = RequestRules(max_n=4, pseudonym_key=b"k")
KNOWN = ("path", "label", "language", "document", "version", "date")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=5,
)


def narrowed(sent: Any) -> Filter:
    body = {"model": "m", "messages": QUESTION, "rag": {"filter": sent}}
    return question_of(body, RULES).rag.filter


def test_one_value_or_several_narrow_alike() -> None:
    one = dict.fromkeys(KNOWN[:-1], "en")
    several = dict.fromkeys(KNOWN[:-1], ["en"])  # noqa: RUF024 - nobody changes it

    assert narrowed(one) == narrowed(several)
    assert narrowed(one).version == ("en",)


def test_a_whole_filter_is_understood() -> None:
    assert narrowed(
        {
            "path": ["./install/", "/limits.md"],
            "label": "public",
            "language": ["de-AT", "EN"],
            "document": "d1",
            "version": "4.2",
            "date": {"from": "2026-01-01", "to": "2026-12-31"},
        }
    ) == Filter(
        path=("install/", "limits.md"),
        label=("public",),
        language=("de", "en"),
        document=("d1",),
        version=("4.2",),
        since="2026-01-01",
        until="2026-12-31",
    )


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        {},
        dict.fromkeys(KNOWN),
        {"date": {}},
        {"date": {"from": None, "to": None}},
    ],
)
def test_null_is_not_given(nothing: Any) -> None:
    assert narrowed(nothing) == Filter()


@pytest.mark.parametrize(
    ("sent", "field", "code"),
    [
        ("red", "", "invalid_type"),
        ([], "", "invalid_type"),
        ({"colour": "red"}, ".colour", "invalid_value"),
        ({"": "red"}, ".", "invalid_value"),
        ({"x" * 10_000: "red"}, f".{'x' * 64}", "invalid_value"),
        ({"path": 5}, ".path", "invalid_type"),
        ({"path": ["a", 5]}, ".path[1]", "invalid_type"),
        ({"path": "a" * 1025}, ".path", "invalid_value"),
        ({"label": []}, ".label", "invalid_value"),
        ({"label": ["a", ""]}, ".label[1]", "invalid_value"),
        ({"version": 4.2}, ".version", "invalid_type"),
        ({"version": ["4"] * 101}, ".version", "invalid_value"),
        ({"version": "4" * 257}, ".version", "invalid_value"),
        ({"document": {"id": "d"}}, ".document", "invalid_type"),
        ({"language": "English"}, ".language", "invalid_value"),
        ({"language": ["en", "??"]}, ".language", "invalid_value"),
        ({"date": "2026-01-01"}, ".date", "invalid_type"),
        ({"date": {"since": "2026-01-01"}}, ".date.since", "invalid_value"),
        ({"date": {"from": 20260101}}, ".date.from", "invalid_type"),
        ({"date": {"from": "2026-02-30"}}, ".date.from", "invalid_value"),
        ({"date": {"from": "0000-01-01"}}, ".date.from", "invalid_value"),
        ({"date": {"to": "99999-01-01"}}, ".date.to", "invalid_value"),
        ({"date": {"to": "2026-01-01T00:00:00Z"}}, ".date.to", "invalid_value"),
        ({"date": {"from": "2026-01-02", "to": "2026-01-01"}}, ".date", "invalid_value"),
    ],
    ids=lambda value: repr(value)[:40],
)  # fmt: skip
def test_a_wrong_field_is_named(sent: Any, field: str, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        narrowed(sent)

    assert (caught.value.param, caught.value.code) == (f"rag.filter{field}", code)
    assert str(caught.value).startswith(f"`rag.filter{field}` is not ")
    assert len(str(caught.value)) < 400


def test_an_unknown_field_is_answered_with_those_there_are() -> None:
    with pytest.raises(InvalidRequest, match=f"there is {', '.join(KNOWN)}"):
        narrowed({"colour": "red"})
    with pytest.raises(InvalidRequest, match="there is from, to"):
        narrowed({"date": {"since": "2026-01-01"}})


@given(st.dictionaries(st.sampled_from(KNOWN) | st.text(max_size=6), json_values))
def test_any_filter_is_understood_or_refused_by_name(sent: dict[str, Any]) -> None:
    try:
        found = narrowed(sent)
    except InvalidRequest as error:
        place = error.param or ""
    else:
        place = "rag.filter"
        asked = {name for name, value in sent.items() if value is not None}
        assert asked <= set(KNOWN)
        # Nothing that was asked for is lost on the way.
        assert all(getattr(found, name) for name in asked - {"date"})
    assert place.startswith("rag.filter")


@given(st.dates(), st.dates())
def test_a_span_is_taken_whole_or_refused(start: dt.date, end: dt.date) -> None:
    days = {"from": start.isoformat(), "to": end.isoformat()}
    request = msgspec.convert({"date": days}, RequestFilter)

    if start > end:
        with pytest.raises(InvalidRequest) as caught:
            filter_of(request, "filter")
        assert caught.value.param == "filter.date"
    else:
        found = filter_of(request, "filter")
        assert (found.since, found.until) == (days["from"], days["to"])
