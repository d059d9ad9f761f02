"""The process in which a cross-encoder scores passages; the door of its libraries.

    stdin  ──▶ length, Task      as many as there are questions
    stdout ◀── length, Loaded    once, then a length and Scores for every task

`app.retrieval.scorer` starts it. torch costs seconds to import and hundreds of
megabytes, and it computes for long: none of that is the service's.
"""

import math
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import BinaryIO

import msgspec
from msgspec import Struct

from ingest.processes import LENGTH

_BATCH = 4
"""Passages scored between two looks at the clock."""

_NICENESS = 5

Score = Callable[[str, Sequence[str]], list[float]]
"""Returns how well each passage answers a question: logits, the higher the better."""


class Task(Struct, frozen=True):
    """A question and the passages to score for it.

    Attributes:
        number: Comes back with the scores.
        question: What is asked.
        passages: Texts, at least one.
        seconds: Seconds from its arrival on for which anybody waits.
    """

    number: int
    question: str
    passages: tuple[str, ...]
    seconds: float


class Loaded(Struct, frozen=True):
    """What became of loading the model.

    Attributes:
        problem: Why it cannot be used, or "".
    """

    problem: str = ""


class Scores(Struct, frozen=True, kw_only=True):
    """What became of a task.

    Attributes:
        number: The task's.
        logits: One a passage, in their order; empty if there are none.
        problem: Why there are none; "" if time ran out.
    """

    number: int
    logits: tuple[float, ...] = ()
    problem: str = ""


def main(folder: str, threads: int) -> None:
    """Load the model in `folder` and score what comes on stdin until it ends.

    Args:
        folder: The model's folder, which is known to hold no code.
        threads: CPU threads; 0 takes what the machine has.
    """
    answers = _own_stdout()
    tasks: queue.SimpleQueue[tuple[Task, float]] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(tasks,), daemon=True).start()
    # The event loop of the service comes first on a busy machine.
    os.nice(_NICENESS)
    score, problem = _load(folder, threads)
    _send(answers, Loaded(problem))
    while score is not None:
        task, deadline = tasks.get()
        _send(answers, scored(task, score, until=deadline))


def scored(task: Task, score: Score, *, until: float) -> Scores:
    """Score the passages of `task`, a few at a time, while anybody waits.

    Args:
        task: What to score.
        score: The model.
        until: When to give up, on `time.monotonic`.
    """
    logits = [0.0] * len(task.passages)
    # Passages of one length waste nothing on padding.
    order = sorted(range(len(logits)), key=lambda n: len(task.passages[n]))
    for start in range(0, len(order), _BATCH):
        if time.monotonic() >= until:
            return Scores(number=task.number)
        batch = order[start : start + _BATCH]
        try:
            found = score(task.question, [task.passages[n] for n in batch])
        except (RuntimeError, ValueError) as error:
            return Scores(number=task.number, problem=f"the model failed: {error}")
        for number, logit in zip(batch, found, strict=True):
            logits[number] = logit
    if not all(map(math.isfinite, logits)):
        return Scores(number=task.number, problem="the model gave no number")
    return Scores(number=task.number, logits=tuple(logits))


def _load(folder: str, threads: int) -> tuple[Score | None, str]:
    """Return the model as a function, or None and why there is none."""
    # Only now: whether our parent lives is looked at while these are imported.
    import torch  # noqa: PLC0415
    from sentence_transformers import CrossEncoder  # noqa: PLC0415

    if threads:
        torch.set_num_threads(threads)
    gpu = torch.cuda.is_available()
    options: dict[str, object] = {"use_safetensors": True}
    if gpu:
        options["dtype"] = torch.float16
    plain = torch.nn.Identity()

    def score(question: str, passages: Sequence[str]) -> list[float]:
        found = model.predict(
            [(question, passage) for passage in passages],
            batch_size=_BATCH,
            activation_fn=plain,
            show_progress_bar=False,
        )
        return [float(logit) for logit in found]

    try:
        model = CrossEncoder(
            folder,
            device="cuda" if gpu else "cpu",
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs=options,
        )
        if model.num_labels != 1:
            return None, f"it gives {model.num_labels} scores a passage and not one"
        # The first call of a model is slow, and shows whether it works at all.
        first = score("Does it work?", ["It does.", "It works as it should."])
    # A model can be malformed in any way, and the libraries raise accordingly.
    except Exception as error:  # noqa: BLE001
        return None, f"it cannot be loaded: {error}"
    if not all(map(math.isfinite, first)):
        return None, "its scores are no numbers: its weights are damaged"
    return score, ""


def _receive(tasks: "queue.SimpleQueue[tuple[Task, float]]") -> None:
    """Take tasks from stdin; when it ends, so does this process, whatever it does.

    It ends with the service, even with one that was killed.
    """
    with open(0, "rb", closefd=False) as stdin:
        while len(header := stdin.read(LENGTH.size)) == LENGTH.size:
            (size,) = LENGTH.unpack(header)
            task = msgspec.msgpack.decode(stdin.read(size), type=Task)
            tasks.put((task, time.monotonic() + task.seconds))
        os._exit(0)


def _own_stdout() -> BinaryIO:
    """Return the pipe that stdout was; what libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _send(answers: BinaryIO, answer: Loaded | Scores) -> None:
    message = msgspec.msgpack.encode(answer)
    answers.write(LENGTH.pack(len(message)) + message)
    answers.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
