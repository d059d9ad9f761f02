// After a run the index's readers follow within some seconds: until then the list is read
// again, a few times at most. Documents may wait for longer, for a run nobody started.

import { useEffect, useState } from "preact/hooks";

/** Milliseconds between one look and the next. */
const PAUSES = [700, 1_300, 2_500, 5_000];

/** Look again after `begin` was called, as long as `isUnsettled`. */
export function useSettling(isUnsettled: boolean, look: () => void) {
  const [left, setLeft] = useState<readonly number[]>([]);
  useEffect(() => {
    const [pause, ...rest] = left;
    if (!isUnsettled || pause === undefined) return;
    const timer = setTimeout(() => {
      setLeft(rest);
      if (!document.hidden) look();
    }, pause);
    return () => clearTimeout(timer);
  }, [left, isUnsettled]);
  return { begin: () => setLeft([...PAUSES]) };
}
