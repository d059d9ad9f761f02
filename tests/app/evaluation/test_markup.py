"""What is put into a tag is text, whatever it looks like."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from app.evaluation.markup import joined, tag

HOSTILE = """</td><script>alert('1')</script>" onload="x"""


def test_a_text_never_becomes_a_tag_or_an_attribute() -> None:
    written = tag("td", HOSTILE, title=HOSTILE)

    parsed = ET.fromstring(written)
    assert list(parsed) == []
    assert parsed.text == parsed.attrib["title"] == HOSTILE
    assert set(parsed.attrib) == {"title"}


def test_what_is_markup_already_is_not_escaped_again() -> None:
    inner = tag("b", "1 < 2")

    assert tag("p", "and ", inner) == "<p>and <b>1 &lt; 2</b></p>"
    assert joined([inner, " & "], inner) == f"{inner} &amp; {inner}"


def test_attributes_are_named_as_html_names_them() -> None:
    written = tag("input", class_="a", data_label="b", hidden="", x=1.25, y=2, z=None)

    assert written == '<input class="a" data-label="b" hidden x="1.2" y="2">'


def test_signs_that_turn_or_break_the_page_are_replaced() -> None:
    assert tag("p", "a\x00b\u202ec\ud800") == "<p>a\ufffdb\ufffdc\ufffd</p>"


@given(st.text())
def test_whatever_the_text_the_tag_stays_whole(text: str) -> None:
    parsed = ET.fromstring(tag("p", text).encode())

    assert list(parsed) == []
