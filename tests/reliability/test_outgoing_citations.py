"""Citations point at their markers, whatever leaves and however it was cut (P8).

Numbers that were not offered, and ids of what another tenant has, are no citations.
"""

import random

from app.chat.citations import cited
from app.chat.outgoing.texts import Rules
from app.chat.outgoing.voices import checked
from app.messages import Choice, Citation
from ingest.documents import Hit
from tests.app.hits import chunk, hit
from tests.reliability.exfiltration import allowed_addresses
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size
from tests.reliability.test_outgoing import TOKENS, piecewise

HITS = (hit("Hold the pin.", path="a.md"), hit("Wait a minute.", path="b.md"))
RULES = Rules(offered=len(HITS), addresses=allowed_addresses())

THEIRS = chunk("The price is 4,200.", path="theirs.md")
"""What another tenant has."""

FAKE = (
    f"[{THEIRS.id}]", f"【{THEIRS.id}】", f"[1, {THEIRS.id}]", f"[{THEIRS.document_id}]",
    "[theirs.md]", f"[x](/v1/sources/{THEIRS.id})", f"[1](/v1/sources/{THEIRS.id})",
    "[3]", "[0]", "[-1]", "[99999999999]", "[1, 3]", "[3; 2]", "【3】", "【2†theirs.md】",
    "【1†source】", "[1][3]", "[１]", "[١]", "[1]: x", "[^1]", "[ 1 ]", "[1,,2]",
)  # fmt: skip
WIDE = ("😀", "e\u0301", "👩‍👩‍👧", "日本語", "\U000e0041", "\u200b", "ﷺ", "\r\n")
PARTS = (*TOKENS, *FAKE, *FAKE, *WIDE, *("[1]", "[2]", " [1]", "[1, 2]", "【2】") * 6)


def answer(rng: random.Random) -> str:
    return "".join(rng.choice(PARTS) for _ in range(rng.randrange(1, 40)))


def wrong(text: str, citations: tuple[Citation, ...], hits: tuple[Hit, ...]) -> bool:
    """Return whether a citation points at anything but its marker, or at another hit."""
    for citation in citations:
        marker = text[citation.start : citation.end]
        numbers = marker[1:-1].partition("†")[0].replace(";", ",").split(",")
        inside = marker[:1] in ("[", "【") and marker[-1:] in ("]", "】")
        told = {int(n) for n in numbers if n.strip(" ").isdecimal() and n.isascii()}
        if not inside or citation.number not in told:
            return True
        if citation.hit is not hits[citation.number - 1]:
            return True
    return False


def test_citations_of_what_left_are_where_their_markers_are(figure: Figure) -> None:
    rng, runs = random.Random(SEED), size(1_500, 20_000)
    found, bad, differ = 0, [], []

    for _ in range(runs):
        text = answer(rng)
        left = piecewise(text, rng)
        citations = cited(left, HITS)
        found += len(citations)
        bad += [(text, left)] if wrong(left, citations, HITS) else []
        again = piecewise(text, rng)
        differ += [(text, left, again)] if cited(again, HITS) != citations else []

    figure(
        "citations that point at anything but their marker, or at what was not offered",
        f"{len(bad)} of {found:,} in {runs:,} answers",
        "0",
    )
    assert not bad, bad[:3]
    assert not differ, differ[:3]
    assert found > runs


def extract(rng: random.Random) -> Choice:
    """Return an answer of ours: what documents say, and behind each its marker."""
    text, citations = "", []
    for _ in range(rng.randrange(1, 6)):
        said = "".join(rng.choice(PARTS) for _ in range(rng.randrange(1, 12)))
        number = rng.randrange(1, len(HITS) + 1)
        text += ("\n\n" if text else "") + said + " "
        start = len(text)
        text += f"[{number}]"
        hit_ = HITS[number - 1]
        citations.append(Citation(number=number, hit=hit_, start=start, end=len(text)))
    return Choice(index=0, content=text, citations=tuple(citations))


def test_citations_of_an_extract_move_with_their_markers(figure: Figure) -> None:
    rng, runs = random.Random(SEED), size(1_500, 20_000)
    made, kept, bad = 0, 0, []

    for _ in range(runs):
        choice = extract(rng)
        left = checked(choice, RULES, HITS)
        made += len(choice.citations)
        kept += len(left.citations)
        assert left.content is not None
        order = [c.start for c in left.citations]
        if wrong(left.content, left.citations, HITS) or order != sorted(set(order)):
            bad.append((choice.content, left.content))

    figure(
        "citations of extracts that moved to anything but their marker",
        f"{len(bad)} of {runs:,} extracts; {kept / made:.1%} of {made:,} markers still "
        "stand behind broken Markdown",
        "0",
    )
    assert not bad, bad[:3]
    assert kept > 0.5 * made


def test_a_citation_whose_marker_went_does_not_take_the_place_of_another() -> None:
    # What stands before both markers leaves as many characters.
    text = "Hold it [1].\n\n[1, 3]( [2]\n\n: [2]"
    places = [text.index("[2]"), text.rindex("[2]")]
    citations = tuple(
        Citation(number=2, hit=HITS[1], start=at, end=at + 3) for at in places
    )

    left = checked(Choice(index=0, content=text, citations=citations), RULES, HITS)

    assert left.content is not None
    assert [c.start for c in left.citations] == [left.content.rindex("[2]")]
