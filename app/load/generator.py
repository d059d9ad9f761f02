"""Puts the load on: from a plan and questions to a run."""

import asyncio
import datetime as dt
import gc
from collections.abc import Callable
from importlib.metadata import version

from app.load.machine import Watch, warnings_before, warnings_during
from app.load.pacing import pace
from app.load.questions import Questions
from app.load.runs import Exchange, Plan, Run
from app.load.statistics import figures
from app.load.target import Target

Progress = Callable[[int, int], None]
"""Is told about once a second how many requests ended, and how many of them badly."""


async def generate(
    target: Target, plan: Plan, questions: Questions, *, on_progress: Progress
) -> Run:
    """Put load on `target`, which is prepared, and return what came of it.

    Being cancelled ends the run and not what it has.
    """
    watch = Watch()
    warnings = warnings_before(await watch.look_before())
    date = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    load = _Load(target)
    watching = watch.beat(lambda: on_progress(len(load.kept), load.bad))
    beat = asyncio.create_task(watching)
    # What lives from now on is small and has no circles: collecting only takes time.
    gc.collect()
    gc.freeze()
    target.begin()
    watch.begin()
    try:
        unsent = await pace(plan, load.ask, load.keep)
        finished = True
    except asyncio.CancelledError:
        # Ctrl-C: what has ended is worth keeping. A second one is not caught here.
        unsent, finished = 0, False
    finally:
        gc.unfreeze()
        beat.cancel()
    machine = watch.end()
    return Run(
        url=target.name,
        model=target.model,
        date=date,
        version=version("frontdesk"),
        plan=plan,
        questions=questions.name,
        digest=questions.digest,
        distinct=len(load.kept) if plan.distinct else questions.distinct,
        finished=finished,
        unsent=unsent,
        cut=load.live,
        machine=machine,
        warnings=(*warnings, *warnings_during(machine), *_of_run(plan, unsent)),
        figures=figures(load.kept),
        exchanges=tuple(load.kept),
    )


class _Load:
    """Exchanges that have ended, and how many have not."""

    def __init__(self, target: Target) -> None:
        self.kept: list[Exchange] = []
        self.live = 0
        self.bad = 0
        self._target = target

    async def ask(self, number: int, due: float) -> Exchange:
        self.live += 1
        return await self._target.ask(number, due)

    def keep(self, exchange: Exchange) -> None:
        self.live -= 1
        self.kept.append(exchange)
        self.bad += not exchange.complete


def _of_run(plan: Plan, unsent: int) -> list[str]:
    if not unsent:
        return []
    said = (
        f"the rate was not reached: {unsent:,} requests were due and never sent, with "
        f"{plan.concurrency:,} live; their latency is in no figure"
    )
    return [said]
