// Files on their way, a line each: how much is there, what failed, and what to do then.

import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../../service/failure";
import { type Desk, useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { toldOf } from "../frame/Trouble";
import type { Folder } from "../types";
import type { Queue, Upload } from "./queue";

export function Uploads({ queue, folder }: { queue: Queue; folder: Folder | null }) {
  const { words, formats } = useDesk();
  const uploads = useUploads(queue);
  if (!uploads.length) return null;
  const sent = uploads.filter(({ standing }) => standing === "sent").length;
  const existing = uploads.filter(({ standing }) => standing === "exists");
  const progress = words.uploads.progress(
    formats.number(sent),
    formats.number(uploads.length),
  );
  return (
    <section class="panel uploads" aria-label={words.uploads.title}>
      <header>
        <h2>{words.uploads.title}</h2>
        <span role="status">{progress}</span>
        <div class="actions">
          {existing.length > 1 && (
            <>
              <button
                type="button"
                onClick={() =>
                  existing.forEach(({ key }) => void queue.again(key, true))
                }
              >
                {words.uploads.replaceAll(formats.number(existing.length))}
              </button>
              <button
                type="button"
                onClick={() => existing.forEach(({ key }) => void queue.keep(key))}
              >
                {words.uploads.keepAll}
              </button>
            </>
          )}
          {!queue.isBusy && (
            <button type="button" onClick={() => queue.clear()}>
              {words.uploads.clear}
            </button>
          )}
        </div>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: it is no set of fields */}
      <div class="list" tabIndex={0} role="group" aria-label={progress}>
        <ul>
          {uploads.map((one) => (
            <Line key={one.key} upload={one} queue={queue} folder={folder} />
          ))}
        </ul>
      </div>
    </section>
  );
}

function useUploads(queue: Queue): readonly Upload[] {
  const [uploads, setUploads] = useState(queue.uploads);
  useEffect(() => {
    setUploads(queue.uploads);
    const stop = queue.subscribe(() => setUploads(queue.uploads));
    // Whoever leaves while something is on its way is asked first.
    const stay = (event: BeforeUnloadEvent) => {
      if (queue.isBusy) event.preventDefault();
    };
    addEventListener("beforeunload", stay);
    return () => {
      stop();
      removeEventListener("beforeunload", stay);
    };
  }, [queue]);
  return uploads;
}

interface Given {
  upload: Upload;
  queue: Queue;
  folder: Folder | null;
}

function Line({ upload, queue, folder }: Given) {
  const desk = useDesk();
  const { words, formats } = desk;
  const { key, path, size, standing, share, failure } = upload;
  const told = failure ? uploadToldOf(failure, desk, folder) : null;
  const said = {
    queued: words.uploads.queued,
    sending: words.uploads.sending(formats.percent(share)),
    sent: words.uploads.sent,
    exists: words.uploads.exists,
    kept: words.uploads.kept,
    stopped: words.uploads.stopped,
    failed: told?.what ?? "",
  }[standing];
  return (
    <li class={standing}>
      <span class="path" dir="auto">
        {path}
      </span>
      <span class="size">{formats.bytes(size)}</span>
      <progress max={1} value={share} aria-label={path} />
      <span class="told">
        <span class="what" dir="auto">
          {said}
        </span>{" "}
        {told && <span dir="auto">{told.next}</span>}
      </span>
      <span class="actions">
        {standing === "exists" && (
          <>
            <button type="button" onClick={() => queue.again(key, true)}>
              {words.uploads.replace}
            </button>
            <button type="button" onClick={() => queue.keep(key)}>
              {words.uploads.keep}
            </button>
          </>
        )}
        {(standing === "queued" || standing === "sending") && (
          <button
            type="button"
            class="bare"
            aria-label={`${words.uploads.stop}: ${path}`}
            onClick={() => queue.stop(key)}
          >
            <Icon name="close" />
          </button>
        )}
        {(standing === "stopped" || (standing === "failed" && told?.isPassing)) && (
          <button type="button" onClick={() => queue.again(key, false)}>
            {words.frame.tryAgain}
          </button>
        )}
      </span>
    </li>
  );
}

/** Say why a file was not taken, and what to do; `isPassing`: trying again may help. */
function uploadToldOf(failure: Failure, desk: Desk, folder: Folder | null) {
  const { uploads } = desk.words;
  const { code, status, message } = failure;
  const certain = (what: string, next: string) => ({ what, next, isPassing: false });
  if (code === "unread_ending" || status === 415) {
    const endings = desk.formats.list(folder?.endings ?? []);
    const ending = code === "unread_ending" ? message : "";
    const what = ending ? uploads.unread(ending) : uploads.unreadNone;
    return certain(
      status === 415 && code !== "unread_ending" ? message : what,
      endings ? uploads.unreadNext(endings) : "",
    );
  }
  if (status === 413) {
    const limit = desk.formats.bytes(folder?.max_bytes ?? 0);
    return certain(
      folder?.max_bytes ? uploads.tooBig(limit) : message,
      uploads.tooBigNext,
    );
  }
  if (code === "empty_file") return certain(uploads.empty, uploads.emptyNext);
  if (code === "path_taken") return certain(uploads.taken, uploads.takenNext);
  if (code === "label_not_held") return certain(uploads.label, uploads.labelNext);
  if (status === 400) return certain(message || uploads.badName, uploads.badNameNext);
  if (code === "disk_full") {
    return { what: uploads.full, next: uploads.fullNext, isPassing: true };
  }
  const told = toldOf(failure, { ...desk, scopes: "ingest" });
  return { ...told, isPassing: status === 0 || status === 401 || status >= 429 };
}
