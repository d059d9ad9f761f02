"""What keeps hidden text out of the index, by family."""

from tests.mutations import Control

_GRID = "tests/reliability/test_hidden_text.py"
_ONE = f"{_GRID}::test_a_hidden_order_is_not_indexed_and_the_seen_sentence_is"
_KEPT = "tests/reliability/test_hidden_text_kept.py"
_WORD = "tests/reliability/test_hidden_text_word.py"
_REPORT = "tests/reliability/test_hidden_text_report.py"


def _control(name: str, file: str, text: str, without: str, *tests: str) -> Control:
    return Control(
        name=f"T-hidden: {name}",
        file=f"ingest/{file}",
        text=text,
        without=without,
        tests=tests,
    )


CONTROLS: tuple[Control, ...] = (
    _control("characters without a shape go", "cleaning.py",
             'return category in ("Cc", "Cf", "Cs", "Co")',
             'return category in ("Cc", "Cs")', f"{_ONE}[tag letters in a.txt]"),
    _control("a flag of tags is one of three", "cleaning.py",
             'part if place % 2 else "".join(_shown(part))', "part",
             f"{_ONE}[flag of flags in a.txt]"),
    _control("a selector stands where it does something", "cleaning.py",
             "return not _is_selector(c) or _selects(c, previous, after)",
             "return True", f"{_ONE}[selectors in a.txt]"),
    _control("comments in Markdown are no text", "readers/hiding.py",
             'elif mark.kind == "comment":', 'elif mark.kind == "nothing":',
             f"{_ONE}[Markdown comment]"),
    _control("an inline style hides", "readers/hiding.py",
             "if any(style.get(name) == value for name, value in _ABSENT.items()):",
             "if False:", f"{_ONE}[HTML style display:none]"),
    _control("white on white hides", "readers/hiding.py",
             "return self.visible and not self.clear and self.size >= _SMALLEST and not same",
             "return self.visible and not self.clear and self.size >= _SMALLEST",
             f"{_ONE}[HTML style color:#fff]"),
    _control("a sheet in the page hides", "readers/sight.py",
             "css.Sheet(css.sheets_of(source))", "css.Sheet()",
             f"{_ONE}[HTML sheet, class]"),
    _control("attributes in Markdown are blanks", "readers/asides.py",
             "yield from _attributes(masked, raw=raw, jsx=jsx)", "return",
             f"{_ONE}[Markdown attribute]"),
    _control("text off the page of a PDF is left out", "readers/drawing.py",
             "return large and 0 <= x <= width and 0 <= y <= height", "return large",
             f"{_ONE}[PDF off the page]"),
    _control("covered text of a PDF is left out", "readers/shown.py",
             "if part.size and not part.any():", "if False:",
             f"{_ONE}[PDF behind a picture]"),
    _control("hidden runs of Word are left out", "readers/hidden_word.py",
             "if _is_hidden(run, styles):", "if False:", f"{_ONE}[Word vanish]"),
    _control("hidden text boxes of Word are left out", "readers/hidden_word.py",
             "if is_hidden_box(box):", "if False:",
             f"{_WORD}::test_a_text_box_that_is_switched_off_is_not_read"),
    _control("what Word wraps is read", "readers/word_body.py",
             "wrapped = [e for e in root.iter(*_WRAPPERS) if len(e)]", "wrapped = []",
             f"{_WORD}::test_what_word_shows_in_any_wrapping_is_read_once"),
    _control("notes of Word are read", "readers/word_body.py",
             "            block.addnext(_unlinked(paragraph))", "            pass",
             f"{_WORD}::test_a_note_is_read_behind_what_refers_to_it"),
    _control("a page lies between any two corners", "readers/drawing.py",
             "sorted(one[::2])", "one[::2]",
             f"{_KEPT}::test_a_page_whose_box_is_given_by_other_corners_is_kept"),
    _control("hidden shapes of slides are left out", "readers/hidden_slides.py",
             "if _is_hidden(run, _behind(shape, below, ground)):", "if False:",
             f"{_ONE}[slide white]"),
    _control("hidden rows of sheets are left out", "readers/sheet.py",
             "rows = rows if keep else shown", "pass",
             f"{_ONE}[sheet hidden row]"),
    _control("a mail is read as it is shown", "readers/mail.py",
             "len(said - shown) <= max(len(said) // 20, _FEW_WORDS)", "True",
             f"{_ONE}[mail text that no program shows]"),
    _control("what is hidden is counted", "readers/sight.py",
             'self.hidden["styled_parts"] += 1\n        elif',
             "pass\n        elif", f"{_REPORT}::test_each_kind_is_counted",
             f"{_REPORT}::test_what_was_hidden_on_purpose_is_told"),
    _control("titles are cleaned", "readers/__init__.py",
             "title=seen(reading.title),", "title=reading.title,",
             f"{_REPORT}::test_titles_and_headings_hold_nothing_hidden"),
    _control("headings are cleaned", "readers/__init__.py",
             "if any(title != shown[title] for title in titles):", "if False:",
             f"{_REPORT}::test_titles_and_headings_hold_nothing_hidden"),
    _control("a quarantined document is not published", "pipeline.py",
             'if self._job.hidden_text == "quarantine":', "if False:",
             f"{_REPORT}::test_the_policy_is_followed_on_unchanged_files"),
)  # fmt: skip
