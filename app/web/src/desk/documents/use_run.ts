// A run of the ingest, followed while it goes on: less often the less it changes, and not
// at all while nobody looks.

import { useEffect, useState } from "preact/hooks";
import { Failure, isAbort } from "../../service/failure";
import { useDesk } from "../frame/desk_context";
import type { Run } from "../types";

const SOONEST = 700;
const LATEST = 6_000;
const GROWTH = 1.4;

export function isOpen(run: Run): boolean {
  return run.state === "waiting" || run.state === "running";
}

/** Follow the run of this id; null follows none. `onEnd` hears how it ended. */
export function useRun(id: string | null, onEnd: (run: Run) => void) {
  const { service } = useDesk();
  const [run, setRun] = useState<Run | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);

  useEffect(() => {
    setFailure(null);
    if (!id) return setRun(null);
    const stop = new AbortController();
    let timer = 0;
    let pause = SOONEST;
    let before = "";
    const look = async () => {
      try {
        const path = `/v1/ingests/${encodeURIComponent(id)}`;
        const found = await service.call<Run>(path, { signal: stop.signal });
        setRun(found);
        setFailure(null);
        if (!isOpen(found)) return onEnd(found);
        const now = JSON.stringify(found);
        pause = now === before ? Math.min(pause * GROWTH, LATEST) : SOONEST;
        before = now;
      } catch (error) {
        if (isAbort(error)) return;
        if (!(error instanceof Failure)) throw error;
        setFailure(error);
        if (error.status >= 400 && error.status < 500) return;
        pause = LATEST;
      }
      if (!document.hidden) timer = setTimeout(look, pause);
    };
    const resume = () => {
      clearTimeout(timer);
      if (!document.hidden) void look();
    };
    document.addEventListener("visibilitychange", resume);
    void look();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", resume);
    };
  }, [id, service]);

  return { run, failure };
}
