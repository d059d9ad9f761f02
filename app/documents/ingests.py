"""Runs of the ingest that the service starts: one after the other, each a process.

    ask ──▶ waiting (one for each tenant: more of them are merged) ──▶ process ──▶ over

What a run does it writes into the logbook itself; whoever reads there sees the runs of
other services and those started by hand as well.
"""

import asyncio
import logging
import os
import signal
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from msgspec import structs

from app import metrics
from app.documents.command import command_of, environment_of, workplace_of
from app.settings import Settings
from ingest import processes
from ingest.logbook import Logbook
from ingest.logged import Run

_PATIENCE = 3.0
"""Seconds that a run has to stop in when the service does."""

_TAIL = 2000
"""Bytes of what a run said last that are kept for the log."""

_BEAT = 2.0
"""Seconds between two looks at what came of the last run."""

log = logging.getLogger(__name__)


class Ingests:
    """The runs over one index; `running` does those that are asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logbook = Logbook(workplace_of(settings))
        self._reading = asyncio.Lock()
        self._waiting: dict[str, Run] = {}
        self._wanted = asyncio.Event()
        self._process: Process | None = None

    async def ask(self, tenant: str, folder: Path) -> Run:
        """Ask for a run over a tenant's folder; one that waits already is the one.

        Raises:
            OSError: It cannot be written down.
        """
        async with self._reading:
            run = self._waiting.get(tenant)
            if run is None:
                ask = self._logbook.ask
                run = await asyncio.to_thread(ask, tenant, folder, "service")
                self._waiting[tenant] = run
        self._wanted.set()
        return run

    async def tenants(self) -> set[str]:
        """Return the tenants of all runs that are remembered."""
        async with self._reading:
            found = await asyncio.to_thread(self._logbook.runs)
        return {run.tenant for run in found}

    async def runs(self, tenant: str) -> list[Run]:
        """Return the runs of a tenant that are remembered, newest first."""
        async with self._reading:
            found = await asyncio.to_thread(self._logbook.runs)
        return [run for run in found if run.tenant == tenant]

    async def resume(self, tenant: str, folder: Path) -> None:
        """Ask for what a service before was asked for and could not do."""
        last = next((r for r in await self.runs(tenant) if r.by == "service"), None)
        if last is None or last.state in ("done", "running"):
            return
        if last.state == "waiting":
            self._waiting.setdefault(tenant, last)
            self._wanted.set()
        else:
            await self.ask(tenant, folder)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do what is asked for while this is open, then stop."""
        works = [asyncio.create_task(self._work()), asyncio.create_task(self._watch())]
        try:
            yield
        finally:
            for work in works:
                work.cancel()
            await asyncio.wait(works)
            if self._process is not None:
                await _end(self._process)

    async def _work(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._waiting:
                tenant = next(iter(self._waiting))
                try:
                    await self._do(self._waiting.pop(tenant))
                except OSError as error:
                    log.warning("a run cannot be started: %s", error)

    async def _do(self, run: Run) -> None:
        """Start the process of a run and wait until it ends."""
        workplace = workplace_of(self._settings)
        workplace.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *command_of(self._settings.desk, Path(run.folder), run.tenant, run.id),
            cwd=workplace,
            env=environment_of(self._settings),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            # What it starts goes when it does.
            start_new_session=True,
        )
        speaking = asyncio.create_task(_last_words(self._process))
        code = await self._process.wait()
        self._process = None
        # What it started may hold its end of the pipe a little longer.
        await asyncio.wait({speaking}, timeout=1.0)
        said = speaking.result() if speaking.done() else ""
        speaking.cancel()
        async with self._reading:
            end = await asyncio.to_thread(self._closed, run, code, said)
        if end.state in ("failed", "stopped"):
            fields = {"run": run.id, "code": code, "said": said}
            log.warning("an ingest failed", extra={"fields": fields})

    def _closed(self, run: Run, code: int, said: str) -> Run:
        """Return what became of a run, written down here if its process could not."""
        found = self._logbook.read(run.id) or run
        if code == 0 or (found.is_over and found.finished):
            # Done; or another service does it, for which this one made room.
            return found
        last = said.splitlines()[-1:] if code > 0 else []
        reason = "; ".join([processes.epitaph(code), *last])
        end = structs.replace(
            found, state="failed", stage="", finished=time.time(), reason=reason
        )
        self._logbook.write(end)
        return end

    async def _watch(self) -> None:
        """Show in gauges what came of the last run, whoever began it."""
        while True:
            async with self._reading:
                found = await asyncio.to_thread(self._logbook.runs)
            last = next((run for run in found if run.is_over), None)
            if last is not None:
                metrics.INGEST_OK.set(last.state == "done")
                metrics.INGEST_END.set(last.finished or last.created)
            await asyncio.sleep(_BEAT)


async def _last_words(process: Process) -> str:
    """Read what a process says until it ends; return the end of it."""
    tail = b""
    while process.stderr and (piece := await process.stderr.read(65536)):
        tail = (tail + piece)[-_TAIL:]
    return tail.decode(errors="replace").strip()


async def _end(process: Process) -> None:
    """Ask a process to stop, and kill it with all that it started if it does not."""
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), _PATIENCE)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()
