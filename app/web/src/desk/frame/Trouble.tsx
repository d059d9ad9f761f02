// A failure, told where it happened: what it is, and what to do next.

import type { Failure } from "../../service/failure";
import type { DeskWords } from "../../words/desk";
import { type Desk, useDesk } from "./desk_context";
import type { Formats } from "./formats";
import { Icon } from "./Icon";

interface Given {
  failure: Failure;
  /** The scopes one of which it needs, as people read them. */
  scopes?: string | undefined;
  onAgain?: (() => void) | undefined;
}

/** Tell of a call that failed. What the service says itself is kept word for word. */
export function Trouble({ failure, scopes = "", onAgain }: Given) {
  const { words, formats, askForKey, hasKey } = useDesk();
  const told = toldOf(failure, { words, formats, scopes });
  const isKeys = failure.status === 401 || failure.code === "insufficient_scope";
  return (
    <div class="trouble" role="alert">
      <Icon name={isKeys ? "lock" : "failed"} />
      <div>
        <p>
          <strong dir="auto">{told.what}</strong> {told.next}
        </p>
        <p class="actions">
          {onAgain && (
            <button type="button" onClick={onAgain}>
              <Icon name="again" />
              {words.frame.tryAgain}
            </button>
          )}
          {isKeys && hasKey && (
            <button type="button" onClick={() => askForKey(false)}>
              <Icon name="keys" />
              {words.trouble.enterKey}
            </button>
          )}
        </p>
      </div>
    </div>
  );
}

/** A whole section that this key may not see. */
export function Unavailable({ failure, scopes }: Given) {
  const { words, askForKey } = useDesk();
  return (
    <div class="empty">
      <Icon name="lock" />
      <h2>{words.trouble.forbidden}</h2>
      <p>{words.trouble.forbiddenNext(scopes ?? "")}</p>
      {failure.message && (
        <p class="faint" dir="auto">
          {failure.message}
        </p>
      )}
      <button type="button" class="main" onClick={() => askForKey(false)}>
        <Icon name="keys" />
        {words.trouble.enterKey}
      </button>
    </div>
  );
}

export function isForbidden(failure: Failure | null): failure is Failure {
  return failure?.code === "insufficient_scope";
}

interface Told {
  what: string;
  next: string;
}

interface Saying {
  words: DeskWords;
  formats: Formats;
  scopes?: string;
}

/** Return what a failure is, and what to do, in words. */
export function toldOf(failure: Failure, saying: Saying): Told {
  const { trouble } = saying.words;
  const { code, status, message } = failure;
  if (code === "offline") return { what: trouble.offline, next: trouble.offlineNext };
  if (status === 0) return { what: trouble.unreachable, next: trouble.unreachableNext };
  if (status === 401) return { what: trouble.key, next: trouble.keyNext };
  if (code === "insufficient_scope") {
    const next = saying.scopes ? trouble.forbiddenNext(saying.scopes) : message;
    return { what: trouble.forbidden, next };
  }
  if (code === "origin_not_allowed") {
    return { what: trouble.origin, next: trouble.originNext };
  }
  const known = Object.hasOwn(KNOWN, code) ? KNOWN[code] : undefined;
  if (known) return { what: trouble[known], next: trouble[`${known}Next`] };
  if (code === "overloaded" || status === 429) {
    const wait = saying.formats.seconds(failure.wait ?? 5);
    return { what: trouble.busy, next: trouble.busyNext(wait) };
  }
  if (status === 405 || (status === 404 && message.includes("/v1/"))) {
    return { what: trouble.absent, next: trouble.absentNext };
  }
  if (status === 404) return { what: trouble.missing, next: trouble.missingNext };
  if (status >= 500 || !message)
    return { what: trouble.server, next: trouble.serverNext };
  return { what: message, next: trouble.refusedNext };
}

const KNOWN: Record<string, "database" | "index" | "model"> = {
  database_unavailable: "database",
  retrieval_unavailable: "index",
  upstream_error: "model",
  upstream_unavailable: "model",
  upstream_timeout: "model",
  upstream_auth_error: "model",
  upstream_bad_response: "model",
  upstream_stream_interrupted: "model",
  upstream_stream_timeout: "model",
};

/** Return it as one line, where there is room for no more. */
export function lineOf(failure: Failure, desk: Desk, scopes?: string): string {
  const told = toldOf(failure, { ...desk, ...(scopes ? { scopes } : {}) });
  return `${told.what} ${told.next}`;
}
