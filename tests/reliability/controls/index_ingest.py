"""What guards an index from an ingest that dies, each with the test that misses it."""

from tests.mutations import Control

_DISK = "tests/reliability/test_index_disk.py"
_FOLDER = "tests/ingest/index/test_folder.py"
_LEFT = "tests/ingest/index/test_leftovers.py"
_SCRATCH = "tests/ingest/test_scratch.py"
_SERVER = "tests/ingest/index/test_server.py"

CONTROLS: tuple[Control, ...] = (
    Control(
        name="P1: the pointer moves by a rename",
        file="ingest/index/editions.py",
        text='    replace_file(folder / "CURRENT", f"{name}\\n".encode())',
        without='    (folder / "CURRENT").write_bytes(f"{name}\\n".encode())',
        tests=(
            f"{_FOLDER}::test_who_reads_the_pointer_as_it_moves_reads_one_name_whole",
        ),
    ),
    Control(
        name="P1: a document of which a part is there counts as changed",
        file="ingest/index/points.py",
        text="        whole = not one.mixed and chunks == one.points",
        without="        whole = True",
        tests=(
            (f"{_SERVER}::test_a_document_of_which_a_part_is_missing_is_known_as_such"),
        ),
    ),
    Control(
        name="P1: on a server, that something is written is written down first",
        file="ingest/index/server_writer.py",
        text=(
            "        await self._mark()\n"
            "        await self._server.replace(self._collection, document.id, found)"
        ),
        without=(
            "        await self._server.replace(self._collection, document.id, found)"
        ),
        tests=(f"{_SERVER}::test_what_a_killed_run_wrote_is_published_by_the_next",),
    ),
    Control(
        name="P1: folders of processes that were killed are swept",
        file="ingest/scratch.py",
        text="    _sweep(place, prefix)\n",
        without="",
        tests=(
            (
                f"{_SCRATCH}::"
                "test_what_a_killed_process_left_is_removed_and_what_is_held_stays"
            ),
        ),
    ),
    Control(
        name="P1: folders that somebody holds are not",
        file="ingest/scratch.py",
        text="        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
        without="",
        tests=(
            (
                f"{_SCRATCH}::"
                "test_what_a_killed_process_left_is_removed_and_what_is_held_stays"
            ),
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
    Control(
        name="I5: SIGTERM ends a run as Ctrl-C does",
        file="ingest/cli.py",
        text="lambda *_: signal.raise_signal(signal.SIGINT)",
        without="signal.SIG_DFL",
        tests=(
            (
                "tests/reliability/test_ingest_faults.py::"
                "test_an_interrupted_run_ends_with_130_and_the_next_goes_on"
            ),
        ),
    ),
)
