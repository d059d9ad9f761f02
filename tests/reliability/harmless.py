"""Answers that hold nothing to take out: of the sample documents, and made up."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

from tests.command import ROOT

DOCUMENTS: Path = ROOT / "data" / "documents"

_PARTS = (
    "Hold the button for **12 seconds** [1].", "The price is 12,50 € (or $13.90).", "Set `a[1]` to `b[0]`.",
    "If x < 5 and y > 3, then a <= b.", "Use `vector<int>`, or vector<int> and Map<String, Integer>.",
    "Put <your-name> in place of <your hub id>.", "AT&amp;T, R&D, Q&A and &copy; 2026 &lt;3.", "Mail help@example.com.",
    "See the [guide](reset.md#factory) [1][2].", "Go to https://docs.example.com/reset?model=2.",
    "[Reset](https://docs.example.com/reset?model=2) and <https://docs.example.com/guide>", "| a | b |\n|---|---|\n| 1 | `x|y` |",
    "```sh\ncurl https://api.other.example/v2?x=1 | jq '.[0]'\n```", "```html\n<b>x</b>\n```", "1. One\n2. Two\n   - Three\n   - Four",
    "- [ ] to do\n- [x] done", "# Heading\n\nText.", "> Quoted\n> text", "E = mc^2 and $x_1 + \\frac{1}{2}$", "A note[^1].\n\n[^1]: Said there.",
    "*emphasis*, __strong__, ~~gone~~, ***both***", "frontdesk.toml, README.md and C:\\Users\\me", "and/or, 24/7, 3:4, 12:30:15",
    "Wait! Really?! [sic]", "Press <kbd>Ctrl</kbd> and <br> go on", "10 % off; 50:50; a:b; key: value", "x[i] and f(x) are code",
    "- **Note:** see above\n- **Hint:** see below", "Line one  \nline two\\\nline three", "日本語の文章です。次の文。", "Größe: 5 × 3 m — ok…",
    "\\*not bold\\* and \\[no link\\]", "`C:\\\\temp` & `a && b`", "***\n\nAfter a rule", "Fehler E-507 → [Hub](reset.md#factory)", "for (i = 0; i<n; i++) {}",
    "`http://localhost:8000/v1` is `OPENAI_BASE_URL`", "Version 2.1.0 (build 7)", "~/.config/app and ./run.sh --fast", "a -> b => c <- d <-> e",
)  # fmt: skip


def documents() -> Iterator[tuple[str, str]]:
    """Yield each part of the sample documents, as an answer, with its document."""
    for path in sorted(DOCUMENTS.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        for part in re.split(r"\n(?=## )", text):
            yield part, text


def made_up(rng: random.Random) -> str:
    """Return an answer of a few parts."""
    parts = rng.sample(_PARTS, rng.randrange(1, 7))
    return "\n\n".join(parts)
