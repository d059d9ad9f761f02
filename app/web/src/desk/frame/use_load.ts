// Something that is fetched to be shown: what came stays while it is fetched again.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { Failure, isAbort, lost } from "../../service/failure";
import { useDesk } from "./desk_context";

export interface Loaded<T> {
  value: T | null;
  failure: Failure | null;
  isLoading: boolean;
  again: () => void;
}

/** Fetch when `inputs` change. A call that is overtaken by another is given up. */
export function useLoad<T>(
  load: (signal: AbortSignal) => Promise<T>,
  inputs: readonly unknown[],
): Loaded<T> {
  const { generation, askForKey } = useDesk();
  const [state, setState] = useState<Omit<Loaded<T>, "again">>({
    value: null,
    failure: null,
    isLoading: true,
  });
  const [count, setCount] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    const running = new AbortController();
    setState((before) => ({ ...before, isLoading: true }));
    latest
      .current(running.signal)
      .then((value) => setState({ value, failure: null, isLoading: false }))
      .catch((error: unknown) => {
        if (isAbort(error)) return;
        const failure = failureFrom(error);
        if (failure.status === 401) askForKey(failure.code !== "missing_api_key");
        setState((before) => ({ ...before, failure, isLoading: false }));
      });
    return () => running.abort();
  }, [...inputs, count, generation]);

  const again = useCallback(() => setCount((before) => before + 1), []);
  return { ...state, again };
}

/** Return `error` as a failure; one of our own making is thrown on. */
export function failureFrom(error: unknown): Failure {
  const failure = lost(error);
  if (failure instanceof Failure) return failure;
  throw error;
}
