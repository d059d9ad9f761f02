"""What holds off faults of an upstream's connection and of what it says."""

from tests.mutations import Control

_FORMS = "tests/app/upstream/test_forms.py"
_RELAY = "tests/app/upstream/test_relay.py"
_ANSWERS = "tests/reliability/test_upstream_answers.py"
_FUZZ = "tests/reliability/test_upstream_fuzz.py"
_LEFT = "tests/reliability/test_upstream_left.py"
_REFUSALS = "tests/reliability/test_upstream_refusals.py"
_UNREACHED = "tests/reliability/test_upstream_unreached.py"
_STATUS = f"{_REFUSALS}::test_what_is_no_answer_is_told_as_what_it_is"
_STREAM = f"{_ANSWERS}::test_a_stream_is_put_right_or_ends_with_an_error"

CONTROLS: tuple[Control, ...] = (
    Control(
        name="U2: connecting and looking up take three seconds",
        file="app/upstream/endpoint.py",
        text="_TIMEOUT = httpx2.Timeout(None, connect=CONNECT_TIMEOUT, pool=CONNECT_TIMEOUT)",
        without="_TIMEOUT = httpx2.Timeout(None)",
        tests=(
            f"{_UNREACHED}::test_a_name_that_cannot_be_looked_up_is_told_in_three_seconds",
        ),
    ),
    Control(
        name="U1: connecting that took its time is not tried again",
        file="app/upstream/failures.py",
        text="retries = 0 if any(_connecting(c) for c in causes) else 2",
        without="retries = 2",
        tests=(f"{_UNREACHED}::test_connecting_takes_three_seconds_at_most",),
    ),
    Control(
        name="U3: who cannot show who it is is not asked again",
        file="app/upstream/failures.py",
        text='return Failure("tls", UpstreamFailed(f"TLS: {refused[0]}", retry=False))',
        without='return Failure("tls", UpstreamFailed(str(refused[0])), retries=2)',
        tests=(f"{_UNREACHED}::test_a_connection_that_is_not_secure_is_not_made",),
    ),
    Control(
        name="U3: certificates are checked",
        file="app/upstream/transport.py",
        text="                ssl=self._tls,\n",
        without="                ssl=False,\n",
        tests=(f"{_UNREACHED}::test_a_connection_that_is_not_secure_is_not_made",),
    ),
    Control(
        name="U18: a redirect is no answer",
        file="app/upstream/refusals.py",
        text="    if response.status_code < 300 and encoding",
        without="    if response.status_code < 400 and encoding",
        tests=(f"{_STATUS}[U18: 307 to itself]",),
    ),
    Control(
        name="U8: a spent quota is not asked again",
        file="app/upstream/failures.py",
        text='if QUOTA_CODES & {str(error.get("code")), str(error.get("type"))}:',
        without="if not QUOTA_CODES:",
        tests=(f"{_REFUSALS}::test_a_spent_quota_is_not_asked_again",),
    ),
    Control(
        name="U16: what is compressed is refused unread",
        file="app/upstream/refusals.py",
        text='if response.status_code < 300 and encoding in ("", "identity"):',
        without="if response.status_code < 300:",
        tests=(f"{_STATUS}[U16: a bomb of gzip]",),
    ),
    Control(
        name="U16: what is no stream is none",
        file="app/upstream/stream.py",
        text="if kind not in _STREAM_TYPES:",
        without="if kind in ():",
        tests=(f"{_STATUS}[U16: an image]",),
    ),
    Control(
        name="U9: the body of a refusal is read in part",
        file="app/upstream/refusals.py",
        text="            if len(body) > _REFUSAL_BYTES:\n                break\n",
        without="",
        tests=(f"{_STATUS}[U9: 500 with an endless body]",),
    ),
    Control(
        name="U12: an answer has a size",
        file="app/upstream/relay.py",
        text="        if self._room < 0:\n",
        without="        if self._room < -(10**12):\n",
        tests=(f"{_RELAY}::test_an_answer_without_an_end_is_too_long",),
    ),
    Control(
        name="U12: an event has a size",
        file="app/upstream/events.py",
        text="if self._begun + self._size > self._limit:",
        without="if self._begun + self._size > self._limit * 1_000:",
        tests=(
            f"{_FUZZ}::test_a_line_without_an_end_takes_no_more_room_than_an_answer_may",
        ),
    ),
    Control(
        name="U12: lines that hold nothing take room as well",
        file="app/upstream/events.py",
        text="self._size += len(value) + 1",
        without="self._size += len(value)",
        tests=(f"{_FUZZ}::test_lines_that_hold_nothing_take_no_room_for_ever",),
    ),
    Control(
        name="U12: a whole answer has a size",
        file="app/upstream/stream.py",
        text="            if len(body) > limit:\n                raise _too_long()\n",
        without="",
        tests=(f"{_ANSWERS}::test_a_whole_answer_is_put_right_or_refused",),
    ),
    Control(
        name="U13: what came before a connection broke is read",
        file="app/upstream/transport.py",
        text="if rest := content._read_nowait(-1):",
        without='if rest := b"":',
        tests=(_STREAM,),
    ),
    Control(
        name="U14: an answer that does not say that it is whole is not",
        file="app/upstream/relay.py",
        text="if not whole and (open_choices or not self._finished):",
        without="if not self._finished:",
        tests=(f"{_RELAY}::test_an_answer_that_stops_in_the_middle_is_not_complete",),
    ),
    Control(
        name="U15: an event is the same wherever it was split",
        file="app/upstream/events.py",
        text='self._after_cr = data.endswith(b"\\r") if data else self._after_cr',
        without="self._after_cr = False",
        tests=(f"{_RELAY}::test_what_the_standard_allows_and_servers_do_is_read",),
    ),
    Control(
        name="U15: an error in place of a chunk ends the answer",
        file="app/upstream/relay.py",
        text='if not isinstance(chunk, dict) or chunk.get("error") or chunk.get("detail"):',
        without="if not isinstance(chunk, dict):",
        tests=(f"{_STREAM}[U15: an error as an event]",),
    ),
    Control(
        name="U17: an odd finish reason is one of ours",
        file="app/upstream/repair.py",
        text="if isinstance(value, str) and value in FINISH_REASONS:",
        without="if value in FINISH_REASONS:",
        tests=(f"{_RELAY}::test_an_odd_finish_reason_is_an_end",),
    ),
    Control(
        name="U19: a kept connection that ends is replaced",
        file="app/upstream/endpoint.py",
        text='if failed.failure.reason != "closed" or not self._has_answered:',
        without="if failed.failure.reason:",
        tests=(
            f"{_REFUSALS}::test_a_server_that_closes_every_connection_is_not_asked_for_ever",
        ),
    ),
    Control(
        name="U6: what is said of a value teaches nothing",
        file="app/upstream/forms.py",
        text="return any(named.search(text) and _UNKNOWN.search(text) for text in said)",
        without="return any(named.search(text) for text in said)",
        tests=(f"{_FORMS}::test_what_is_said_of_a_value_or_quoted_teaches_nothing",),
    ),
    Control(
        name="U6: what quotes the request teaches nothing",
        file="app/upstream/forms.py",
        text='    return _QUOTED.sub(" ", before_objects)[:_WORDS]\n',
        without="    return text\n",
        tests=(f"{_FORMS}::test_what_is_said_of_a_value_or_quoted_teaches_nothing",),
    ),
    Control(
        name="C1: leaving a plain call drops the upstream",
        file="app/api/chat_completions.py",
        text="return await unless_over(request.receive, terms.closing, whole)",
        without="return await whole",
        tests=(
            f"{_LEFT}::test_leaving_at_any_moment_reaches_the_upstream_in_a_second",
        ),
    ),
    Control(
        name="C1: leaving a stream drops the upstream",
        file="app/api/streaming.py",
        text="leaving = asyncio.ensure_future(gone(receive))",
        without="leaving = asyncio.ensure_future(asyncio.sleep(3600))",
        tests=(
            f"{_LEFT}::test_leaving_at_any_moment_reaches_the_upstream_in_a_second",
        ),
    ),
    Control(
        name="C1: leaving before a stream begins drops the upstream",
        file="app/upstream/client.py",
        text="                await stream.aclose()\n                raise\n            return stream\n",
        without="                raise\n            return stream\n",
        tests=(f"{_LEFT}::test_whoever_leaves_takes_the_upstreams_work_along",),
    ),
)
