"""The hint of a page, over the service: checked, searched with, never shown a model."""

from typing import Any

import openai
import pytest

from tests.app.api.whole import Whole

VAGUE = "How do I reset this?"


def on(**page: Any) -> dict[str, Any]:
    return {"extra_body": {"rag": {"page": page}}}


def test_a_page_helps_a_question_that_names_nothing(whole: Whole) -> None:
    hint = {
        "url": "https://shop.example/p/17",
        "title": "Set back the Hub, UNSEEN-4711",
    }

    whole.ask(VAGUE)
    answer = whole.ask(VAGUE, **on(**hint))

    sources = [source["title"] for source in answer.model_extra["sources"]]
    assert any("hub" in title.lower() for title in sources)
    assert answer.model_extra["rag"]["queries"][0] == VAGUE
    # It is for the search alone.
    assert "UNSEEN-4711" not in str(whole.asked)


@pytest.mark.parametrize(
    ("page", "param"),
    [
        ({"title": "x" * 301}, "rag.page.title"),
        ({"url": "x" * 2001}, "rag.page.url"),
        ({"title": 5}, "rag.page.title"),
        ({"titel": "Hub"}, "rag.page.titel"),
    ],
)
def test_what_is_no_page_is_refused(
    whole: Whole, page: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        whole.ask(VAGUE, **on(**page))

    assert caught.value.param == param
    assert whole.asked == []


def test_a_page_may_be_null_or_empty(whole: Whole) -> None:
    assert whole.ask(**on(url=None, title="")).choices
    assert whole.ask(extra_body={"rag": {"page": None}}).choices
