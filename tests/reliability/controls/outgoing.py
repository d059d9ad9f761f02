"""The controls of what leaves and of what goes into the prompt."""

from tests.mutations import Control

_OUT = "tests/reliability/test_outgoing.py::"
_ANSWERS = "tests/reliability/test_outgoing_answers.py::"
_PROMPT = "tests/reliability/test_prompt_injection.py::"
_STAYS = (f"{_OUT}test_what_may_not_lead_anywhere_stays_as_text",)
_CARRIED = (f"{_OUT}test_nothing_is_carried_out_in_an_answer",)


def _control(name: str, place: tuple[str, str, str], tests: tuple[str, ...]) -> Control:
    file, text, without = place
    return Control(name=name, file=file, text=text, without=without, tests=tests)


_FILTERS = "app/chat/outgoing/"

_MOVED = (
    "tests/reliability/test_outgoing_citations.py::test_citations_of_an_extract_move_with_their_markers",
)

CONTROLS: tuple[Control, ...] = (
    _control(
        "P8: citations of an extract move with their markers",
        (f"{_FILTERS}voices.py", "        before = leaving(text[: citation.start], rules)\n", "        before = left[: citation.start]\n"),
        _MOVED,
    ),
    _control(
        "P8: a moved citation points at its marker, or is none",
        (f"{_FILTERS}voices.py", "        if left.startswith(before + marker):\n", "        if marker:\n"),
        _MOVED,
    ),
    _control(
        "T-exfil: pandoc agrees about what leaves",
        (f"{_FILTERS}prose.py", 'elif char == "(" and page.closed is not None:', 'elif char == "(" and page.closed == 2:'),
        ("tests/reliability/test_outgoing_pandoc.py::test_pandoc_finds_no_foreign_address_in_what_leaves",),
    ),
    _control(
        "T-exfil: images are of open hosts only",
        (f"{_FILTERS}targets.py", "self._image = label.image if label else bool(reading.page.closed)", "self._image = False"),
        _STAYS,
    ),
    _control(
        "T-exfil: links lead where an address stands",
        (f"{_FILTERS}prose.py", 'elif char == "(" and page.closed is not None:', 'elif char == "(" and page.closed == 2:'),
        _CARRIED,
    ),
    _control(
        "T-exfil: nothing goes on behind what only looks like a link",
        (f"{_FILTERS}targets.py", "            page.after_address = True\n        elif", "            pass\n        elif"),
        _STAYS,
    ),
    _control(
        "T-exfil: names in brackets are no definitions",
        (f"{_FILTERS}prose.py", '            self._page.put(" ", " ")\n\n    def _open', "            pass\n\n    def _open"),
        _CARRIED,
    ),
    _control(
        "T-exfil: addresses in the text are looked at",
        (f"{_FILTERS}prose.py", 'if char in ":/." and', 'if char in "." and'),
        _STAYS,
    ),
    _control(
        "T-exfil: HTML is text",
        (f"{_FILTERS}prose.py", 'elif char == "<":', 'elif char == "<<":'),
        _CARRIED,
    ),
    _control(
        "T-exfil: entities are read",
        (f"{_FILTERS}signs.py", "if len(shown) == 1 and shown != whole:", "if len(shown) == 2 and shown != whole:"),
        _STAYS,
    ),
    _control(
        "T-exfil: code in a line must end there",
        (f"{_FILTERS}rawness.py", 'if char in "|\\n\\r":', 'if char in "\\0":'),
        _CARRIED,
    ),
    _control(
        "T-exfil: a block in a quote is not believed in",
        (f"{_FILTERS}rawness.py", "clear = self._column is not None and self._column < 4", "clear = True"),
        _CARRIED,
    ),
    _control(
        "T-exfil: an address of an open host loses its query",
        (f"{_FILTERS}addresses.py", "[a-z0-9/.%@:+,;=&-]|", "[a-z0-9/.%@:+,;=&?#-]|"),
        _STAYS,
    ),
    _control(
        "T-exfil: no emphasis ends within an address of an open host",
        (f"{_FILTERS}addresses.py", "(?!.*//)/(?:[a-z0-9/", "/(?:[*a-z0-9/"),
        _STAYS,
    ),
    _control(
        "T-exfil: the bracket behind an address that was disarmed is none",
        (f"{_FILTERS}runs.py", 'raw, escaped = "&gt;", True', "pass"),
        _STAYS,
    ),
    _control(
        "T-exfil: a tag that never ended is read as text",
        (f"{_FILTERS}rawness.py", 'self._stand("<")\n            self._reading.read(self._text[1:])', 'self._stand(self._text)\n            self._reading.read("")'),
        _STAYS,
    ),
    _control(
        "T-exfil: at most 64 characters are held back",
        (f"{_FILTERS}links.py", "HELD = 36", "HELD = 360"),
        (f"{_OUT}test_any_text_leaves_the_same_however_it_is_cut", f"{_ANSWERS}test_long_addresses_are_not_held_whole"),
    ),
    _control(
        "T-exfil: what is held leaves after 150 ms",
        ("app/chat/writing.py", "PATIENCE = 0.15", "PATIENCE = 60.0"),
        (f"{_ANSWERS}test_what_is_held_leaves_though_the_upstream_pauses",),
    ),
    _control(
        "T-exfil: fields beside the text are filtered",
        (f"{_FILTERS}voices.py", "said = self._field(name).feed(value) if text else value", "said = value if text else value"),
        (f"{_ANSWERS}test_fields_beside_the_text_lead_nowhere_either",),
    ),
    _control(
        "T-cite: a marker names a source of this request",
        (f"{_FILTERS}markers.py", "if 1 <= number <= self._offered]", "if 1 <= number]"),
        (f"{_ANSWERS}test_citations_lead_to_sources_of_this_request_alone",),
    ),
    _control(
        "T-tools: a call is of a declared tool",
        (f"{_FILTERS}calls.py", "known = _name_of(call) in self._tools.names", "known = bool(call)"),
        (f"{_ANSWERS}test_calls_that_nobody_declared_are_dropped",),
    ),
    _control(
        "T-tools: without a call, an answer does not end for one",
        (f"{_FILTERS}calls.py", 'return "stop" if called and', "return reason if called and"),
        (f"{_ANSWERS}test_calls_that_nobody_declared_are_dropped",),
    ),
    _control(
        "T-sysleak: eight words of ours in a row do not leave",
        (f"{_FILTERS}leaks.py", "ROW = 8", "ROW = 12"),
        (f"{_ANSWERS}test_our_instructions_are_not_told",),
    ),
    _control(
        "T-fence: a source cannot end its fence",
        ("app/chat/fences.py", '" ".join(found.group())', "found.group()"),
        (f"{_PROMPT}test_each_source_stays_inside_of_its_fence",),
    ),
    _control(
        "T-roles: our instructions come first",
        ("app/chat/prompt.py", "        ours,\n        *said[:lead],\n", "        *said[:lead],\n        ours,\n"),
        (f"{_PROMPT}test_the_callers_messages_never_stand_before_ours_nor_in_them",),
    ),
)  # fmt: skip
