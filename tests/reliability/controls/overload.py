"""The controls of what is more than the service can do: P4."""

from tests.mutations import Control

_ADMISSION = "tests/app/test_admission.py"

CONTROLS: tuple[Control, ...] = (
    Control(
        name="P4: a question that would wait long is refused",
        file="app/admission.py",
        text="        if not has_slot and self._expected() > self._allowed():",
        without="        if False:",
        tests=(f"{_ADMISSION}::test_who_would_wait_too_long_is_refused_at_once",),
    ),
    Control(
        name="P4: a question waits so long and no longer",
        file="app/admission.py",
        text="            async with asyncio.timeout(None if again else self._longest):",
        without="            async with asyncio.timeout(None):",
        tests=(f"{_ADMISSION}::test_whose_turn_does_not_come_in_time_is_refused",),
    ),
    Control(
        name="P4: of a rush no more are let in than find room",
        file="app/admission.py",
        text="        self._coming[place] = self._clock()\n",
        without="",
        tests=(f"{_ADMISSION}::test_of_a_rush_no_more_are_let_in_than_find_room",),
    ),
    Control(
        name="P4: who does not come is not counted for long",
        file="app/admission.py",
        text="            del self._coming[oldest]\n",
        without="            break\n",
        tests=(f"{_ADMISSION}::test_a_question_on_its_way_counts_for_so_long",),
    ),
    Control(
        name="P4: a rush after a rest is a burst",
        file="app/admission.py",
        text="        if self._free:\n            self._empty = self._clock()\n        # Of a rush",
        without="        # Of a rush",
        tests=(f"{_ADMISSION}::test_a_rush_after_a_rest_is_a_burst",),
    ),
    Control(
        name="P4: a refusal costs next to nothing",
        file="app/api/overload.py",
        text="            await _answer(send)\n            return\n",
        without="            pass\n",
        tests=("tests/reliability/test_overload_refused.py::test_a_question_without_room_is_refused_before_its_body_comes",),
    ),
    Control(
        name="P4: a queue that stands is kept short",
        file="app/admission.py",
        text="return self._standing if stands else self._patience",
        without="return self._patience",
        tests=(f"{_ADMISSION}::test_where_the_queue_never_empties_it_is_kept_short",),
    ),
    Control(
        name="P4: who leaves with a slot passes it on",
        file="app/admission.py",
        text="            self._show()\n        else:\n            self._release()\n",
        without="            self._show()\n",
        tests=(f"{_ADMISSION}::test_who_leaves_as_its_turn_comes_passes_it_on",),
    ),
    Control(
        name="P4: searching takes turns",
        file="app/chat/turns.py",
        text="        async with admission.work():\n",
        without="        if admission:\n",
        tests=(f"{_ADMISSION}::test_searching_and_choosing_sentences_take_turns",),
    ),
)  # fmt: skip
