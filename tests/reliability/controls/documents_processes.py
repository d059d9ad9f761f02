"""Controls over the processes that read documents (D6, D7, I2, P4)."""

from tests.mutations import Control

_SANDBOX = "tests/ingest/test_sandbox.py::"
_CONFINED = "tests/ingest/test_confinement.py::"
_NATIVE = f"{_CONFINED}test_native_code_reaches_no_file_process_or_network"
_MISSING = (
    f"{_CONFINED}test_what_the_kernel_does_not_offer_is_told_and_refused_to_python"
)
_LIMITS = f"{_CONFINED}test_limits_hold_for_files_cores_and_what_is_open"
_ASIDE = f"{_SANDBOX}test_a_reading_process_knows_no_secret_and_runs_aside"
_PROCESSES = "tests/reliability/test_documents_processes.py::"

_CONFINEMENT = "ingest/readers/confinement.py"


def _control(name: str, file: str, text: str, without: str, test: str) -> Control:
    return Control(name=name, file=file, text=text, without=without, tests=(test,))


CONTROLS: tuple[Control, ...] = (
    _control(
        "I2: memory is limited",
        _CONFINEMENT,
        "        (resource.RLIMIT_AS, memory),\n",
        "",
        _ASIDE,
    ),
    _control(
        "I2: sizes of files are limited",
        _CONFINEMENT,
        "        (resource.RLIMIT_FSIZE, _FILE_BYTES),\n",
        "",
        _LIMITS,
    ),
    _control(
        "I2: open files are limited",
        _CONFINEMENT,
        "        (resource.RLIMIT_NOFILE, _OPEN_FILES),\n",
        "",
        _LIMITS,
    ),
    _control(
        "I2: CPU time is limited",
        "ingest/readers/__main__.py",
        "        allow_cpu(seconds)\n",
        "",
        f"{_PROCESSES}test_a_process_may_take_cpu_time_for_one_document_only",
    ),
    _control(
        "I2: time is limited",
        "ingest/sandbox.py",
        "async with asyncio.timeout(seconds):",
        "async with asyncio.timeout(None):",
        f"{_PROCESSES}test_a_program_that_a_parser_started_is_killed_with_it",
    ),
    _control(
        "I2: the whole group is killed",
        "ingest/sandbox.py",
        "            os.killpg(self._process.pid, signal.SIGKILL)\n",
        "            os.kill(self._process.pid, signal.SIGKILL)\n",
        f"{_PROCESSES}test_a_program_that_a_parser_started_is_killed_with_it",
    ),
    _control(
        "I2: a process that died is replaced",
        "ingest/sandbox.py",
        "if process.reads < _READS and not outcome.exhausted:",
        "if process.reads < _READS:",
        f"{_PROCESSES}test_a_process_that_dies_is_replaced_and_costs_one_document",
    ),
    _control(
        "I2: an answer is a few times its file at most",
        "ingest/readers/__main__.py",
        "        if len(answer) <= most_answer(len(data)):\n",
        "        if answer:\n",
        f"{_PROCESSES}test_a_text_many_times_as_large_as_its_file_does_not_arrive",
    ),
    _control(
        "I2: a claimed length is checked",
        "ingest/sandbox.py",
        "        if size > most:\n",
        "        if size < 0:\n",
        f"{_PROCESSES}test_a_process_that_claims_a_longer_answer_than_any_is_ended",
    ),
    _control(
        "P4: a process runs aside",
        _CONFINEMENT,
        "    os.nice(_NICENESS)\n",
        "",
        _ASIDE,
    ),
    _control(
        "P4: a process ends with the one that started it",
        _CONFINEMENT,
        "    _die_with_parent()\n    _limit",
        "    _limit",
        f"{_PROCESSES}test_no_reading_process_outlives_the_one_that_started_it",
    ),
    _control(
        "D6: the kernel keeps files off",
        _CONFINEMENT,
        "has_files = keep_to(readable, (folder, _NOWHERE)) > 0",
        "has_files = True",
        _NATIVE,
    ),
    _control(
        "D6: Python keeps files off where the kernel does not",
        _CONFINEMENT,
        "    if not has_files:\n",
        "    if not memory:\n",
        _MISSING,
    ),
    _control(
        "D7: the kernel refuses calls",
        _CONFINEMENT,
        "has_calls = take_away(UNNEEDED)",
        "has_calls = True",
        _NATIVE,
    ),
    _control(
        "D7: the kernel gives a network without a way out",
        _CONFINEMENT,
        "own_network = _leave_network()",
        "own_network = False",
        _MISSING,
    ),
    _control(
        "D7: Python refuses connections where the kernel does not",
        _CONFINEMENT,
        "    if event in _CONNECTING:\n",
        "    if not event:\n",
        _MISSING,
    ),
    _control(
        "D7: a process knows no key",
        "ingest/processes.py",
        "return {**same, **_FIXED,",
        "return {**os.environ, **_FIXED,",
        _ASIDE,
    ),
)
