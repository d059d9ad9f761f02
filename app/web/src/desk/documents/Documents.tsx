// The section of documents: what there is, what is on its way, and what ran.

import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Heading } from "../frame/Heading";
import { Icon } from "../frame/Icon";
import { isForbidden, Trouble, Unavailable } from "../frame/Trouble";
import { useAction } from "../frame/use_action";
import { useLoad } from "../frame/use_load";
import type { DocumentList, DocumentState, KeptDocument, Run } from "../types";
import { Drawer } from "./Drawer";
import { Drop } from "./Drop";
import { Filters } from "./Filters";
import { Paging } from "./Paging";
import { Queue } from "./queue";
import { Removal } from "./Removal";
import { RunProgress } from "./RunProgress";
import { Runs } from "./Runs";
import { Table } from "./Table";
import { Uploads } from "./Uploads";
import { isOpen, useRun } from "./use_run";
import { useSettling } from "./use_settling";
import { useSought } from "./use_sought";

const READ = "insights, ingest";
const AT_ONCE = 50;

export function Documents() {
  const { words, service, say } = useDesk();
  const sought = useSought();
  const after = sought.pages.at(-1) ?? "";
  const list = useLoad(
    (signal) =>
      service.call<DocumentList>(`/v1/documents?${asked(sought, after)}`, { signal }),
    [sought.q, sought.state, after],
  );
  const runs = useLoad(
    (signal) => service.call<{ data: Run[] }>("/v1/ingests", { signal }),
    [],
  );
  const [runId, setRunId] = useState<string | null>(null);
  const isUnsettled =
    list.value?.data.some(({ state }) => state === "waiting" || state === "leaving") ??
    false;
  const { begin: settle } = useSettling(isUnsettled, list.again);
  const onEnd = (run: Run) => {
    setRunId(null);
    list.again();
    runs.again();
    settle();
    const isDone = run.state === "done";
    say(isDone ? words.runs.done : words.runs.ended(words.runs.states[run.state]));
  };
  const { run, failure: runFailure } = useRun(runId, onEnd);
  const going = runs.value?.data.find(isOpen);
  useEffect(() => {
    if (going) setRunId((before) => before ?? going.id);
  }, [going?.id]);

  const follow = useCallback((document: KeptDocument) => {
    if (document.ingest) setRunId(document.ingest);
    list.again();
  }, []);
  const queue = useMemo(() => new Queue(service, follow), [service, follow]);
  const [shown, setShown] = useState<KeptDocument | null>(null);
  const [leaving, setLeaving] = useState<KeptDocument | null>(null);
  const start = useAction();
  const ingest = () =>
    start.run(async () => {
      const begun = await service.call<Run>("/v1/ingests", {
        method: "POST",
        body: {},
      });
      setRunId(begun.id);
      say(words.runs.started);
    });
  if (isForbidden(list.failure)) {
    return (
      <>
        <Heading section="documents" />
        <Unavailable failure={list.failure} scopes={READ} />
      </>
    );
  }
  const folder = list.value?.folder;
  const mayWrite = folder?.writable === true;
  return (
    <>
      <Heading section="documents">
        <button
          type="button"
          disabled={!mayWrite || start.isRunning || isForbidden(start.failure)}
          onClick={ingest}
        >
          <Icon name="again" />
          {words.runs.start}
        </button>
      </Heading>
      {start.failure && (
        <Trouble failure={start.failure} scopes="ingest" onAgain={ingest} />
      )}
      {folder && !mayWrite && (
        <p class="notice">
          <Icon name="lock" />
          <span>
            <strong>{words.documents.closed}.</strong>{" "}
            <span dir="auto">{folder.reason}</span>
          </span>
        </p>
      )}
      {folder && mayWrite && <Drop queue={queue} folder={folder} />}
      <Uploads queue={queue} folder={folder ?? null} />
      {runId && <RunProgress run={run} />}
      {runFailure && <Trouble failure={runFailure} scopes={READ} />}
      <Filters
        typed={sought.typed}
        state={sought.state}
        counts={list.value?.counts ?? {}}
        isLoading={list.isLoading}
        onType={sought.type}
        onNarrow={sought.narrow}
      />
      {list.failure && <Trouble failure={list.failure} onAgain={list.again} />}
      {list.value && (
        <Table
          documents={list.value.data}
          isNarrowed={sought.q !== "" || sought.state !== ""}
          mayRemove={mayWrite}
          onOpen={setShown}
          onRemove={setLeaving}
          onClear={sought.clear}
        />
      )}
      {!list.value && list.isLoading && <p class="loading">{words.frame.loading}</p>}
      <Paging
        count={list.value?.data.length ?? 0}
        before={(sought.pages.length - 1) * AT_ONCE}
        all={countOf(list.value, sought.state)}
        onEarlier={
          sought.pages.length > 1
            ? () => sought.turnTo(sought.pages.slice(0, -1))
            : null
        }
        onLater={
          list.value?.has_more && list.value.last_id
            ? () => sought.turnTo([...sought.pages, list.value?.last_id ?? ""])
            : null
        }
      />
      <Runs list={runs} />
      {shown && (
        <Drawer
          document={shown}
          mayRemove={mayWrite}
          onRemove={() => {
            setLeaving(shown);
            setShown(null);
          }}
          onClose={() => setShown(null)}
        />
      )}
      {leaving && (
        <Removal
          document={leaving}
          trashDays={folder?.trash_days ?? 0}
          onRemoved={(document) => {
            setLeaving(null);
            follow(document);
            say(words.documents.removed(leaving.title || leaving.path));
          }}
          onClose={() => setLeaving(null)}
        />
      )}
    </>
  );
}

function countOf(list: DocumentList | null, state: DocumentState | ""): number {
  const counts = list?.counts ?? {};
  if (state) return counts[state] ?? 0;
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function asked(
  sought: { q: string; state: DocumentState | "" },
  from: string,
): URLSearchParams {
  const query = new URLSearchParams({ limit: String(AT_ONCE) });
  if (sought.q) query.set("q", sought.q);
  if (sought.state) query.set("state", sought.state);
  if (from) query.set("after", from);
  return query;
}
