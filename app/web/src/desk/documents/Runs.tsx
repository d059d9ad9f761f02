// The last runs of the ingest, each with its report.

import { useDesk } from "../frame/desk_context";
import { Time } from "../frame/Time";
import { isForbidden, Trouble } from "../frame/Trouble";
import type { Loaded } from "../frame/use_load";
import type { Report, Run, Told } from "../types";
import { isOpen } from "./use_run";

export function Runs({ list }: { list: Loaded<{ data: Run[] }> }) {
  const { words } = useDesk();
  const { value, failure, again } = list;
  // What goes on now is told above the list.
  const ended = (value?.data ?? []).filter((run) => !isOpen(run));
  if (isForbidden(failure)) return null;
  return (
    <section class="runs" aria-labelledby="runs">
      <h2 id="runs">{words.runs.last}</h2>
      {failure && <Trouble failure={failure} onAgain={again} />}
      {value && !ended.length && <p class="faint">{words.runs.none}</p>}
      {value && (
        <ol>
          {ended.slice(0, 10).map((run) => (
            <li key={run.id}>
              <OneRun run={run} />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function OneRun({ run }: { run: Run }) {
  const { words, formats } = useDesk();
  const { report } = run;
  const when = run.finished ?? run.started ?? run.created ?? null;
  return (
    <>
      <p class="line">
        <span class={`mark run-${run.state}`}>{words.runs.states[run.state]}</span>
        {when !== null && <Time seconds={when} />}
        {report && <span>{words.runs.took(formats.seconds(report.seconds))}</span>}
        {report?.edition && <span>{words.runs.edition(report.edition)}</span>}
        {run.by === "command" && <span>{words.runs.by.command}</span>}
      </p>
      {report && <Changes report={report} />}
      {run.reason && (
        <p class="reason" dir="auto">
          {run.reason}
        </p>
      )}
      {run.state === "failed" && <p class="faint">{words.runs.failedNext}</p>}
      {report && (
        <>
          <Names told={report.failures} title={words.runs.failures} isOpen />
          <Names told={report.skipped} title={words.runs.skipped} />
          <Names told={report.warnings} title={words.runs.warnings} />
          {Boolean(report.hidden) && (
            <p class="faint">{words.runs.hidden(formats.number(report.hidden ?? 0))}</p>
          )}
        </>
      )}
    </>
  );
}

function Changes({ report }: { report: Report }) {
  const { words, formats } = useDesk();
  const counts: [string, number][] = [
    [words.runs.added, report.added],
    [words.runs.edited, report.edited],
    [words.runs.moved, report.moved],
    [words.runs.removed, report.removed],
    [words.runs.keptOld, report.kept],
  ];
  const changed = counts.filter(([, count]) => count > 0);
  const rest: [string, number] = [words.runs.unchanged, report.unchanged];
  return (
    <ul class="changes">
      {[...changed, rest].map(([word, count]) => (
        <li key={word}>
          <strong>{formats.number(count)}</strong> {word}
        </li>
      ))}
    </ul>
  );
}

function Names({
  told,
  title,
  isOpen = false,
}: {
  told: readonly Told[];
  title: (shown: string) => string;
  isOpen?: boolean;
}) {
  const { formats } = useDesk();
  if (!told.length) return null;
  return (
    <details open={isOpen}>
      <summary>{title(formats.number(told.length))}</summary>
      <ul class="told">
        {told.map(({ path, reason }, at) => (
          <li key={at}>
            <span class="path" dir="auto">
              {path}
            </span>{" "}
            <span dir="auto">{reason}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}
