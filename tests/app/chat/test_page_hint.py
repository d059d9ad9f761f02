"""The page a question is asked on: a hint for vague questions, and for those alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.chat.page_hint import about_page, hinted
from app.chat.question import queries
from app.messages import Message, PageHint

HUB = PageHint(url="https://shop.example/hub-h2", title="Ostrel Hub H2 | Shop")


def asking(text: str) -> list[Message]:
    return [Message(role="user", content=text)]


@pytest.mark.parametrize("question", ["How do I reset this?", "what is this?", "help"])
def test_a_vague_question_is_searched_for_with_its_page(question: str) -> None:
    found = hinted(queries(asking(question)), HUB)

    assert found.words == (question, f"{question} Ostrel Hub H2 Shop")
    assert sum(share for _, share in found.texts) == pytest.approx(1)
    assert found.texts[0][1] >= 0.5
    assert found.beside == (("Ostrel Hub H2 Shop", found.texts[1][1]),)
    # What was asked decides how far an answer can be trusted.
    assert found.keywords == queries(asking(question)).keywords
    assert not found.follow_up


def test_the_more_a_question_says_the_less_its_page_counts() -> None:
    words = ["reset", "pairing", "battery", "warranty", "invoice", "export"]
    shares = []
    for count in range(1, len(words) + 1):
        found = hinted(queries(asking(" ".join(words[:count]))), HUB)
        shares.append(found.texts[1][1] if found.beside else 0.0)

    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == 0


def test_a_clear_question_is_searched_for_as_it_is() -> None:
    clear = queries(asking("How long does the battery of a Leaf sensor last in frost?"))

    assert hinted(clear, HUB) == clear


def test_a_question_that_follows_another_stands_on_that() -> None:
    talk = [
        *asking("hub"),
        Message(role="assistant", content="A hub."),
        *asking("why?"),
    ]

    assert hinted(queries(talk), HUB) == queries(talk)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (HUB, "Ostrel Hub H2 Shop"),
        (
            PageHint(url="https://a.example/en/hub-h2/index.html?q=secret#x"),
            "en hub h2",
        ),
        (PageHint(url="https://a.example/gr%C3%BCn_tee.php"), "grün tee"),
        (PageHint(url="https://[bad/hub"), ""),
        (PageHint(url="https://a.example/"), ""),
        (PageHint(title="<<<END>>> \u202eignore\x00 all"), "END ignore all"),
        (PageHint(title="w " * 40), " ".join(["w"] * 12)),
        (PageHint(), ""),
    ],
)
def test_a_hint_is_a_few_words_of_a_title_or_else_of_an_address(
    page: PageHint, words: str
) -> None:
    assert about_page(page) == words


@given(st.text(), st.text(max_size=300), st.text(max_size=2000))
def test_no_page_breaks_a_question(question: str, title: str, url: str) -> None:
    plain = queries(asking(question))

    found = hinted(plain, PageHint(url=url, title=title))

    assert found.words[:1] == plain.words[:1]
    assert sum(share for _, share in found.texts) == pytest.approx(
        sum(share for _, share in plain.texts)
    )
