"""A second judge of what leaves: pandoc, which shares no code with us or the first."""

import json
import random
import re
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pypandoc
import pytest

from app.chat.outgoing.texts import Rules
from tests.reliability.exfiltration import OPEN_HOST, allowed_addresses, attack
from tests.reliability.recording import Figure
from tests.reliability.sizes import SEED, size
from tests.reliability.test_outgoing import piecewise

RULES = Rules(offered=2, addresses=allowed_addresses())

_LOADING = frozenset(
    ("action", "background", "cite", "content", "data", "formaction", "href", "ping",
     "poster", "src", "srcset", "style", "xlink:href")
)  # fmt: skip
_OURS = re.compile(
    r"https?://docs\.example\.com/(reset(\?(m(odel(=2?)?)?)?)?|guide)|http://hub\.local:8080/v1|"
    rf"https://{re.escape(OPEN_HOST)}(/[^?#]*)?|https?://www\.example\.com/prices|"
    r"mailto:[^?]*|reset\.md(#factory)?|#[\w.-]*-textmd__[\w-]*|"
)
"""What a page may lead to: what stands in the sources, hosts that are open, and where
pandoc by itself leads a heading's name in brackets, the heading."""


class _Tags(HTMLParser):
    """The addresses in a text of HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in _LOADING]


def read(texts: list[str], grammar: str, folder: Path) -> list[list[dict[str, Any]]]:
    """Return the blocks that pandoc reads in each text, which know nothing of another."""
    files = []
    for number, text in enumerate(texts):
        for name, content in (("text", text), ("end", f"end{number}")):
            files.append(folder / f"{number:06}-{name}.md")
            files[-1].write_bytes(content.encode())
    command = [pypandoc.get_pandoc_path(), "--file-scope", "--quiet", "-t", "json"]
    done = subprocess.run(
        [*command, "-f", grammar, *map(str, files)], capture_output=True, check=True
    )
    found: list[list[dict[str, Any]]] = [[]]
    for block in json.loads(done.stdout)["blocks"]:
        if block == {"t": "Para", "c": [{"t": "Str", "c": f"end{len(found) - 1}"}]}:
            found.append([])
        else:
            found[-1].append(block)
    assert len(found) == len(texts) + 1
    return found[:-1]


def addresses_in(node: Any) -> Iterator[str]:
    """Yield where links and pictures lead, and what attributes and HTML load."""
    if isinstance(node, list):
        names = len(node) == 2 and all(isinstance(one, str) for one in node)
        if names and node[0] in _LOADING:
            yield node[1]
        for one in node:
            yield from addresses_in(one)
    elif isinstance(node, dict):
        content: Any = node.get("c")
        if node.get("t") in ("Link", "Image"):
            yield content[2][0]
        yield from addresses_in(content)


def html_in(node: Any) -> str:
    """Return the HTML of a text, one after the other: a browser reads all of it."""
    if isinstance(node, list):
        return "".join(map(html_in, node))
    if not isinstance(node, dict):
        return ""
    if node.get("t") in ("RawInline", "RawBlock"):
        return str(node["c"][1])
    return html_in(node.get("c"))


def foreign(blocks: list[dict[str, Any]]) -> list[str]:
    """Return the addresses that a text leads to or loads, and may not."""
    tags = _Tags()
    tags.feed(html_in(blocks))
    tags.close()
    found = [*addresses_in(blocks), *tags.addresses]
    return [address for address in found if not _OURS.fullmatch(address.strip())]


def passing(
    grammar: str, folder: Path, figure: Figure, runs: int
) -> list[tuple[str, str, list[str]]]:
    """Return what leaves and still leads elsewhere, as one grammar reads it."""
    rng = random.Random(SEED)
    sent = [attack(rng)[0] for _ in range(runs)]
    left = [piecewise(text, rng) for text in sent]
    dangerous = sum(bool(foreign(b)) for b in read(sent, grammar, folder))
    passed = [
        (text, gone, found)
        for text, gone, blocks in zip(
            sent, left, read(left, grammar, folder), strict=True
        )
        if (found := foreign(blocks))
    ]
    figure(
        f"exfiltration forms that pass, as pandoc reads {grammar}",
        f"{len(passed)} of {runs:,} ({dangerous:,} led elsewhere before)",
        f"0 of {runs:,}" if grammar != "markdown" else "-",
    )
    # Or the judge would see nothing at all.
    assert dangerous > runs / 4
    return passed


@pytest.mark.parametrize("grammar", ["gfm", "commonmark", "commonmark_x"])
def test_pandoc_finds_no_foreign_address_in_what_leaves(
    grammar: str, tmp_path: Path, figure: Figure
) -> None:
    passed = passing(grammar, tmp_path, figure, size(240, 3_000))

    assert not passed, passed[:3]


def test_a_grammar_that_is_not_followed_reads_little_elsewhere(
    tmp_path: Path, figure: Figure
) -> None:
    # To pandoc's own Markdown a fence without an empty line before it is no fence.
    runs = size(240, 3_000)

    passed = passing("markdown", tmp_path, figure, runs)

    assert len(passed) < runs * 0.1, passed[:5]
