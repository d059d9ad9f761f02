import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Reading
from ingest.errors import ReadError
from ingest.readers.structured import read_json


def paths(reading: Reading) -> list[tuple[tuple[str, ...], str]]:
    return [(e.heading_path, e.text) for e in reading.elements]


def test_members_are_slices_under_the_names_that_lead_to_them() -> None:
    reading = read_json(
        "a.json", b'{"title": "Limits", "v": 2, "plans": ["a", "b"], "api": {"n": 500}}'
    )

    assert paths(reading) == [
        ((), '"title": "Limits", "v": 2'),
        (("plans",), '"plans": ["a", "b"]'),
        (("api",), '"api": {"n": 500}'),
    ]
    assert (reading.title, reading.verbatim) == ("Limits", True)


def test_members_of_a_long_list_are_elements_of_their_own() -> None:
    pages = [{"title": f"Page {n}", "body": "word " * 60} for n in range(9)]

    reading = read_json("a.json", json.dumps({"pages": pages, "v": 1}).encode())

    assert [path for path, _ in paths(reading)] == [
        *[("pages", f"Page {n}") for n in range(9)],
        (),
    ]
    assert json.loads(reading.elements[3].text) == pages[3]


def test_json_lines_are_read_value_by_value() -> None:
    reading = read_json("a.jsonl", b'{"name": "Leaf", "v": 1}\n{"v": 2}\n\n')

    assert paths(reading) == [(("Leaf",), '{"name": "Leaf", "v": 1}'), ((), '{"v": 2}')]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": [1,2', "line 1: Expecting"),
        ('{"a": 1}\n{"b"}', "line 2"),
        ("[" * 100_000, "too deeply"),
        ('{"a":' * 100_000, "too deeply"),
        ("[" * 100_000 + "]" * 100_000, "too deeply"),
        ("1" * 10_000, "not valid JSON"),
        ("", "not valid JSON"),
    ],
)
def test_what_is_no_json_is_refused_with_its_place(text: str, reason: str) -> None:
    with pytest.raises(ReadError, match=reason):
        read_json("a.json", text.encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=1000),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.sampled_from([None, 1, "\t"]))
def test_every_element_is_a_slice_and_nothing_is_lost(
    value: object, indent: int | str | None
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)

    reading = read_json("a.json", text.encode("utf-8", "replace"))

    end = 0
    for element in reading.elements:
        assert element.text == reading.text[element.start : element.end]
        between = reading.text[end : element.start]
        assert set("".join(between.split())) <= set('{}[],:"') or element.heading_path
        end = element.end


def test_escaped_letters_are_read_and_keep_their_place() -> None:
    text = json.dumps({"Größe": "für Käse 🧀", "path": "C:\\u00e9"}, indent=1)

    reading = read_json("a.json", text.encode())

    (element,) = reading.elements
    assert '"Größe": "für Käse 🧀"' in element.text
    assert "C:\\\\u00e9" in element.text
    assert not reading.verbatim
    for here, there in element.offsets[1:]:
        assert text[there : there + 1] == element.text[here : here + 1]


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=5))
def test_escapes_are_undone_and_say_what_they_said(members: dict[str, str]) -> None:
    reading = read_json("a.json", json.dumps(members).encode())

    (element,) = reading.elements
    assert json.loads(element.text) == members
    assert not any(ord(letter) > 127 for letter in reading.text)
    assert all(
        letter in element.text
        for text in members.values()
        for letter in text
        if ord(letter) > 127
    )
