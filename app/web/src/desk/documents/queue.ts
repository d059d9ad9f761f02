// Files on their way: some at a time, each with how it stands. Nothing here knows a page.

import { Failure, isAbort } from "../../service/failure";
import type { Service } from "../../service/service";
import type { Folder, KeptDocument } from "../types";
import type { Chosen } from "./chosen";

/** How a file stands. "exists" waits for a person; "kept" was left as it was. */
export type Standing =
  | "queued"
  | "sending"
  | "sent"
  | "exists"
  | "kept"
  | "stopped"
  | "failed";

/** One file that was chosen; replaced, never changed. */
export interface Upload {
  readonly key: number;
  readonly path: string;
  readonly size: number;
  readonly standing: Standing;
  /** The share that was sent, in [0, 1]. */
  readonly share: number;
  readonly failure: Failure | null;
}

/** The service takes eight at once; the rest of them is for others. */
const AT_ONCE = 3;

/** Waits before a file that was refused as too much is sent again, in seconds. */
const PAUSES = [1, 3, 9];

interface Held {
  file: File;
  replaces: boolean;
  stop: AbortController;
}

export class Queue {
  uploads: readonly Upload[] = [];
  private readonly held = new Map<number, Held>();
  private readonly listeners = new Set<() => void>();
  private lastKey = 0;

  /** @param onSent Told each document that the service has taken. */
  constructor(
    private readonly service: Service,
    private readonly onSent: (document: KeptDocument) => void,
  ) {}

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Whether something is still on its way. */
  get isBusy(): boolean {
    return this.uploads.some(
      ({ standing }) => standing === "queued" || standing === "sending",
    );
  }

  /** Send files; what the service would refuse for sure is not sent at all. */
  add(files: readonly Chosen[], folder: Folder): void {
    const added = files.map(({ path, file }): Upload => {
      this.lastKey += 1;
      const failure = refusalOf(path, file, folder);
      this.held.set(this.lastKey, {
        file,
        replaces: false,
        stop: new AbortController(),
      });
      return {
        key: this.lastKey,
        path,
        size: file.size,
        standing: failure ? "failed" : "queued",
        share: 0,
        failure,
      };
    });
    this.uploads = [...this.uploads, ...added];
    this.tell();
    this.next();
  }

  /** Send a file again; with `replaces` in place of the one that is there. */
  again(key: number, replaces: boolean): void {
    const held = this.held.get(key);
    if (!held) return;
    this.held.set(key, {
      file: held.file,
      replaces: replaces || held.replaces,
      stop: new AbortController(),
    });
    this.change(key, { standing: "queued", share: 0, failure: null });
    this.next();
  }

  keep(key: number): void {
    this.change(key, { standing: "kept", failure: null });
  }

  stop(key: number): void {
    this.held.get(key)?.stop.abort();
    this.change(key, { standing: "stopped" });
    this.next();
  }

  /** Take everything off the list that is settled. */
  clear(): void {
    const open = new Set<Standing>(["queued", "sending", "exists"]);
    this.uploads = this.uploads.filter((one) => open.has(one.standing));
    this.tell();
  }

  private next(): void {
    const sending = this.uploads.filter((one) => one.standing === "sending").length;
    const waiting = this.uploads.filter((one) => one.standing === "queued");
    for (const one of waiting.slice(0, Math.max(AT_ONCE - sending, 0))) {
      void this.send(one);
    }
  }

  private async send({ key, path }: Upload): Promise<void> {
    const held = this.held.get(key);
    if (!held) return;
    this.change(key, { standing: "sending" });
    try {
      const document = await this.patiently(held.stop.signal, () =>
        this.service.upload<KeptDocument>(addressOf(path), held.file, {
          signal: held.stop.signal,
          headers: held.replaces ? {} : { "if-none-match": "*" },
          onProgress: (share) => this.change(key, { share }),
        }),
      );
      this.change(key, { standing: "sent", share: 1 });
      this.onSent(document);
    } catch (error) {
      if (isAbort(error)) this.change(key, { standing: "stopped" });
      else if (!(error instanceof Failure)) throw error;
      else if (error.status === 412) this.change(key, { standing: "exists" });
      else this.change(key, { standing: "failed", failure: error });
    }
    this.next();
  }

  private async patiently<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    for (const pause of PAUSES) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Failure) || error.code !== "overloaded") throw error;
        const seconds = Math.max(error.wait ?? 0, pause);
        await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
        signal.throwIfAborted();
      }
    }
    return act();
  }

  private change(key: number, changes: Partial<Upload>): void {
    this.uploads = this.uploads.map((one) =>
      one.key === key ? { ...one, ...changes } : one,
    );
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Return the address of a document: a slash parts folders and stays. */
export function addressOf(path: string): string {
  return `/v1/documents/${path.split("/").map(encodeURIComponent).join("/")}`;
}

function refusalOf(path: string, file: File, folder: Folder): Failure | null {
  const name = path.split("/").at(-1) ?? "";
  const ending = name.includes(".") ? `.${name.split(".").at(-1)}`.toLowerCase() : "";
  if (folder.endings?.length && !folder.endings.includes(ending)) {
    return new Failure({ message: ending, status: 415, code: "unread_ending" });
  }
  if (folder.max_bytes && file.size > folder.max_bytes) {
    return new Failure({ message: "", status: 413, code: "request_too_large" });
  }
  return file.size === 0
    ? new Failure({ message: "", status: 400, code: "empty_file" })
    : null;
}
