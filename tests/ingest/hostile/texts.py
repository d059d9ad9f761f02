"""Text in odd encodings, without end, or nested until a parser gives up."""

from collections.abc import Iterator

from tests.ingest.hostile.case import Hostile, fixed
from tests.ingest.hostile.parts import text_of, word
from tests.ingest.made_files import docx_file, epub_file

_DEEP = "nested too deeply"
_BINARY = "binary data"
_JSON = "not valid JSON"


def texts() -> Iterator[Hostile]:
    """Yield the files."""
    yield from _encodings()
    yield from _markdown()
    yield from _front_matter()
    yield from _json()
    yield from _pages()
    yield from _office()
    yield from _long()


def _encodings() -> Iterator[Hostile]:
    german = "Größe und Öl kosten fünf Euro. "
    for name, data, shown in (
        ("seven", b"shown +AGMAYQBuAGEAcgB5-", "shown"),
        ("wide", german.encode("utf-16-le"), "Größe"),
        ("wide-big", (german * 9).encode("utf-16-be"), "Größe"),
        ("mark", b"\xff\xfe" + german.encode("utf-16-le") + b"\0", "Größe"),
        ("four", german.encode("utf-32"), "Größe"),
        ("surrogate", b"shown \xed\xa0\x80 here", "shown"),
        ("half", "shown 😀 ".encode("utf-16")[:-4] + b"\0\xd8", "shown"),
        ("overlong", b"shown \xc0\xaf\xe0\x80\xaf", "shown"),
        ("beyond", b"shown \xf4\x90\x80\x80\xf8\x88", "shown"),
        ("mixed", german.encode() * 50 + german.encode("cp1252"), "Größe"),
        (
            "chinese",
            ("这是一个文件，里面有中文的说明。" * 40).encode("gb18030"),
            "文件",
        ),
        ("japanese", ("これは説明書です。" * 40).encode("iso2022_jp"), "説明"),
        ("nul", b"sho\0wn " * 3 + b"and words without any " * 40, "shown"),
        ("escape", b"\x1b[2J\x1b]0;title\x07 shown words", "shown"),
        ("marks", "shown" + "\u0301" * 100_000, "shown"),
        ("override", "shown \u202egnp.exe\u202c", "shown"),
    ):
        made = data.encode() if isinstance(data, str) else data
        yield Hostile(f"{name}.txt", fixed(made), shown=shown)
    yield Hostile("binary.md", fixed(bytes(range(256)) * 1_000), _BINARY)
    yield Hostile("zeros.txt", fixed(bytes(50_000)), _BINARY)
    yield Hostile("blank.txt", fixed(b" \n" * 50_000), "no text found")
    yield Hostile("unseen.txt", fixed(("\u200b\u2060\ufeff" * 999).encode()), "no text")


def _markdown() -> Iterator[Hostile]:
    for name, text in (
        ("quotes", "> " * 3_000 + "shown"),
        ("brackets", "[" * 50_000 + "shown"),
        ("links", "[a](" * 20_000 + "shown"),
        ("images", "![" * 20_000 + "shown"),
        ("stars", "**a " * 20_000 + "shown"),
        ("mixed-stars", "*a **a " * 10_000 + "shown"),
        ("underlines", "_" * 50_000 + "shown"),
        ("ticks", "".join("`" * n + "a" for n in range(400)) + "shown"),
        ("tick", "`" * 100_000 + "shown"),
        ("lists", "".join("  " * n + "- a\n" for n in range(400)) + "shown"),
        ("numbers", "1. " * 2_000 + "shown"),
        ("columns", "|" + "a|" * 10_000 + "\n|" + "-|" * 10_000 + "\n|shown|\n"),
        ("rows", "|a|b|\n|-|-|\n" + "|shown|x|\n" * 20_000),
        ("tags", "<a " * 30_000 + "shown"),
        ("comments", "<!--" * 20_000 + "-->\n\nshown"),
        ("instructions", "<?" * 20_000 + "?>\n\nshown"),
        ("cdata", "<![CDATA[" * 10_000 + "]]>\n\nshown"),
        ("references", "[a]: /x\n" * 20_000 + "\nshown"),
        ("references-used", "[a]: " + "x" * 9_999 + "\n\n" + "[a] " * 9_999 + "shown"),
        ("headings", "# shown\n" * 20_000),
        ("heading", "# " + "[" * 100_000 + "shown"),
        ("entities", "&" * 100_000 + "amp; shown"),
        ("escapes", "\\" * 100_001 + "shown"),
        ("fences", "```\n" * 20_001 + "shown"),
        ("fence", "~" * 100_000 + "\nshown"),
        ("rules", "-" * 100_000 + "\n\nshown"),
        ("expressions", "{/* " * 20_000 + "*/}\n\nshown"),
    ):
        yield Hostile(f"{name}.md", fixed(text.encode()), shown="shown")


def _front_matter() -> Iterator[Hostile]:
    anchors = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    for name, body in (
        ("laughs", anchors),
        ("object", "title: !!python/object/apply:os.system ['id']"),
        ("name", "title: !!python/name:os.system"),
        ("binary", "title: !!binary " + "A" * 20_000),
        ("deep", "a: " + "[" * 20_000),
        ("deep-map", "a: " + "{a: " * 10_000),
        ("loop", "a: &a [*a]"),
        ("merge", "a: &a {b: c}\n<<: *a\n<<: *a"),
        ("number", "version: " + "9" * 20_000),
        ("day", "date: 99999-99-99"),
        ("key", "? [a, b]\n: c"),
    ):
        text = f"---\n{body}\n---\n\nshown\n"
        yield Hostile(f"front-{name}.md", fixed(text.encode()), shown="shown")
    for name, body in (
        ("toml", "a = " + "[" * 20_000),
        ("toml-day", "date = 9999-99-99"),
        ("toml-keys", "a" + ".a" * 20_000 + " = 1"),
        ("toml-float", "a = nan\nb = 1e999999"),
    ):
        text = f"+++\n{body}\n+++\n\nshown\n"
        yield Hostile(f"front-{name}.md", fixed(text.encode()), shown="shown")
    for name, body in (
        ("labels", "labels: &a [*a]"),
        ("labels-deep", "labels: " + "[" * 20_000),
    ):
        text = f"---\n{body}\n---\n\nshown\n"
        yield Hostile(f"front-{name}.md", fixed(text.encode()), "labels")


def _json() -> Iterator[Hostile]:
    yield Hostile("deep.json", fixed(b"[" * 100_000 + b"]" * 100_000), _DEEP)
    yield Hostile(
        "deep-map.json", fixed(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), _DEEP
    )
    yield Hostile("number.json", fixed(b"[" + b"9" * 10_000_000 + b"]"), _JSON)
    yield Hostile("exponent.json", fixed(b'{"shown": 1e999999999}'), shown="shown")
    for name, text, shown in (
        ("twice", '{"a": 1, "a": "shown"}' + " " * 9, "shown"),
        ("nan", '{"a": NaN, "b": "shown"}', "shown"),
        ("surrogate", r'{"a": "\ud800", "b": "shown"}', "shown"),
        ("nul", r'{"a": "\u0000", "b": "shown"}', "shown"),
        ("many", "[" + '"shown",' * 100_000 + "0]", "shown"),
        (
            "names",
            "{" + ",".join(f'"{n}": "shown"' for n in range(50_000)) + "}",
            "shown",
        ),
        ("lines", '{"a": "shown"}\n' * 20_000, "shown"),
        ("proto", '{"__proto__": {"x": 1}, "a": "shown"}', "shown"),
    ):
        yield Hostile(f"{name}.json", fixed(text.encode()), shown=shown)
    yield Hostile("open.json", fixed(b'{"a": "' + b"x" * 1_000_000), _JSON)
    yield Hostile(
        "escapes.json", fixed(b'["' + rb"\u0061" * 100_000 + b'"]'), shown="u0061"
    )


def _pages() -> Iterator[Hostile]:
    for name, page in (
        ("divs", "<div>" * 100_000 + "shown"),
        ("tables", "<table><tr><td>" * 10_000 + "shown"),
        ("open", "<p>shown" + "<" * 100_000),
        ("attributes", "<p " + "a=b " * 100_000 + ">shown"),
        ("attribute", "<p title='" + "x" * 1_000_000 + "'>shown"),
        ("quote", "<p>shown</p>" + '<a b="' * 30_000),
        ("comments", "<!-- " * 100_000 + "--><p>shown"),
        ("scripts", "<script>" * 30_000 + "</script><p>shown"),
        ("references", "<p>shown" + "&#x110000;&#0;&#xd800;&lt" * 20_000),
        ("span", "<td colspan=99999999 rowspan=99999999>shown"),
        ("lists", "<ul><li>" * 20_000 + "shown"),
        ("start", "<ol start=99999999999999999999><li>shown</ol>"),
        ("wrong", "<b><p>" * 20_000 + "shown"),
        ("ends", "<p>shown" + "</p></div></b>" * 50_000),
        ("title", "<title>" * 20_000 + "</title><p>shown"),
        (
            "entity",
            '<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x "y">]><html>&x;<p>shown',
        ),
        ("headings", "<h1>shown</h1>" * 20_000),
    ):
        yield Hostile(f"{name}.html", fixed(page.encode()), shown="shown")


def _office() -> Iterator[Hostile]:
    tables = "<w:tbl><w:tr><w:tc>" * 3_000 + "</w:tc></w:tr></w:tbl>" * 3_000
    yield Hostile("deep.docx", lambda: word(tables), "no docx file")
    wide = (
        '<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val="9000000"/></w:tcPr>'
        f"{text_of('shown')}</w:tc></w:tr></w:tbl>"
    )
    yield Hostile("wide.docx", lambda: word(wide), shown="shown")
    yield Hostile("deep.rtf", fixed(rb"{\rtf1 " + b"{" * 5_000), "no rtf file|no text")
    yield Hostile(
        "deep.epub",
        lambda: epub_file("<div>" * 5_000 + "shown" + "</div>" * 5_000),
        "no text was found|took longer",
        costly=True,
    )
    yield Hostile("stars.org", fixed(b"*" * 50_000 + b" shown\n"), shown="shown")
    yield Hostile(
        "deep.org",
        fixed("".join(f"{' ' * n}- shown\n" for n in range(100)).encode()),
        shown="shown",
        costly=True,
    )
    svg = docx_file(
        ("Normal", "<svg onload=alert(1)>"), table=[["<img src=x onerror=y>", "b"]]
    )
    yield Hostile("markup.docx", fixed(svg), shown="<svg onload=alert(1)>")
    for name, text in (
        (
            "titles",
            "".join(f"{'=' * 9}\n{n} shown\n{'=' * 9}\n\n" for n in range(3_000)),
        ),
        ("roles", ":a:`" * 20_000 + "shown"),
        ("stars", "*" * 50_000 + " shown"),
        ("substitutions", ".. |a| replace:: |b|\n.. |b| replace:: |a|\n\n|a| shown\n"),
        (
            "laughs",
            "".join(f".. |a{n}| replace:: {f'|a{n - 1}|' * 9}\n" for n in range(1, 12))
            + "\n|a11| shown\n",
        ),
        ("targets", "__ a_\n" * 5_000 + "\nshown\n"),
    ):
        yield Hostile(f"{name}.rst", fixed(text.encode()), shown="shown")


def _long() -> Iterator[Hostile]:
    yield Hostile("line.txt", lambda: b"words " * 2_000_000, shown="words", costly=True)
    yield Hostile("letters.txt", lambda: b"x" * 10_000_000, shown="xxx", costly=True)
    yield Hostile("lines.txt", lambda: b"x\n\n" * 100_000, shown="x", costly=True)
    indents = "".join(" " * n + "words\n\n" for n in range(500))
    yield Hostile("indents.rst", fixed(indents.encode()), _DEEP)
