"""What guards the index, each with the test that misses it."""

from tests.mutations import Control

_DISK = "tests/reliability/test_index_disk.py"
_FAULTS = "tests/reliability/test_ingest_faults.py"
_FOLDER = "tests/ingest/index/test_folder.py"
_LATE = "tests/app/retrieval/test_late_index.py"
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
        name="Q2: an edition that answers is said once",
        file="app/retrieval/late_index.py",
        text="        if name and name != self._told:",
        without="        if name:",
        tests=(
            f"{_LATE}::test_an_edition_is_said_once_in_the_log_whatever_happens_to_it",
        ),
    ),
    Control(
        name="Q2: an index that cannot answer is down, not degraded",
        file="app/retrieval/late_index.py",
        text="        if isinstance(trouble, _SILENT):",
        without="        if False:",
        tests=(f"{_LATE}::test_a_trouble_is_shown_as_long_as_it_lasts",),
    ),
    Control(
        name="Q3: a search has an end, whatever trickles in",
        file="ingest/index/server.py",
        text="            async with asyncio.timeout(within or self._timeout):",
        without="            async with asyncio.timeout(None):",
        tests=(f"{_SERVER}::test_a_server_that_trickles_is_unreachable_in_time",),
    ),
    Control(
        name="Q4: what was refused once is asked again",
        file="ingest/index/server.py",
        text="            return await self._ask(again(), within=left)",
        without="            raise",
        tests=(f"{_SERVER}::test_what_was_refused_once_is_asked_again",),
    ),
    Control(
        name="Q5: reading makes no collection",
        file="ingest/index/server_reader.py",
        text="        state = await self._server.state(self._settings.collection)\n",
        without=(
            "        from ingest.index.states import State\n"
            "        if not await self._server.shown() and self._expected:\n"
            "            name = f'{self._settings.collection}-made'\n"
            "            await self._server.create(State(name, self._expected))\n"
            "            await self._server.show(name)\n"
            "        state = await self._server.state(self._settings.collection)\n"
        ),
        tests=(
            (
                "tests/reliability/test_index_server.py::"
                "test_a_missing_collection_is_named_and_never_made_by_reading"
            ),
        ),
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
        name="Q11: an edition opens with as many chunks as were published",
        file="ingest/index/searching.py",
        text="    if (found := shard.count()) != edition.chunks:",
        without="    if (found := shard.count()) < 0:",
        tests=(
            f"{_FOLDER}::test_an_edition_that_opens_with_other_counts_does_not_serve",
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
)
