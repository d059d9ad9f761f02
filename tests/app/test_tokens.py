import base64
import hashlib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tokens import RANK_FILES, RankFile, known_window, open_tokens

GERMAN = "Halten Sie die Taste zwölf Sekunden lang gedrückt, bis der Ring violett wird."
"""24 tokens of cl100k_base, counted once with its published rank file."""

CHINESE = "按住按钮十二秒钟，直到指示灯变成紫色。"
"""21 tokens of cl100k_base."""


def rank_file(folder: Path) -> RankFile:
    lines = b"".join(
        base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256)
    )
    made = RankFile(
        name="bytes",
        address="https://ranks.example/bytes.tiktoken",
        digest=hashlib.sha256(lines).hexdigest(),
        pattern=r"[\s\S]",
        models=("exact",),
    )
    (folder / made.file).write_bytes(lines)
    return made


def test_a_model_whose_rank_file_is_there_is_counted_exactly(tmp_path: Path) -> None:
    tokens = open_tokens(str(tmp_path), rank_files=[rank_file(tmp_path)])

    assert tokens.count("hub", model="vendor/exact-1") == 3


def test_a_damaged_rank_file_is_as_if_not_there(tmp_path: Path) -> None:
    made = rank_file(tmp_path)
    (tmp_path / made.file).write_bytes(b"damaged")

    tokens = open_tokens(str(tmp_path), rank_files=[made])

    estimated = open_tokens("").count("a damaged file", model="exact")
    assert tokens.count("a damaged file", model="exact") == estimated


def test_rank_files_are_looked_for_where_tiktoken_puts_them() -> None:
    names = {file.name: file.file for file in RANK_FILES}

    assert names["cl100k_base"] == "9b5ad71b2ce5302211f9c61530b329a4922fc6a4"


@pytest.mark.parametrize(("text", "exact"), [(GERMAN, 24), (CHINESE, 21)])
def test_the_estimate_is_near_and_rather_too_high(text: str, exact: int) -> None:
    estimated = open_tokens("").count(text, model="unknown")

    assert 0.85 * exact <= estimated <= 1.6 * exact


@given(st.text(), st.text())
def test_a_longer_text_never_has_fewer_tokens(text: str, more: str) -> None:
    tokens = open_tokens("")

    both = tokens.count(text + more, model="unknown")

    assert both >= tokens.count(text, model="unknown") >= 0


def test_a_picture_costs_the_same_whatever_its_address() -> None:
    tokens = open_tokens("")
    near = {"type": "image_url", "image_url": {"url": "data:" + "x" * 100_000}}
    far = {"type": "image_url", "image_url": {"url": "https://x.example/1.png"}}

    costs = [
        tokens.of_message({"role": "user", "content": [part]}, model="unknown")
        for part in (near, far)
    ]

    assert costs[0] == costs[1] > 1000


def test_tool_calls_are_counted() -> None:
    tokens = open_tokens("")
    bare: dict[str, object] = {"role": "assistant", "content": None}
    call = {"id": "c1", "function": {"name": "search", "arguments": "{}" * 50}}

    more = tokens.of_message(bare | {"tool_calls": [call]}, model="unknown")

    added = tokens.count(msgspec.json.encode(call).decode(), model="unknown")
    assert more - tokens.of_message(bare, model="unknown") >= added


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("gpt-4o-mini", 128_000),
        ("gpt-4", 8_192),
        ("gpt-4.1-nano", 1_047_576),
        ("meta-llama/Llama-3.1-8B-Instruct", 131_072),
        ("somebody-elses-model", None),
    ],
)
def test_known_names_have_a_window(model: str, window: int | None) -> None:
    assert known_window(model) == window
