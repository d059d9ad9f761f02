"""The page of an evaluation: whole, safe, by itself."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest

from app.evaluation.outcomes import BrokenLine, Outcome
from app.evaluation.report import page
from app.evaluation.report_tables import troubles
from tests.app.evaluation.made_outcomes import evaluation, outcome, unanswerable

HOSTILE = """</script></td><script>alert("1")</script><img src=x onerror='a'>"&amp;"""


class Tags(HTMLParser):
    """Collects the tags of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


MIXED = (
    outcome("fine", facts=1.0),
    outcome("deep", found=("a.md", "b.md", "c.md", "d.md", "e.md", "right.md")),
    outcome("lost", found=("wrong.md",), kind="follow_up"),
    unanswerable("missed", answered=True, confidence=0.8),
    unanswerable("right"),
    outcome("broken", answered=False, error="the service did not answer"),
    outcome("partly", facts=0.5, missing_facts=("30 days",), sent=200, stuffed=900),
)


def test_the_page_holds_every_question_with_what_was_found() -> None:
    text = Tags(page(evaluation(*MIXED), None)).text

    for one in MIXED:
        assert one.question in text
    for said in ("right.md", "wrong.md", "the service did not answer", "30 days"):
        assert said in text


def test_the_worst_come_first() -> None:
    text = page(evaluation(*MIXED), None)

    order = re.findall(r"<code>(\w+)</code><small>", text)
    assert order == ["broken", "missed", "lost", "deep", "partly", "fine", "right"]


def test_the_head_tells_what_was_measured() -> None:
    measured = evaluation(
        *MIXED, complete=False, given=9, settings={"RETRIEVAL_MIN_CONFIDENCE": 0.35},
        notes=("the index changed during the run",),
        broken=(BrokenLine(line=7, field="kind", reason="what is that"),),
    )  # fmt: skip

    text = Tags(page(measured, None)).text

    for said in (
        "golden.jsonl", "7 of 9 questions", "interrupted", "2026-11-21 10:00:00 UTC",
        "0.1.0", "000001", "embedded", "RETRIEVAL_MIN_CONFIDENCE", "0.35",
        "the index changed during the run", "line 7: kind: what is that",
        "refused below 0.35",
    ):  # fmt: skip
        assert said in text


def test_what_documents_and_questions_say_never_becomes_a_tag() -> None:
    hostile = outcome(
        HOSTILE, question=HOSTILE, language=HOSTILE, expected=(HOSTILE,),
        found=(HOSTILE,), answer=HOSTILE, missing_facts=(HOSTILE,), facts=0.0,
        stages={HOSTILE: 1.0},
    )  # fmt: skip
    whole = evaluation(
        hostile, outcome("e", error=HOSTILE), unanswerable(),
        golden=HOSTILE, edition=HOSTILE, road=HOSTILE, version=HOSTILE, date=HOSTILE,
        digest=HOSTILE, settings={HOSTILE: HOSTILE}, notes=(HOSTILE,),
        broken=(BrokenLine(line=1, field=HOSTILE, reason=HOSTILE),),
    )  # fmt: skip
    before = evaluation(outcome(HOSTILE, question=HOSTILE, found=()), edition="9")

    parsed = Tags(page(whole, before))

    names = [name for name, _ in parsed.tags]
    assert names.count("script") == 1
    assert "img" not in names
    assert not any(key.startswith("on") for _, attrs in parsed.tags for key in attrs)
    assert HOSTILE in parsed.text


def test_nothing_is_loaded_and_only_its_own_script_may_run() -> None:
    text = page(evaluation(*MIXED), None)
    parsed = Tags(text)

    (policy,) = (
        attrs["content"] or ""
        for name, attrs in parsed.tags
        if name == "meta" and "http-equiv" in attrs
    )
    assert policy.startswith("default-src 'none'")
    for name in ("script", "style"):
        (body,) = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    loading = {"src", "href", "action", "style"}
    assert not [a for _, attrs in parsed.tags for a in attrs if a in loading]
    assert "http://" not in text
    assert "https://" not in text


def test_every_tag_is_closed_where_it_was_opened() -> None:
    text = page(evaluation(*MIXED), evaluation(*MIXED[:3]))
    body = text[text.index("<main>") : text.index("</main>") + len("</main>")]
    closed = re.sub(r"(<(?:input|br)\b[^>]*)>", r"\1/>", body)
    # XML knows no attribute without a value.
    closed = re.sub(r" (hidden|open)(?=[ >/])", r' \1=""', closed)

    assert ET.fromstring(closed).tag == "main"


def test_a_comparison_shows_what_got_better_and_worse() -> None:
    before = evaluation(outcome("a", found=()), outcome("b", facts=1.0))
    after = evaluation(outcome("a"), outcome("b", facts=0.5, missing_facts=("x",)))

    text = Tags(page(after, before)).text

    assert "What changed" in text
    assert "1 got worse" in text
    assert "facts: 100% → 50%" in text
    assert "1 got better" in text
    assert "rank: not found → 1" in text
    assert "+50.0 points, better, was 50.0%" in text
    assert "What changed" not in Tags(page(after, None)).text


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (outcome(), []),
        (unanswerable(), []),
        (unanswerable(answered=True), ["answered wrongly"]),
        (outcome(answered=False), ["refused wrongly"]),
        (outcome(found=()), ["not found"]),
        (outcome(citations=3, supported=1), ["2 of 3 citations do not hold"]),
        (outcome(error="no", answered=False, found=()), ["no answer"]),
    ],
)
def test_a_verdict_names_what_went_wrong(one: Outcome, said: list[str]) -> None:
    assert troubles(one) == said


def test_an_evaluation_of_nothing_but_errors_still_has_a_page() -> None:
    text = Tags(page(evaluation(outcome(error="down", answered=False)), None)).text

    assert "No question was answered." in text
    assert "down" in text
