"""What guards the index and its ingest, each with the test that misses it."""

from tests.mutations import Control

_DISK = "tests/reliability/test_index_disk.py"
_FAULTS = "tests/reliability/test_ingest_faults.py"
_LATE = "tests/app/retrieval/test_late_index.py"
_LEFT = "tests/ingest/index/test_leftovers.py"
_SERVER = "tests/ingest/index/test_server.py"

CONTROLS: tuple[Control, ...] = (
    Control(
        name="Q1: a service waits for an index that may come",
        file="app/retrieval/late_index.py",
        text="        except _NOT_OPENED:\n",
        without="        except ZeroDivisionError:\n",
        tests=(f"{_LATE}::test_what_may_come_is_waited_for",),
    ),
    Control(
        name="Q2: what has become of the index is said when it changes",
        file="app/retrieval/late_index.py",
        text="        if now != self._told:",
        without="        if True:",
        tests=(
            f"{_LATE}::test_a_change_is_said_once_in_the_log_and_shown_in_the_gauge",
        ),
    ),
    Control(
        name="Q2: an index that cannot answer is down, not degraded",
        file="app/retrieval/late_index.py",
        text="        if isinstance(trouble, _SILENT):",
        without="        if False:",
        tests=(
            f"{_LATE}::test_a_change_is_said_once_in_the_log_and_shown_in_the_gauge",
        ),
    ),
    Control(
        name="Q4: what was refused once is asked again",
        file="ingest/index/server.py",
        text="            return await self._ask(again(), within=left)",
        without="            raise",
        tests=(f"{_SERVER}::test_what_was_refused_once_is_asked_again",),
    ),
    Control(
        name="Q6: an index of another model is refused at the start",
        file="app/retrieval/late_index.py",
        text="        except _NOT_MENDED:\n",
        without="        except ZeroDivisionError:\n",
        tests=(f"{_LATE}::test_what_nobody_mends_by_waiting_is_refused",),
    ),
    Control(
        name="Q7: a vector that points nowhere is refused",
        file="ingest/index/points.py",
        text="    if not np.isfinite(norm) or norm == 0:",
        without="    if False:",
        tests=(
            (
                "tests/contract/test_index.py::"
                "test_a_vector_that_points_nowhere_is_refused"
            ),
        ),
    ),
    Control(
        name="Q7: it fails its document alone",
        file="ingest/pipeline.py",
        text="            except VectorUnusable as error:",
        without="            except ZeroDivisionError as error:",
        tests=(
            f"{_FAULTS}::test_a_vector_that_points_nowhere_fails_its_document_alone",
        ),
    ),
    Control(
        name="Q8: a server's full disk has a name",
        file="ingest/index/server.py",
        text='    if "No space left" in text or "disk" in text.lower():',
        without="    if False:",
        tests=(f"{_SERVER}::test_a_refusal_has_a_name",),
    ),
    Control(
        name="Q9: the floor of a disk is looked at",
        file="ingest/index/copies.py",
        text="    if free < floor + needed:",
        without="    if False:",
        tests=(
            (
                "tests/ingest/index/test_folder_limits.py::"
                "test_below_the_floor_nothing_is_opened"
            ),
        ),
    ),
    Control(
        name="Q10: one writes at a time",
        file="ingest/index/copies.py",
        text="    if not _try_lock(descriptor):",
        without="    if False:",
        tests=(
            (
                "tests/ingest/index/test_folder.py::"
                "test_a_second_writer_is_told_who_the_first_is"
            ),
        ),
    ),
    Control(
        name="Q11: a copy is compared with what was published",
        file="ingest/index/searching.py",
        text="    if private.checksum != told.checksum:",
        without="    if False:",
        tests=(
            (
                "tests/reliability/test_index_folder.py::"
                "test_of_a_damaged_edition_the_one_before_serves"
            ),
        ),
    ),
    Control(
        name="Q12: what nobody may write ends with 78",
        file="ingest/cli.py",
        text="    if isinstance(error, ModelUnusable | IndexForbidden | IndexMismatch):",
        without="    if False:",
        tests=(
            (
                "tests/ingest/test_ingest_command.py::"
                "test_what_cannot_run_says_what_is_wrong_without_a_traceback"
            ),
        ),
    ),
    Control(
        name="Q12: a file system that cannot be written is told from a broken one",
        file="ingest/index/copies.py",
        text="        kind = IndexForbidden if error.errno in _FORBIDDEN else IndexUnusable",
        without="        kind = IndexUnusable",
        tests=(
            f"{_DISK}::test_a_folder_that_cannot_be_written_is_named_with_its_user",
        ),
    ),
    Control(
        name="P1: what was finished and never shown is the draft again",
        file="ingest/index/leftovers.py",
        text='        places.pop().rename(folder / "draft")',
        without="        places.pop()",
        tests=(
            (
                f"{_LEFT}::"
                "test_a_finished_edition_that_nobody_was_shown_is_the_draft_again"
            ),
        ),
    ),
    Control(
        name="P1: what was half made is swept",
        file="ingest/index/leftovers.py",
        text='    delete(folder / "draft.new")',
        without="    pass",
        tests=(f"{_LEFT}::test_halves_are_swept_and_what_is_whole_stays",),
    ),
    Control(
        name="P1: what was half deleted is swept",
        file="ingest/index/leftovers.py",
        text='        for half in place.glob(f"*{_GONE}"):',
        without="        for half in ():",
        tests=(f"{_LEFT}::test_halves_are_swept_and_what_is_whole_stays",),
    ),
    Control(
        name="P1: a draft is of the edition that is shown",
        file="ingest/index/editions.py",
        text="    if found and (found.current, found.fingerprint) == (shown, fingerprint):",
        without="    if found:",
        tests=(
            (
                "tests/ingest/index/test_folder.py::"
                "test_the_next_run_goes_on_from_what_was_rolled_back_to"
            ),
            (
                "tests/ingest/index/test_folder_limits.py::"
                "test_a_draft_of_another_model_is_not_continued"
            ),
        ),
    ),
    Control(
        name="I4: a folder that lost most empties nothing",
        file="ingest/plan.py",
        text="    return lost < of and (lost <= _FEW or 2 * lost <= of)",
        without="    return True",
        tests=(
            (
                "tests/ingest/test_ingest_command.py::"
                "test_another_folder_does_not_empty_the_index"
            ),
        ),
    ),
    Control(
        name="I4: what lies in a folder that cannot be looked at has not left",
        file="ingest/plan.py",
        text="unreadable.isdisjoint(_with_folders(known.path))",
        without="known.path not in unreadable",
        tests=(
            (
                "tests/ingest/test_ingest_command.py::"
                "test_what_lies_in_a_folder_that_cannot_be_looked_at_has_not_left"
            ),
        ),
    ),
    Control(
        name="I7: a new edition has room before it is built",
        file="ingest/index/folder_writer.py",
        text='            needed=copies.occupied(self._folder / "draft" / "shard"),',
        without="            needed=0,",
        tests=(
            (
                f"{_DISK}::"
                "test_an_ingest_stops_before_the_disk_is_full_and_goes_on_when_it_is_not"
            ),
        ),
    ),
)
