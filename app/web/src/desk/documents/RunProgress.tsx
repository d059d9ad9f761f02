// A run of the ingest that goes on now: how far it is, and with what.

import { useDesk } from "../frame/desk_context";
import type { Run } from "../types";

export function RunProgress({ run }: { run: Run | null }) {
  const { words, formats } = useDesk();
  const isWaiting = !run || run.state === "waiting";
  const stage = isWaiting ? words.runs.states.waiting : words.runs.stages[run.stage];
  const told = isWaiting
    ? run?.reason || words.runs.waits
    : run.of > 0
      ? words.runs.progress(formats.number(run.done), formats.number(run.of))
      : "";
  return (
    <section class="panel run" aria-label={words.runs.title}>
      <header>
        <h2>{words.runs.title}</h2>
        <span class="mark waiting">{stage}</span>
        <span dir="auto">{told}</span>
      </header>
      <progress
        aria-label={words.runs.progressName}
        max={run && run.of > 0 ? run.of : 1}
        {...(isWaiting || run.of === 0 ? {} : { value: run.done })}
      />
      <p class="path" dir="auto">
        {run?.current || "\u00a0"}
      </p>
    </section>
  );
}
