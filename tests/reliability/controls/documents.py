"""Controls against hostile documents and folders (D1 to D5, D9 to D13, I1, I3)."""

from tests.mutations import Control

_GUARD = "tests/ingest/test_hostile_files.py::test_each_guard_stops_what_it_is_for"
_FILES = "tests/reliability/test_documents_files.py::"
_PROCESSES = "tests/reliability/test_documents_processes.py::"
_FOLDERS = "tests/reliability/test_documents_folders.py::"
_SCANNED = f"{_FILES}test_a_document_that_is_not_what_was_scanned_is_not_read"
_ODD = "tests/ingest/test_source.py::test_dot_files_links_and_pipes_are_passed_over"
_RULES = f"{_FOLDERS}test_rules_made_to_take_hours_or_gigabytes_are_refused_and_publish_nothing"

_ARCHIVE = "ingest/readers/archive.py"
_ENTITIES = "ingest/readers/entities.py"
_SOURCE = "ingest/source.py"
_WALKING = "ingest/walking.py"


def _control(name: str, file: str, text: str, without: str, test: str) -> Control:
    return Control(name=name, file=file, text=text, without=without, tests=(test,))


_KINDS_AND_NAMES = (
    _control(
        "D1: content tells what a file is before its name",
        "ingest/readers/formats.py",
        "    if found:\n        return found\n",
        "    if found and not named:\n        return found\n",
        f"{_GUARD}[word.pdf]",
    ),
    _control(
        "D1: a name that nobody can show is refused",
        _SOURCE,
        "if wrong := wrong_name(path):",
        'if wrong := "":',
        f"{_FOLDERS}test_a_name_that_nobody_can_show_is_refused",
    ),
    _control(
        "D1: what begins with a dot is passed over",
        _WALKING,
        'if name.startswith("."):',
        'if name.startswith(".."):',
        _ODD,
    ),
    _control(
        "D1: devices, sockets and pipes are passed over",
        _WALKING,
        "        return NO_FILE\n",
        '        return ""\n',
        _ODD,
    ),
    _control(
        "D2: a link is told to be one",
        _WALKING,
        "    if stat.S_ISLNK(mode):\n",
        "    if not mode:\n",
        f"{_FOLDERS}test_odd_files_are_told_and_the_others_read",
    ),
    _control(
        "D2: a link in place of a file is not followed",
        "ingest/opening.py",
        "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC",
        "os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC",
        f"{_SCANNED}[a link now]",
    ),
    _control(
        "D2: a link in place of a folder is not followed",
        "ingest/opening.py",
        "os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC",
        "os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC",
        f"{_FILES}test_a_folder_behind_a_link_is_not_listed",
    ),
)

_ARCHIVES = (
    _control(
        "D3: parts of an archive are counted",
        _ARCHIVE,
        "if len(entries) > MOST_ENTRIES:",
        "if len(entries) > 10 * MOST_ENTRIES:",
        f"{_GUARD}[many.docx]",
    ),
    _control(
        "D3: what really is inflated is counted",
        _ARCHIVE,
        "            total += len(piece)\n",
        "            total += 0\n",
        f"{_GUARD}[lying-small.docx]",
    ),
    _control(
        "D3: the ratio is bounded",
        _ARCHIVE,
        "min(MOST_BYTES, max(_FREE_BYTES, MOST_RATIO * len(data)))",
        "MOST_BYTES",
        f"{_GUARD}[bomb.docx]",
    ),
    _control(
        "D3: two parts of one name are refused",
        _ARCHIVE,
        "if len(names) < len(entries):",
        "if len(names) > len(entries):",
        f"{_GUARD}[twice.docx]",
    ),
    _control(
        "D3: names that lead out are refused",
        _ARCHIVE,
        "if any(map(_leads_out, names)):",
        "if not any(names):",
        f"{_GUARD}[climbing-0.docx]",
    ),
    _control(
        "D3: parts that are links are refused",
        _ARCHIVE,
        "& 0o170000 == _LINK for entry",
        "& 0o170000 == -1 for entry",
        f"{_GUARD}[link.docx]",
    ),
    _control(
        "D3: sums of parts are checked",
        _ARCHIVE,
        "        if check != entry.CRC:\n",
        "        if check < 0:\n",
        f"{_GUARD}[lying-sum.docx]",
    ),
    _control(
        "D5: a password on a part is told",
        _ARCHIVE,
        "if any(entry.flag_bits & 1 for entry in entries):",
        "if any(entry.flag_bits & 0 for entry in entries):",
        f"{_GUARD}[locked.docx]",
    ),
    _control(
        "D5: a password on an office file is told",
        _ARCHIVE,
        "    if _ENCRYPTED in data:\n",
        "    if not data:\n",
        f"{_GUARD}[package.docx]",
    ),
    _control(
        "D4: declared entities are refused",
        _ENTITIES,
        "        if _DECLARATION in seen:\n",
        "        if not seen and piece:\n",
        f"{_GUARD}[outside.docx]",
    ),
    _control(
        "D4: entities are found in two bytes a letter",
        _ENTITIES,
        'self._before + piece.translate(None, b"\\0")',
        "self._before + piece",
        f"{_GUARD}[hidden-utf16.docx]",
    ),
    _control(
        "D4: entities are found across two pieces",
        _ENTITIES,
        "self._before = seen[-len(_DECLARATION) :]",
        'self._before = b""',
        f"{_GUARD}[hidden-split.docx]",
    ),
    _control(
        "D4: encodings that hide entities are refused",
        _ENTITIES,
        "if not self._begun and (odd := _odd_encoding(piece[:512])):",
        'if odd := "":',
        f"{_GUARD}[hidden-ebcdic.docx]",
    ),
)

_CONTENTS = (
    _control(
        "D5: pages are counted",
        "ingest/readers/pdf.py",
        "if len(pdf) > MOST_PAGES:",
        "if len(pdf) > 10 * MOST_PAGES:",
        f"{_GUARD}[pages.pdf]",
    ),
    _control(
        "D9: cells are counted",
        "ingest/readers/sheet.py",
        "if columns * rows > MOST_CELLS:",
        "if columns * rows < 0:",
        f"{_PROCESSES}test_a_sheet_that_spans_too_much_is_refused_before_it_is_parsed",
    ),
    _control(
        "D10: binary data is no text",
        "ingest/readers/text.py",
        "if _controls(sample) > _MOST_CONTROLS:",
        "if _controls(sample) > 1:",
        f"{_GUARD}[zeros.txt]",
    ),
    _control(
        "D13: depth without end is refused",
        "ingest/readers/__init__.py",
        "    except RecursionError as error:\n",
        "    except NotImplementedError as error:\n",
        f"{_GUARD}[parts.eml]",
    ),
    _control(
        "D13: keys of many steps are refused",
        "ingest/declarations.py",
        "    if any(line.count",
        "    if not any(line.count",
        "tests/ingest/test_declarations.py",
    ),
    _control(
        "I3: patterns that take hours are refused",
        "ingest/folder_rules.py",
        "if deep > _MOST_DEEP or any(len(stars) > _MOST_STARS for stars in steps):",
        "if deep < 0:",
        f"{_FILES}test_documents_below_broken_ignore_rules_stay_in_the_index",
    ),
    _control(
        "I3: an ignore file without end is refused",
        "ingest/folder_rules.py",
        "if len(content) > _LONGEST_RULES:",
        "if not content and _LONGEST_RULES:",
        _RULES,
    ),
    _control(
        "I3: files are as large as they may be",
        _SOURCE,
        "        if size > task.max_bytes:\n",
        "        if size > 2 * task.max_bytes:\n",
        "tests/ingest/test_source.py::test_a_file_that_is_too_large_is_a_failure",
    ),
    _control(
        "I1: what is read is what was scanned",
        _SOURCE,
        "    if digest != document.digest:\n",
        "    if not hashed:\n",
        f"{_SCANNED}[longer]",
    ),
    _control(
        "I3: a folder that cannot be read has not lost its documents",
        "ingest/plan.py",
        "unreadable.isdisjoint(_with_folders(known.path))",
        "known.path not in unreadable",
        f"{_FILES}test_documents_that_cannot_be_read_have_not_left_the_folder",
    ),
)

CONTROLS: tuple[Control, ...] = (*_KINDS_AND_NAMES, *_ARCHIVES, *_CONTENTS)
