"""What keeps the database, Redis, the log and what they tell in bounds."""

from tests.mutations import Control

_FILE = "tests/reliability/test_database_file.py"
_SERVER = "tests/reliability/test_database_server.py"
_CHANGES = "tests/reliability/test_database_changes.py"
_RECORDING = "tests/app/conversations/test_recording.py"
_KEPT = "tests/reliability/test_database_kept.py"
_LOGS = "tests/app/test_logs.py"

CONTROLS = (
    Control(
        name="D4: a server that was silent at the start is asked again",
        file="app/database/engine.py",
        text="        self._connections.try_again()\n        try:\n",
        without="        try:\n",
        tests=(
            "tests/reliability/test_database_start.py::test_a_service_starts_before_its_database[silent]",
        ),
    ),
    Control(
        name="D1: a write waits for another process, and not for ever",
        file="app/database/file.py",
        text="_BUSY_SECONDS = 5.0",
        without="_BUSY_SECONDS = 0.01",
        tests=(f"{_FILE}::test_a_write_waits_for_another_process",),
    ),
    Control(
        name="D1: a lock that is held too long is told as overload",
        file="app/database/failures.py",
        text='    "SQLITE_BUSY": DatabaseBusy,\n',
        without="",
        tests=(f"{_FILE}::test_a_write_that_waited_too_long_is_told_to_come_again",),
    ),
    Control(
        name="D2: no room is told apart from being away",
        file="app/database/failures.py",
        text='    "SQLITE_FULL": DatabaseReadOnly,\n',
        without="",
        tests=(
            f"{_FILE}::test_no_room_in_the_file_is_told_apart_and_goes_on_afterwards",
        ),
    ),
    Control(
        name="D3: a newer schema is refused",
        file="app/database/schema.py",
        text="    if found is None or found in REVISIONS:\n",
        without="    if found is None or found:\n",
        tests=(
            f"{_FILE}::test_a_database_that_cannot_be_used_is_refused_and_left_alone",
        ),
    ),
    Control(
        name="D3: no fresh file in the place of a missing one",
        file="app/database/file.py",
        text="            if beside.exists():\n",
        without="            if beside.is_socket():\n",
        tests=(
            f"{_FILE}::test_a_database_that_cannot_be_used_is_refused_and_left_alone",
        ),
    ),
    Control(
        name="D3: a file that is taken away is noticed",
        file="app/database/file.py",
        text="        if self._opened != there:\n",
        without="        if False:\n",
        tests=(f"{_FILE}::test_a_file_that_is_taken_away_is_noticed_and_found_again",),
    ),
    Control(
        name="D3: a copy before the tables change",
        file="app/database/schema.py",
        text="    part.replace(target)\n",
        without="    part.unlink()\n",
        tests=(f"{_CHANGES}::test_an_update_that_is_killed_is_done_by_the_next_start",),
    ),
    Control(
        name="D3: damage is told, not thrown",
        file="app/database/failures.py",
        text='    "SQLITE_CORRUPT": DatabaseUnavailable,\n',
        without="",
        tests=(f"{_FILE}::test_a_file_that_is_damaged_while_it_is_used_is_told",),
    ),
    Control(
        name="D4: a statement that takes too long is cancelled there",
        file="app/database/server.py",
        text='"command_timeout": seconds',
        without='"command_timeout": 600',
        tests=(f"{_SERVER}::test_a_statement_that_takes_too_long_ends_here_and_there",),
    ),
    Control(
        name="D4: who finds no connection free is told so",
        file="app/database/server.py",
        text='            raise DatabaseBusy("all connections are in use") from error\n',
        without='            raise DatabaseUnavailable("none") from error\n',
        tests=(f"{_SERVER}::test_who_finds_no_connection_free_is_told_to_come_again",),
    ),
    Control(
        name="D4: a connection is asked before it is lent",
        file="app/database/server.py",
        text='            await connection.execute(text("SELECT 1"))\n',
        without="            pass\n",
        tests=(
            f"{_SERVER}::test_killed_connections_are_replaced_without_anybody_noticing",
        ),
    ),
    Control(
        name="D4: a standby is readable, not away",
        file="app/database/failures.py",
        text='    "25006": DatabaseReadOnly,  # a standby, or set to read only\n',
        without="",
        tests=(f"{_SERVER}::test_a_standby_is_read_and_not_written",),
    ),
    Control(
        name="D4: what lost against another is tried again",
        file="app/database/retrying.py",
        text="_TRIES = 3",
        without="_TRIES = 1",
        tests=(
            f"{_KEPT}::test_a_transaction_that_loses_is_tried_again",
            f"{_KEPT}::test_who_loses_three_times_is_told",
        ),
    ),
    Control(
        name="D5: the spool is bounded",
        file="app/conversations/spool.py",
        text="            if size + len(lines) > _MOST:\n",
        without="            if False:\n",
        tests=(f"{_KEPT}::test_what_has_no_room_is_said_to_be_lost",),
    ),
    Control(
        name="D5: what was replayed is not written twice",
        file="app/conversations/recording.py",
        text='.on_conflict_do_nothing(index_elements=["id"])',
        without="",
        tests=(f"{_KEPT}::test_a_damaged_line_of_the_spool_keeps_nothing_up",),
    ),
    Control(
        name="D5: a damaged line is left out",
        file="app/conversations/spool.py",
        text="    return write if write.row.keys() >= _COLUMNS else None\n",
        without="    return write\n",
        tests=(f"{_KEPT}::test_a_damaged_line_of_the_spool_keeps_nothing_up",),
    ),
    Control(
        name="D6: NUL is cleaned away",
        file="app/conversations/rows.py",
        text='    return text.replace("\\0", "")\n',
        without="    return text\n",
        tests=(f"{_RECORDING}::test_odd_characters_of_a_model_are_stored",),
    ),
    Control(
        name="P10: one replica changes the tables, the other waits",
        file="app/database/schema.py",
        text='    if connection.dialect.name == "postgresql":\n',
        without='    if connection.dialect.name == "nothing":\n',
        tests=(
            f"{_CHANGES}::test_a_service_that_starts_waits_for_who_changes_the_tables",
        ),
    ),
    Control(
        name="R1: without Redis each keeps to its part",
        file="app/access/shared_ledger.py",
        text="limits=divided(subject.limits, self._replicas)",
        without="limits=subject.limits",
        tests=(
            "tests/app/access/test_shared_ledger.py::test_without_redis_each_keeps_to_its_part",
        ),
    ),
    Control(
        name="R1: nobody waits for Redis",
        file="app/access/redis_ledger.py",
        text="half = asyncio.get_running_loop(), self._timeout / 2",
        without="half = asyncio.get_running_loop(), 30",
        tests=(
            "tests/reliability/test_redis_faults.py::test_without_redis_limits_are_kept_to_a_part",
        ),
    ),
    Control(
        name="R1: a closed socket is no fault of a request",
        file="app/access/redis_ledger.py",
        text="except (RuntimeError, ValueError) as error:",
        without="except ZeroDivisionError as error:",
        tests=(
            "tests/reliability/test_redis_faults.py::test_without_redis_limits_are_kept_to_a_part",
        ),
    ),
    Control(
        name="L2: a password in the upstream's address is no part of it",
        file="app/upstream/address.py",
        text="    url = parts._replace(netloc=host).geturl()\n",
        without="    url = text\n",
        tests=(
            "tests/app/upstream/test_address.py::test_an_address_is_shown_without_who_asks",
        ),
    ),
    Control(
        name="U1: an address where no request can go is refused",
        file="app/upstream/address.py",
        text="        _require_host(parts)\n",
        without="        pass\n",
        tests=(
            "tests/app/upstream/test_address.py::test_an_address_where_no_request_can_go_is_refused_without_its_password",
        ),
    ),
    Control(
        name="U1: whatever the HTTP client raises is the upstream's failure",
        file="app/upstream/stream.py",
        text="OSError, *UNFORESEEN,",
        without="OSError,",
        tests=(
            "tests/app/upstream/test_address.py::test_whatever_the_http_client_raises_is_a_failure_of_the_upstream",
        ),
    ),
    Control(
        name="P11: lines that nobody takes are bounded and counted",
        file="app/logs.py",
        text='            self._losses.lose("queue")\n',
        without="            pass\n",
        tests=(f"{_LOGS}::test_a_queue_that_is_full_drops_lines_and_counts_them",),
    ),
    Control(
        name="M10: a burst of one message is cut",
        file="app/losses.py",
        text="        return since[1] <= _MOST\n",
        without="        return True\n",
        tests=(
            f"{_LOGS}::test_a_burst_of_one_message_is_cut_and_told_and_others_pass",
        ),
    ),
    Control(
        name="M10: a line is eight kilobytes at most",
        file="app/logs.py",
        text="_LONGEST = 8192",
        without="_LONGEST = 8192000",
        tests=(f"{_LOGS}::test_no_line_is_longer_than_eight_kilobytes",),
    ),
    Control(
        name="L2: keys are cut out of lines",
        file="app/logs.py",
        text='_KEY.sub(r"\\1…", text)',
        without="text",
        tests=(f"{_LOGS}::test_what_looks_like_a_key_is_cut_wherever_it_stands",),
    ),
    Control(
        name="L2: passwords are cut out of addresses",
        file="app/logs.py",
        text='_PASSWORD.sub(r"\\1…@", ',
        without="str(",
        tests=(f"{_LOGS}::test_a_password_in_an_address_is_cut",),
    ),
    Control(
        name="L1: a line that cannot be made is not printed with what was said",
        file="app/logs.py",
        text="        except (TypeError, ValueError):\n",
        without="        except ZeroDivisionError:\n",
        tests=(f"{_LOGS}::test_a_line_that_cannot_be_made_is_counted_and_not_printed",),
    ),
    Control(
        name="One line for each change of a part",
        file="app/states.py",
        text="            if state != before:\n",
        without='            if state != "up":\n',
        tests=(
            "tests/app/test_states.py::test_a_change_is_one_line_however_often_it_is_asked_for",
        ),
    ),
    Control(
        name="A change is told although nobody asks",
        file="app/states.py",
        text="            self.look()\n            await",
        without="            await",
        tests=("tests/app/test_states.py::test_a_change_is_told_although_nobody_asks",),
    ),
    Control(
        name="L4: with a copy beside it, an erasure is not called whole",
        file="app/database/file.py",
        text=" and not self._copies()",
        without="",
        tests=(
            "tests/reliability/test_erasing.py::test_a_copy_from_before_a_migration_keeps_an_erasure_from_being_whole",
        ),
    ),
)
