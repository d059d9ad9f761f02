"""What holds off an upstream that fails: how often and how long it is asked."""

from tests.mutations import Control

_BREAKER = "tests/app/upstream/test_breaker.py"
_DEADLINE = "tests/app/upstream/test_deadline.py"
_FAILOVER = "tests/reliability/test_upstream_failover.py"
_REFUSALS = "tests/reliability/test_upstream_refusals.py"
_UNREACHED = "tests/reliability/test_upstream_unreached.py"
_STATUS = f"{_REFUSALS}::test_what_is_no_answer_is_told_as_what_it_is"

CONTROLS: tuple[Control, ...] = (
    Control(
        name="U20: the breaker opens where half of twenty calls fail",
        file="app/upstream/breaker.py",
        text="if calls >= CALLS and failures >= SHARE * calls:",
        without="if calls >= 1_000_000:",
        tests=(f"{_FAILOVER}::test_a_dead_endpoint_is_left_alone_after_a_few_calls",),
    ),
    Control(
        name="U1: the breaker opens after five that reached nobody",
        file="app/upstream/breaker.py",
        text="if self._unreached >= UNREACHED:",
        without="if self._unreached >= 1_000_000:",
        tests=(f"{_FAILOVER}::test_while_every_endpoint_is_left_alone_nobody_waits",),
    ),
    Control(
        name="U20: one probe at a time",
        file="app/upstream/breaker.py",
        text='        if self.state == "probing":\n            return PAUSE\n',
        without="",
        tests=(
            f"{_BREAKER}::test_one_call_in_five_seconds_finds_out_whether_it_is_well_again",
        ),
    ),
    Control(
        name="U6: a refusal of the request is no failure of the endpoint",
        file="app/upstream/breaker.py",
        text="        if not failure.is_theirs:\n            self.answered()\n            return\n",
        without="",
        tests=(_BREAKER,),
    ),
    Control(
        name="C1: a probe that its caller left lets the next one probe",
        file="app/upstream/breaker.py",
        text="        if self._probe:\n",
        without="        if self._probe and self._well is not None:\n",
        tests=(
            f"{_BREAKER}::test_a_probe_that_its_caller_left_lets_the_next_one_probe",
        ),
    ),
    Control(
        name="U7: retries have a budget",
        file="app/upstream/budget.py",
        text="if self._retries.count(now) >= most:",
        without="if self._retries.count(now) >= most + 1_000_000:",
        tests=(
            f"{_FAILOVER}::test_retries_of_one_endpoint_are_a_tenth_of_its_requests",
        ),
    ),
    Control(
        name="U9: two retries for one answer",
        file="app/upstream/tries.py",
        text="retries = min(self._failed[endpoint].retries, RETRIES)",
        without="retries = 4 if self._failed[endpoint].retries else 0",
        tests=(f"{_FAILOVER}::test_no_more_than_two_retries_are_made_for_one_answer",),
    ),
    Control(
        name="U7: a long wait is passed on",
        file="app/upstream/tries.py",
        text="return asked * spread if asked <= LONGEST_WAIT else math.inf",
        without="return asked * spread",
        tests=(
            f"{_DEADLINE}::test_what_an_upstream_asks_to_wait_is_obeyed_up_to_a_limit",
        ),
    ),
    Control(
        name="U7: a stream does not wait until its status is out",
        file="app/upstream/client.py",
        text="Limits(first, whole, now + STREAM_WAIT)",
        without="Limits(first, whole, whole)",
        tests=(f"{_REFUSALS}::test_a_stream_does_not_wait_until_its_status_is_out",),
    ),
    Control(
        name="U7: no wait outlasts the deadline",
        file="app/upstream/tries.py",
        text="self._limits.first, self._limits.waits",
        without="float('inf'), self._limits.waits + 60",
        tests=(f"{_REFUSALS}::test_no_wait_outlasts_the_deadline",),
    ),
    Control(
        name="U7: a wait that is no number is none",
        file="app/upstream/failures.py",
        text="if asked is None or not math.isfinite(asked):",
        without="if asked is None:",
        tests=(f"{_STATUS}[U7: a wait that is no number]",),
    ),
    Control(
        name="U9: waits are random",
        file="app/upstream/tries.py",
        text="return random.uniform(_SHORTEST, most)  # noqa: S311 — no secret",
        without="return most",
        tests=(f"{_DEADLINE}::test_waits_that_nobody_asked_for_are_short_and_random",),
    ),
    Control(
        name="U10: the first byte has a deadline",
        file="app/upstream/client.py",
        text="async with asyncio.timeout_at(until) as timer:",
        without="async with asyncio.timeout_at(until + 1000) as timer:",
        tests=(f"{_DEADLINE}::test_no_first_byte_is_told_after_a_minute",),
    ),
    Control(
        name="U10: a stream's deadline counts from when it was asked for",
        file="app/upstream/stream.py",
        text="self._patience = Patience(until=until)",
        without="self._patience = Patience(until=until + 50)",
        tests=(
            f"{_DEADLINE}::test_the_whole_of_a_stream_counts_from_when_it_was_asked_for",
        ),
    ),
    Control(
        name="U11: silence has a limit",
        file="app/upstream/stream.py",
        text="self._patience.limit_gap(self._gap)",
        without="self._patience.limit_gap(1000)",
        tests=(f"{_DEADLINE}::test_silence_in_mid_answer_is_told_after_half_a_minute",),
    ),
    Control(
        name="U20: one that hangs leaves a share of the time",
        file="app/upstream/tries.py",
        text="return now + (self._limits.first - now) / (len(self._untried) + 1)",
        without="return self._limits.first",
        tests=(
            f"{_FAILOVER}::test_one_that_hangs_leaves_the_other_a_share_of_the_time",
        ),
    ),
    Control(
        name="U20: another endpoint is asked",
        file="app/upstream/tries.py",
        text="        if any(not other.breaker.wait for other in self._untried):\n            return 0.0\n",
        without="        self._untried.clear()\n",
        tests=(f"{_UNREACHED}::test_another_endpoint_answers_for_one_that_refuses",),
    ),
    Control(
        name="U13: nobody else is asked once something of an answer came",
        file="app/upstream/stream.py",
        text='raise Failed(Failure("cut", gone, elsewhere=not body)) from error',
        without='raise Failed(Failure("cut", gone)) from error',
        tests=(f"{_FAILOVER}::test_what_broke_in_the_middle_is_not_asked_elsewhere",),
    ),
)
