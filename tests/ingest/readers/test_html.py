import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.documents import Element, Reading
from ingest.readers.html import read_html


def html(text: str) -> Reading:
    return read_html("a.html", text.encode())


def elements(text: str) -> list[tuple[str, str]]:
    return [(e.kind, e.text) for e in html(text).elements]


def origins(reading: Reading, element: Element) -> str:
    """What stands in the source where each character of an element came from."""
    pairs = list(element.offsets or ((0, element.start),))
    found = []
    for place in range(len(element.text)):
        offset, at = max(pair for pair in pairs if pair[0] <= place)
        found.append(reading.text[at + place - offset])
    return "".join(found)


def test_blocks_stand_under_their_headings() -> None:
    reading = html(
        "<h1>Hub</h1><p>It has a light.<h2 id=reset>Reset</h2><p>Hold <b>the pin</b>."
        "<ul><li>one<li>two<ol start=3><li>x<li>y</ol></ul>"
        "<pre>\ncode &lt;x&gt;\n  y\n</pre><h2>Next</h2>tail"
    )

    assert [(e.kind, e.text, e.heading_path) for e in reading.elements] == [
        ("title", "Hub", ("Hub",)),
        ("text", "It has a light.", ("Hub",)),
        ("title", "Reset", ("Hub", "Reset")),
        ("text", "Hold the pin.", ("Hub", "Reset")),
        ("list", "- one\n- two\n3. x\n4. y", ("Hub", "Reset")),
        ("code", "code <x>\n  y", ("Hub", "Reset")),
        ("title", "Next", ("Hub", "Next")),
        ("text", "tail", ("Hub", "Next")),
    ]
    assert not reading.verbatim


def test_rows_are_lines_and_cells_are_apart_by_bars() -> None:
    (caption, table) = html(
        "<table><caption>Prices</caption><thead><tr><th>Plan<th>Price</thead>"
        "<tr><td>Starter<td><p>9</p><p>euro</p><tr><td> Team <td></table>"
    ).elements

    assert (caption.kind, caption.text) == ("text", "Prices")
    assert table.text == "Plan | Price\nStarter | 9 euro\nTeam |"
    assert table.header_rows == 1


def test_a_table_of_plain_cells_has_no_header() -> None:
    (table,) = html("<table><tr><td>a<td>b<tr><td>c<td>d</table>").elements

    assert (table.text, table.header_rows) == ("a | b\nc | d", 0)


def test_a_page_tells_about_itself() -> None:
    reading = html(
        "<!doctype html><html lang='de-DE'><head><title>Reset &amp; more | Help</title>"
        "<link rel=canonical href='https://help.ostrel.example/reset'>"
        "<meta name=labels content='staff, beta'></head><h1>Reset &amp; more</h1>text"
    )

    assert (reading.title, reading.language) == ("Reset & more", "de")
    assert reading.url == "https://help.ostrel.example/reset"
    assert reading.labels == ("staff", "beta")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("<title>A\n page</title><h1>Welcome</h1>x", "A page"),
        ("<meta property='og:title' content='Only in its head'>x", ""),
        ("<h1>Only a heading</h1>x", "Only a heading"),
        ("x", ""),
    ],
)
def test_the_title_comes_from_where_there_is_one(text: str, title: str) -> None:
    assert html(text).title == title


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("<h2 id=a>T</h2>", "a"),
        ("<section id=b><h2>T</h2></section>", "b"),
        ("<h2><a name=c></a>T</h2>", "c"),
        ("<h2>T<a class=headerlink href='#d' title=x>¶</a></h2>", "d"),
        ("<a id=e></a><h2>T</h2>", "e"),
        ("<div id=f>words</div><h2>T</h2>", ""),
    ],
)
def test_a_heading_is_reached_by_the_nearest_id(text: str, anchor: str) -> None:
    found = html(f"{text}<p>below").elements

    assert [(e.text, e.anchor) for e in found[-2:]] == [
        ("T", anchor),
        ("below", anchor),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- SECRET -->",
        "<!-- SECRET > SECRET -->",
        "<script>SECRET('<p>')</script>",
        "<style>SECRET</style>",
        "<template><p>SECRET</p></template>",
        "<noscript>SECRET</noscript>",
        "<span hidden>SECRET</span>",
        "<div hidden=until-found><p>SECRET<p>SECRET</div>",
        "<div aria-hidden='true'>SECRET</div>",
        "<p style='color:red;DISPLAY : none !important'>SECRET</p>",
        "<p style='visibility:hidden'>SECRET</p>",
        "<p style='font-size:0em'>SECRET</p>",
        "<p style='font-size:/* x */0'>SECRET</p>",
        "<p style='opacity:0'>SECRET</p>",
        "<p style='color:#fff;background-color:#FFF'>SECRET</p>",
        "<p style='position:absolute;left:-9999px'>SECRET</p>",
        "<p style='display&colon;none'>SECRET</p>",
        "<img alt=SECRET title=SECRET>",
        "<b title='SECRET'></b>",
        "<input value=SECRET>",
        "<select><option>SECRET</select>",
        "<svg><title>SECRET</title><text>SECRET</text></svg>",
        "<dialog>SECRET</dialog>",
        "<i hidden><p>SECRET</i>SECRET</p></i></i>",
        "<![CDATA[ SECRET ]]>",
        "<?xml SECRET ?>",
    ],
)
def test_what_a_browser_does_not_show_is_left_out(hidden: str) -> None:
    text = " ".join(e.text for e in html(f"<p>before</p>{hidden}<p>after</p>").elements)

    assert "SECRET" not in text
    assert text.startswith("before")


def test_navigation_goes_where_the_page_marks_its_main_part() -> None:
    around = (
        "<header>Shop</header><nav>Menu</nav>{}<aside>Ads</aside><footer>©</footer>"
    )

    marked = elements(around.format("<main><header><h1>Hub</h1></header>text</main>"))
    unmarked = elements(around.format("<div>text</div>"))

    assert marked == [("title", "Hub"), ("text", "text")]
    assert [text for _, text in unmarked] == ["Shop", "Menu", "text", "Ads", "©"]


@pytest.mark.parametrize(
    ("broken", "texts"),
    [
        ("<p>a<p>b</div></i>c", ["a", "bc"]),
        ("<h2>Title<p>text", ["Title", "text"]),
        ("<b>a<p>b</b>c</p>", ["a", "bc"]),
        ("a < b && c > d", ["a < b && c > d"]),
        ("<p class='x>a</p><p>b", ["a", "b"]),
        ("<title>never closed<p>text", []),
        ("text<!-- never closed", ["text"]),
        ("x <a href=", ["x"]),
        ("&amp; &lt;b&gt; &copy &#x41;&#0;", ["& <b> © A\ufffd"]),
    ],
)
def test_broken_markup_is_read(broken: str, texts: list[str]) -> None:
    assert [text for _, text in elements(broken)] == texts


def test_each_character_knows_where_it_came_from() -> None:
    source = (
        "<p>One  two\n three &amp; <b>four</b> five<ul><li>six<li>s&eacute;ven</ul>"
    )
    reading = html(source)

    text, list_ = reading.elements

    assert text.text == "One two three & four five"
    assert origins(reading, text) == "One two\nthree & four five"
    assert source[text.start : text.end] == "One  two\n three &amp; <b>four</b> five"
    assert source[list_.start : list_.end] == "<li>six<li>s&eacute;ven"


def test_text_in_step_with_its_source_needs_no_offsets() -> None:
    (element,) = html("<div><p>Just so.</p></div>").elements

    assert (element.offsets, element.start, element.end) == ((), 8, 16)


def test_the_declared_encoding_is_believed() -> None:
    source = "<meta charset=windows-1251><p>Сбросьте хаб".encode("cp1251")

    assert [e.text for e in read_html("a.html", source).elements] == ["Сбросьте хаб"]


PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<ul>", "<li>", "</ul>", "a", "b  c", "\n", "&amp;", "&x"),
        *("<table>", "<tr>", "<td>", "<th>", "</table>", "<pre>", "</pre>", "<h2>"),
        *("</h2>", "<b>", "</b>", "<br>", "<div hidden>", "</div>", "<script>", "<"),
        *("</script>", "<!--", "-->", "<ol start=99>", "<dl>", "<dt>", "<caption>"),
        *("<main>", "<nav>", "</nav>", "'", '"', "=", "/>", "<a href='", "\t d"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_spans_rise_and_never_overlap_whatever_the_markup(source: str) -> None:
    reading = html(source)

    end = 0
    for element in reading.elements:
        assert end <= element.start < element.end <= len(reading.text)
        end = element.end
        places = list(element.offsets)
        assert places == sorted(places)
        assert len({a for a, _ in places}) == len({b for _, b in places}) == len(places)
        if places:
            assert places[0] == (0, element.start)
            assert places[-1][0] < len(element.text)
            assert places[-1][1] < element.end
        else:
            assert len(element.text) <= element.end - element.start


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 200_000 + "deep",
        "<b>" * 200_000 + "deep" + "</i>" * 200_000,
        "<b><p>" + "<i>" * 50_000 + "</b>" * 50_000 + "deep",
        "<ul><li>" * 20_000 + "deep",
        "<title>" * 20_000 + "</title>deep",
        "<a '" * 50_000 + "'>deep",
        "<" * 200_000 + " deep",
        "<table><tr><td>" * 10_000 + "deep",
        "<p style='" + "/* " * 50_000 + "'>deep",
    ],
)
def test_hostile_pages_are_read(source: str) -> None:
    assert "deep" in html(source).elements[-1].text
