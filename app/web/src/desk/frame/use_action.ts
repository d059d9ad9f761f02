// Something a person starts: it runs once at a time, and its failure is kept to be told.

import { useCallback, useState } from "preact/hooks";
import type { Failure } from "../../service/failure";
import { isAbort } from "../../service/failure";
import { useDesk } from "./desk_context";
import { failureFrom } from "./use_load";

export interface Action {
  isRunning: boolean;
  failure: Failure | null;
  /** Run it; true if it succeeded. */
  run: (act: () => Promise<void>) => Promise<boolean>;
  clear: () => void;
}

export function useAction(): Action {
  const { askForKey } = useDesk();
  const [isRunning, setRunning] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);

  const run = useCallback(
    async (act: () => Promise<void>) => {
      setRunning(true);
      setFailure(null);
      try {
        await act();
        return true;
      } catch (error) {
        if (isAbort(error)) return false;
        const failed = failureFrom(error);
        if (failed.status === 401) askForKey(failed.code !== "missing_api_key");
        setFailure(failed);
        return false;
      } finally {
        setRunning(false);
      }
    },
    [askForKey],
  );
  const clear = useCallback(() => setFailure(null), []);
  return { isRunning, failure, run, clear };
}
