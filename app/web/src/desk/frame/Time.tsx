// A time: how long ago, and exactly for who points at it.

import { useDesk } from "./desk_context";

/** @param seconds Since the epoch. */
export function Time({ seconds }: { seconds: number }) {
  const { formats } = useDesk();
  return (
    <time
      dateTime={new Date(seconds * 1000).toISOString()}
      title={formats.time(seconds)}
    >
      {formats.ago(seconds)}
    </time>
  );
}
