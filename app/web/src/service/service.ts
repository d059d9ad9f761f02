// The service, as the pages call it: a base address, and the key of whoever asks.

import { failureOf, lost } from "./failure";
import { readFrames } from "./frames";
import type { Chunk } from "./types";
import { type Sending, upload } from "./upload";

/** Where the key comes from, and what to do when it is refused. */
export interface Credentials {
  /** The key to show, or null for none. */
  key(): Promise<string | null>;
  /** Told that the key was refused; true to try once more with another. */
  refused(): Promise<boolean>;
}

interface Call {
  method?: "GET" | "POST" | "PUT" | "DELETE";
  body?: unknown;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

export class Service {
  /**
   * @param base Where the service is, without a slash at the end; "" for the page's own.
   * @param credentials Whose key is shown.
   */
  constructor(
    readonly base: string,
    private readonly credentials: Credentials,
  ) {}

  /** Call a route and return its JSON. Throws a Failure, or an abort. */
  async call<T>(path: string, call: Call = {}): Promise<T> {
    const reply = await this.reply(path, call);
    try {
      return (await reply.json()) as T;
    } catch (error) {
      throw lost(error);
    }
  }

  /** Stream a route that answers server-sent events. */
  async *stream(path: string, call: Call): AsyncGenerator<Chunk> {
    const reply = await this.reply(path, { method: "POST", ...call });
    if (reply.body) yield* readFrames(reply.body);
  }

  /** Call a route and return its answer, if it is a good one. */
  async reply(path: string, call: Call = {}): Promise<Response> {
    const reply = await this.send(path, call);
    if (reply.ok) return reply;
    if (reply.status === 401 && (await this.credentials.refused())) {
      const again = await this.send(path, call);
      if (again.ok) return again;
      throw await failureOf(again);
    }
    throw await failureOf(reply);
  }

  /** Put a file; `onProgress` hears how much of it is there. */
  async upload<T>(
    path: string,
    file: Blob,
    call: Pick<Sending, "signal" | "onProgress"> & { headers?: Record<string, string> },
  ): Promise<T> {
    const { headers = {}, ...rest } = call;
    return upload<T>({
      method: "PUT",
      address: this.base + path,
      // Whatever the file is, the service looks at its name and its bytes.
      headers: await this.headers({
        "content-type": "application/octet-stream",
        ...headers,
      }),
      body: file,
      ...rest,
    });
  }

  private async headers(own: Record<string, string>): Promise<Record<string, string>> {
    const key = await this.credentials.key();
    return {
      accept: "application/json",
      ...own,
      ...(key ? { authorization: `Bearer ${key}` } : {}),
    };
  }

  private async send(path: string, call: Call): Promise<Response> {
    const headers = await this.headers(call.headers ?? {});
    const init: RequestInit = { method: call.method ?? "GET", headers };
    if (call.body instanceof Blob) init.body = call.body;
    else if (call.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(call.body);
    }
    if (call.signal) init.signal = call.signal;
    try {
      return await fetch(this.base + path, init);
    } catch (error) {
      throw lost(error);
    }
  }
}
