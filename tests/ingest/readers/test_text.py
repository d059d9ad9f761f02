import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import ReadError
from ingest.readers.text import decode, line_starts, read_text

GERMAN = "# Größe\n\nÄpfel und Öl kosten über fünf Euro. Straße.\n"
RUSSIAN = "Привет мир, это обычный русский текст для проверки кодировки.\n"
JAPANESE = "これは日本語のテキストです。文字コードの検出を確認します。\n"

FRENCH = "L'élève a été déçu : à Noël, le château était fermé. Où est la clé ?\n"
PORTUGUESE = "A opção de redefinir a senha não está na página de configurações.\n"
SWEDISH = "För att återställa lösenordet, gå till inställningar, välj säkerhet.\n"
SPANISH = "¿Cómo restablezco la contraseña? ¡El botón está aquí, más abajo!\n"
CZECH = "Heslo změníte v nastavení účtu. Účet se uzamkne, když ho zadáte špatně.\n"
HUNGARIAN = "A jelszó visszaállításához lépjen a beállításokhoz, később erről többet.\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-32"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "latin-1"),
        (RUSSIAN, "utf-16-le"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (JAPANESE, "shift-jis"),
        (JAPANESE, "euc-jp"),
        (JAPANESE, "iso2022_jp"),
        (JAPANESE, "utf-16-be"),
        ("“Curly” quotes – and it’s done\n", "cp1252"),
        ("plain words " * 10_000 + "café\n", "cp1252"),
        (FRENCH, "latin-1"),
        (PORTUGUESE, "latin-1"),
        (SWEDISH, "cp1252"),
        (SPANISH, "cp1252"),
        (CZECH, "cp1250"),
        (HUNGARIAN, "cp1250"),
    ],
)
def test_text_is_decoded_whatever_its_encoding(text: str, encoding: str) -> None:
    assert decode("a", text.encode(encoding))[0] == text


def test_a_guess_is_told() -> None:
    _, warnings = decode("a", "café\n".encode("cp1252"))

    assert warnings == ("read as cp1252, which was guessed; save it as UTF-8",)


def test_one_damaged_byte_does_not_change_the_encoding() -> None:
    text, warnings = decode("a", GERMAN.encode() * 20 + b"\xe9")

    assert text == GERMAN * 20 + "\ufffd"
    assert warnings == ("1 characters are damaged and were replaced",)


def test_nuls_are_taken_out() -> None:
    assert decode("a", b"hello\0world\0 this is text\n" * 9)[0].startswith("helloworld")


@pytest.mark.parametrize(
    "data",
    [
        random.Random(1).randbytes(30_000),
        b"\x7fELF\x02\x01\x01" + bytes(1000),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(2).randbytes(3000),
    ],
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(ReadError, match="binary data"):
        decode("a.txt", data)


@given(st.text())
def test_utf_8_is_read_as_python_reads_a_file(text: str) -> None:
    data = ("x" * 100 + text.replace("\0", "")).encode("utf-8", "ignore")

    as_a_file = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8").read()

    assert decode("a", data)[0] == as_a_file


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    try:
        text, _ = decode("a", data)
    except ReadError:
        return
    assert "\0" not in text
    assert text.encode("utf-8").decode() == text


@given(st.text("ab\r\n"))
def test_lines_cover_the_text(text: str) -> None:
    starts = line_starts(text)

    assert starts[0] == 0
    assert starts[-1] == len(text)
    assert starts == sorted(set(starts)) or not text


def test_plain_text_has_titles_lists_and_paragraphs() -> None:
    reading = read_text(
        "a.txt",
        b"Hub\n===\nfirst\nsecond\n\nReset\n-----\n\n  - one\n  - two\n\n\nlast\n\n-----\n",
    )

    assert [(e.kind, e.text, e.heading_path) for e in reading.elements] == [
        ("title", "Hub\n===", ("Hub",)),
        ("text", "first\nsecond", ("Hub",)),
        ("title", "Reset\n-----", ("Hub", "Reset")),
        ("list", "  - one\n  - two", ("Hub", "Reset")),
        ("text", "last", ("Hub", "Reset")),
        ("text", "-----", ("Hub", "Reset")),
    ]
    assert reading.title == "Hub"
    assert reading.verbatim


@given(
    st.lists(st.sampled_from(["a", "-", "- ", "\n", "\r\n", "===", " "])).map("".join)
)
def test_every_element_is_a_slice(text: str) -> None:
    reading = read_text("a.txt", text.encode())

    for element in reading.elements:
        assert element.text == reading.text[element.start : element.end]
        assert element.text.strip()
