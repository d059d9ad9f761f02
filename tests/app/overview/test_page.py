"""The page of insights: complete, and nothing that was asked can act in it."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.insights.figures import Day, Documents, Example, Insights, Nearest, Used
from app.overview.page import page
from tests.app.overview.made_insights import day, insights, topic

HOSTILE = (
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    '" onmouseover="alert(1)',
    "</title><svg onload=alert(1)>",
    "<!--",
    "&lt;script&gt;",
    "\u202etxt.exe\x00\ud800",
)
_HARMLESS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer",
    "section", "h1", "h2", "h3", "p", "ul", "li", "b", "span", "small", "div", "table",
    "thead", "tbody", "tr", "th", "td", "details", "summary", "figure", "figcaption",
    "svg", "desc", "polyline", "path", "rect", "text",
}  # fmt: skip


class Seen(HTMLParser):
    """Notes tags, names of attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(found: Insights) -> str:
    return page(found, version="1.0", made="today")


def with_text(text: str) -> Insights:
    """Return insights with one text wherever a text may stand."""
    example = Example(id=text, question=text, asked=0, comment=text)
    near = Nearest(path=text, title=text, similarity=None)
    used = Used(path=text, answers=1)
    return insights(
        tenant=text,
        topics=(topic(text, examples=(example,), nearest=near),),
        documents=Documents(
            total=2, most_used=(used,), never_used=(text,), never_used_total=1,
            elsewhere=0,
        ),
    )  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_was_asked_is_text_wherever_it_stands(text: str) -> None:
    html = shown(with_text(text))

    seen = Seen(html)
    assert seen.tags <= _HARMLESS
    assert not any(name.startswith("on") for name in seen.attributes)
    html.encode()
    if text.isprintable():
        assert seen.text.count(text) >= 7


@given(st.text(st.characters(), max_size=40))
def test_no_text_adds_a_tag(text: str) -> None:
    assert Seen(shown(with_text(text))).tags == Seen(shown(with_text("x"))).tags


def test_the_page_tells_all_there_is() -> None:
    text = Seen(shown(insights())).text

    for told in (
        "acme", "2026-11-28 to 2026-11-30", "Do you ship to Norway?",
        "shipping.md (0.42)", "chatcmpl-1", "“no”", "reset.md", "old.md",
        "2 of 3 documents", "25.0%", "4.25", "12,345", "0.0070", "frontdesk 1.0",
    ):  # fmt: skip
        assert told in text, told


def test_what_is_not_known_is_said() -> None:
    text = Seen(shown(insights(unrecorded=12, left_out=3, topics_total=80))).text

    assert "12 of the questions that were not answered" in text
    assert "3 more of these questions are older" in text
    assert "The 1 most frequent of 80 topics" in text


def test_where_nothing_was_asked_that_is_said() -> None:
    nothing = Day(day="2026-11-30")
    found = insights(total=nothing, by_day=(nothing,), topics=(), topics_total=0)

    text = Seen(shown(found)).text

    assert "No question is recorded of these days" in text
    assert "There is nothing to show" in text
    assert "Nothing was answered" in text


@pytest.mark.parametrize("days", [1, 2, 45, 366])
def test_any_number_of_days_is_drawn(days: int) -> None:
    html = shown(insights(by_day=tuple(day(n) for n in reversed(range(days)))))

    assert html.count('class="bar s0"') == days * 4
    assert "nan" not in html


def test_a_cost_that_nobody_knows_is_not_drawn_as_nothing() -> None:
    text = Seen(shown(insights(by_day=(day(cost=None),)))).text

    assert "No price is known" in text
