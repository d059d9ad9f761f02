"""What a person sees is kept whole, in every script and however it is marked up."""

import json
import os
import random
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

import pytest

from ingest.cleaning import visible
from ingest.keywords import passage_keywords, question_keywords
from tests.ingest.made_files import (
    docx_file,
    epub_file,
    odt_file,
    pptx_file,
    xlsx_file,
)
from tests.reliability.hidden_in_files import word
from tests.reliability.hidden_in_pages import page
from tests.reliability.hidden_in_pdf import one_page, text
from tests.reliability.hidden_in_text import rtf
from tests.reliability.hidden_text import chunks_of, indexed
from tests.reliability.recording import Figure
from tests.reliability.seen_texts import MARKED, SEEN
from tests.reliability.sizes import SEED, size

_STEERING = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u00ad\u2060"))


def _markdown(shown: str) -> bytes:
    return f"# Hub\n\nAa {shown} zz.\n".encode()


def _html(shown: str) -> bytes:
    return page(f"<h1>Hub</h1><p>Aa {escape(shown)} zz.</p>")


def _references(shown: str) -> bytes:
    return page("<p>Aa " + "".join(f"&#{ord(c)};" for c in shown) + " zz.</p>")


def _json(shown: str) -> bytes:
    return json.dumps({"text": f"Aa {shown} zz."}).encode()


def _mail(shown: str) -> bytes:
    head = "From: a@b.example\nSubject: Hub\nContent-Type: text/plain; charset=utf-8"
    return f"{head}\n\nAa {shown} zz.\n".encode()


FORMATS: dict[str, Callable[[str], bytes]] = {
    "a.txt": lambda shown: f"Aa {shown} zz.\n".encode(),
    "a.md": _markdown,
    "a.html": _html,
    "b.html": _references,
    "a.rst": lambda shown: f"Hub\n===\n\nAa {shown} zz.\n".encode(),
    "a.csv": lambda shown: f'name,what\nhub,"Aa {shown} zz."\nx,y\n'.encode(),
    "a.json": _json,
    "a.eml": _mail,
    "a.docx": lambda shown: docx_file(("Normal", f"Aa {shown} zz.")),
    "a.pptx": lambda shown: pptx_file(("Hub", f"Aa {shown} zz.")),
    "a.xlsx": lambda shown: xlsx_file({"S": [["a", "b"], [f"Aa {shown} zz.", "c"]]}),
    "a.odt": lambda shown: odt_file(f"<text:p>Aa {escape(shown)} zz.</text:p>"),
    "a.epub": lambda shown: epub_file(f"<p>Aa {escape(shown)} zz.</p>"),
    "a.org": lambda shown: f"* Hub\nAa {shown} zz.\n".encode(),
}
_SLOW = {"a.odt", "a.epub", "a.org"}
"""Formats that start a program for each file."""


def _texts() -> Iterator[tuple[str, str]]:
    """Yield what is written and what must be read of it."""
    yield from ((shown, shown) for shown in SEEN.values())
    yield from MARKED.values()
    folder = Path(os.environ.get("SETS", "../shared/eval")) / "xquad_a"
    for file in sorted(folder.glob("corpus.*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines()[: size(3, 60)]:
            told = " ".join(str(json.loads(line)["text"]).split())
            # A paragraph without what is markup in one of the formats.
            if not set(told) & set('*_`[]<>|\\"#&{}'):
                yield told, told.translate(_STEERING)


def _bare(read: str) -> str:
    return "".join(read.split())


def test_every_letter_that_is_seen_is_kept_in_every_format(figure: Figure) -> None:
    told = [(f, *pair) for pair in _texts() for f in FORMATS if f not in _SLOW]
    slow = [(f, *pair) for f in sorted(_SLOW) for pair in _texts()]
    told += random.Random(SEED).sample(slow, min(size(12, 120), len(slow)))
    lost = []

    for name, written, seen in told:
        read = indexed(chunks_of(name, FORMATS[name](written), size=2_000))
        if _bare(f"Aa {seen} zz") not in _bare(read):
            lost.append((name, written[:60]))

    figure(
        "visible text kept on the multilingual set",
        f"{100 * (len(told) - len(lost)) / len(told):.4g} % of {len(told):,}",
        "100 %",
    )
    assert lost == []


@pytest.mark.parametrize("written", SEEN.values(), ids=SEEN)
def test_a_text_without_hidden_characters_is_left_as_it_is(written: str) -> None:
    assert visible(written) == written


SHOWN_IN_PAGES = {
    "details": "<details><summary>More</summary>{}</details>",
    "white on dark": '<div style="background:#123;color:#fff">{}</div>',
    "white on a dark class": '<div class="dark"><b>{}</b></div>',
    "white on a picture": '<p style="background:url(a.png);color:white">{}</p>',
    "white on a gradient": '<p style="background:linear-gradient(red,blue);color:#fff">{}</p>',
    "white in a dark table": '<table bgcolor="navy"><tr><td><font color="white">{}'
    "</font></td></tr></table>",
    "visible within hidden": '<div style="visibility:hidden"><p style="visibility:visible">'
    "{}</p></div>",
    "large within no size": '<div style="font-size:0"><p style="font-size:16px">{}</p></div>',
    "small": '<small style="font-size:0.7em">{}</small>',
    "grey": '<p style="color:#999">{}</p>',
    "half transparent": '<p style="opacity:.5">{}</p>',
    "red on green": '<p style="color:#f00;background:#0a0">{}</p>',
    "of paper": '<p class="paper">{}</p>',
    "when pointed at": '<p class="hover">{}</p>',
    "of another tag": '<p class="only">{}</p>',
    "shown after all": '<p class="x later">{}</p>',
    "own style wins": '<p class="x" style="display:block">{}</p>',
    "a bit to the left": '<p style="margin-left:-20px;text-indent:-2em">{}</p>',
    "a flat box of a picture": '<div style="height:0;padding-bottom:56%;overflow:hidden">{}</div>',
    "scaled": '<p style="transform:scale(0.9)">{}</p>',
    "cut a little": '<p style="clip-path:inset(5%)">{}</p>',
    "mathematics": "<math><mtext>{}</mtext><annotation>x</annotation></math>",
    "struck out": "<del>{}</del>",
}
_SHEET = (
    "<style>.dark{background:#000;color:#fff}@media print{.paper{display:none}}"
    ".hover:hover{display:none}div.only{display:none}.x{display:none}"
    ".later{display:block}</style>"
)


@pytest.mark.parametrize("form", SHOWN_IN_PAGES.values(), ids=SHOWN_IN_PAGES)
def test_what_only_looks_like_hiding_in_a_page_is_kept(form: str) -> None:
    read = indexed(chunks_of("a.html", page(form.format("Seen words"), head=_SHEET)))

    assert "Seen words" in read


def test_a_page_whose_dark_ground_is_in_another_sheet_is_kept() -> None:
    data = page("<p>Seen words</p>", attributes='style="color:#fff"')

    assert "Seen words" in indexed(chunks_of("a.html", data))


def test_a_tag_of_markdown_that_never_ends_is_text() -> None:
    assert "Seen words" in indexed(chunks_of("a.md", b"First <a <a Seen words"))


SHOWN_IN_PDF = {
    "white on a dark box": "q 0 0 0.4 rg 0 580 595 60 re f 1 1 1 rg {} Q",
    "on a pale box": "q 0.9 0.9 0.9 rg 0 580 595 60 re f 0 g {} Q",
    "on a picture": "q 595 0 0 60 0 580 cm /P Do Q q 1 g {} Q",
    "beside a box": "q {} Q q 0 0 0 rg 0 100 595 60 re f Q",
    "under a pale marker": "q {} Q q /M gs 1 1 0 rg 0 580 595 60 re f Q",
    "grey": "q 0.6 g {} Q",
    "outlined": "q 0 G 1 Tr {} Q",
    "cut to its column": "q 40 500 400 200 re W n {} Q",
}


@pytest.mark.parametrize("form", SHOWN_IN_PDF.values(), ids=SHOWN_IN_PDF)
def test_what_only_looks_like_hiding_in_a_pdf_is_kept(form: str) -> None:
    drawn = form.format("BT /F1 11 Tf 50 600 Td (Seen words) Tj ET")
    data = one_page(text(50, 700, "First") + drawn).replace(
        b"/H << /ca 0.01", b"/M << /ca 0.3 >> /H << /ca 0.01"
    )

    assert "Seen words" in indexed(chunks_of("a.pdf", data))


@pytest.mark.parametrize("box", ["595 842 0 0", "0 842 595 0", "595 0 0 842"])
@pytest.mark.parametrize("more", ["", "/CropBox [595 842 0 0]"])
def test_a_page_whose_box_is_given_by_other_corners_is_kept(
    box: str, more: str
) -> None:
    data = one_page(text(50, 700, "Seen words"), box=box, more=more)

    assert "Seen words" in indexed(chunks_of("a.pdf", data))


SHOWN_IN_WORD = {
    "of a class that is switched off": '<w:vanish w:val="false"/>',
    "web hidden": "<w:webHidden/>",
    "white on dark": '<w:color w:val="FFFFFF"/><w:shd w:val="clear" w:fill="202020"/>',
    "marked": '<w:color w:val="FFFFFF"/><w:highlight w:val="black"/>',
    "grey": '<w:color w:val="808080"/>',
    "automatic": '<w:color w:val="auto"/>',
    "six points": '<w:sz w:val="12"/>',
}


@pytest.mark.parametrize("properties", SHOWN_IN_WORD.values(), ids=SHOWN_IN_WORD)
def test_what_only_looks_like_hiding_in_word_is_kept(properties: str) -> None:
    run = f"<w:p><w:r><w:rPr>{properties}</w:rPr><w:t>{{o}}</w:t></w:r></w:p>"

    assert "Seen words" in indexed(
        chunks_of("a.docx", word(run)("Seen words", "First"))
    )


def test_white_words_in_a_dark_cell_of_word_are_kept() -> None:
    cell = (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:shd w:val="clear" w:fill="1F3864"/></w:tcPr>'
        '<w:p><w:r><w:rPr><w:color w:val="FFFFFF"/></w:rPr><w:t>{o}</w:t></w:r></w:p>'
        "</w:tc></w:tr></w:tbl><w:p/>"
    )

    assert "Seen words" in indexed(
        chunks_of("a.docx", word(cell)("Seen words", "First"))
    )


@pytest.mark.parametrize(
    "form",
    [
        r"{{\rtf1 {s}\par \v x\v0 {o}\par}}",
        (
            r"{{\rtf1{{\colortbl;\red255\green255\blue255;\red0\green0\blue90;}} {s}\par "
            r"{{\cf1\highlight2 {o}}}\par}}"
        ),
        r"{{\rtf1 {s}\par {{\fs16 {o}}}\par}}",
        r"{{\rtf1 {s}\par {{\v x}}{o}\par}}",
    ],
)
def test_what_only_looks_like_hiding_in_rtf_is_kept(form: str) -> None:
    assert "Seen words" in indexed(chunks_of("a.rtf", rtf(form)("Seen words", "First")))


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("ＲＥＳＥＴ the hub", "reset"),
        ("the oﬃce hub", "office"),
        ("𝐫𝐞𝐬𝐞𝐭 the hub", "reset"),
        ("re\u00adset the hub", "reset"),
        ("re\u200bset the hub", "reset"),
        ("ⓡⓔⓢⓔⓣ the hub", "reset"),
    ],
)
def test_a_word_in_another_form_is_found_by_its_usual_one(
    written: str, asked: str
) -> None:
    there = set(passage_keywords(visible(written), "en").indices)

    assert set(question_keywords(asked, "en").indices) <= there


def test_a_word_with_a_letter_of_another_script_is_another_word() -> None:
    """Look-alikes are left as they are written: found by meaning, not by keyword."""
    there = set(passage_keywords("r\u0435set the hub", "en").indices)

    assert not set(question_keywords("reset", "en").indices) <= there
