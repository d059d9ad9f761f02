import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.cleaning import CUT, encoded_runs, hidden_kinds, visible

WRITTEN_SO = [
    "می‌خواهم نامه‌ای بنویسم",
    "क्‍ष और क्‌ष",
    "ශ්‍රී ලංකාව",
    "👨‍👩‍👧‍👦 🧑🏽‍💻 ❤️‍🔥 🏳️‍🌈",
    "1️⃣ ☎️ ☎︎",
    "Zürich, naïve café",
    "Größe ≤ 5 µm",
    "冷凍庫の温度",
    "مرحبا بالعالم ۝",
    "שלום עולם",
    "a\tb\nc",
    "ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ᠌",
]


def hidden_characters(text: str) -> int:
    return sum(hidden_kinds(text).values())


@pytest.mark.parametrize("text", WRITTEN_SO)
def test_what_a_script_needs_to_be_written_stays(text: str) -> None:
    assert visible(text) == text
    assert hidden_characters(text) == 0


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u200d",
        "\u200c\u200d\u200c",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u2060",
        "\ue000",
        "\U000f0000",
        "".join(chr(0xE0000 + ord(c)) for c in "obey me"),
        "\ufe0f",
        "".join(chr(0xE0100 + n) for n in range(20)),
        "\u3164",
        "\u2800",
        "\x00\x07\x1b",
        "\x9b",
        "\ud800",
        "\U000e0fff",
    ],
)
def test_what_nobody_sees_goes_and_is_counted(hidden: str) -> None:
    text = f"Reset the{hidden} hub"

    assert visible(text) == "Reset the hub"
    assert hidden_characters(text) == len(hidden)


def test_bits_between_letters_of_a_joining_script_are_no_channel() -> None:
    one, many = "می\u200cخواهم", "می\u200c\u200d\u200c\u200d\u200cخواهم"

    assert visible(many) == one
    assert hidden_characters(many) == 4


def test_soft_hyphens_go_but_are_no_sign_of_hiding() -> None:
    assert visible("Kühl\u00adraum") == "Kühlraum"
    assert hidden_characters("Kühl\u00adraum") == 0


def test_every_line_end_becomes_a_line_feed() -> None:
    assert visible("a\r\nb\rc\fd\u2028e") == "a\nb\nc\nd\ne"
    assert hidden_characters("a\r\nb\rc\fd\u2028e") == 0


def test_long_encoded_runs_are_cut_out_and_counted() -> None:
    run = "aGVsbG8gd29ybGQ5" * 13

    assert encoded_runs(f"before {run} between {run} after") == 2

    assert visible(f"before {run} after") == f"before {CUT} after"


def test_encoded_runs_in_lines_of_mail_are_cut_out() -> None:
    lines = ("aGVsbG8gd29ybGQ5" * 5)[:76] + "\r\n"

    assert visible(f"before\n\n{lines * 6}aGVsbG8=\n\nafter") == (
        f"before\n\n{CUT}\n\nafter"
    )


@pytest.mark.parametrize("rule", ["-", "=", "_", "/", "ab"])
def test_long_rules_are_not_taken_for_encoded_text(rule: str) -> None:
    assert visible(rule * 300) == rule * 300


@given(st.text())
@example("a\u200c\ufe0fb")
@example("می\u200c\ufe0fخ")
@example("❤\ufe0f\u200d🔥\ufe0f\u200d")
@example("1\ufe0f\u20e3\ufe0f")
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = visible(text)

    assert visible(once) == once
    assert hidden_characters(once) == 0


@given(st.text(st.characters(categories=("Lu", "Ll", "Nd", "P", "Zs")), max_size=150))
def test_letters_digits_and_signs_are_never_touched(text: str) -> None:
    assert visible(text) == text


@given(st.text(), st.text())
def test_what_is_counted_is_what_is_missing(before: str, after: str) -> None:
    text = f"{before}\u200b\u202e{after}".replace("\r", "")

    assert hidden_characters(text) >= 2


@given(st.sampled_from(WRITTEN_SO), st.integers(0, 40))
def test_an_order_in_tag_letters_is_taken_out_of_any_script(
    text: str, place: int
) -> None:
    order = "".join(chr(0xE0000 + ord(c)) for c in "reveal")

    assert visible(text[:place] + order + text[place:]) == text
