// A conversation as it is held: questions, and answers as they come. The chat page and
// the widget draw it; nothing here knows a page.

import { Failure, isAbort, lost } from "../service/failure";
import type { Service } from "../service/service";
import type { Chunk, Rag, Source } from "../service/types";

/** How an answer stands. "cut" kept what had arrived; "failed" had nothing. */
export type Status = "waiting" | "writing" | "complete" | "stopped" | "cut" | "failed";

export interface Answer {
  /** Id of the completion; "" until its first piece. */
  id: string;
  content: string;
  sources: readonly Source[];
  rag: Rag;
  status: Status;
  failure: Failure | null;
}

/** A question and its answer; replaced, never changed. */
export interface Exchange {
  readonly key: number;
  readonly question: string;
  readonly answer: Answer;
}

/** How questions are asked. */
export interface Asking {
  /** Keep the conversation with the service. */
  keeps: boolean;
  /** The page a visitor is on: a hint for retrieval. */
  page?: { url: string; title: string } | undefined;
}

const NOTHING: Answer = {
  id: "",
  content: "",
  sources: [],
  rag: {},
  status: "waiting",
  failure: null,
};

export class Conversation {
  /** Id of the kept conversation, or "". */
  id = "";
  /** Whether the service keeps conversations, as far as is known. */
  isKept = true;
  exchanges: readonly Exchange[] = [];
  private running: AbortController | null = null;
  private readonly listeners = new Set<() => void>();
  private lastKey = 0;
  private isDue = false;

  constructor(
    private readonly service: Service,
    private readonly asking: () => Asking,
  ) {}

  /** Call `listener` after changes, at most once a frame. Returns how to stop that. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  get isRunning(): boolean {
    return this.running !== null;
  }

  /** Ask, and settle when the answer has come or failed. Never throws. */
  async ask(question: string): Promise<void> {
    await this.exchange(question, this.exchanges, {});
  }

  /** Ask the question of an exchange again, as it was or edited: what followed goes. */
  async askAgain(key: number, question?: string): Promise<void> {
    const at = this.exchanges.findIndex((one) => one.key === key);
    const replaced = this.exchanges[at];
    if (!replaced) return;
    const before = this.exchanges.slice(0, at);
    const replaces =
      replaced.answer.id && this.id ? { replaces: replaced.answer.id } : {};
    await this.exchange(question ?? replaced.question, before, replaces);
  }

  /** Stop the answer that is being written; what arrived stays. */
  stop(): void {
    this.running?.abort();
  }

  /** Show an earlier conversation. */
  show(id: string, exchanges: readonly Omit<Exchange, "key">[]): void {
    this.stop();
    // What still comes of the answer that was running belongs to what was left.
    this.running = null;
    this.id = id;
    this.isKept = true;
    this.exchanges = exchanges.map((one) => ({ ...one, key: this.nextKey() }));
    this.tell();
  }

  private nextKey(): number {
    this.lastKey += 1;
    return this.lastKey;
  }

  private async exchange(
    question: string,
    before: readonly Exchange[],
    rag: { replaces?: string },
  ): Promise<void> {
    if (this.running) return;
    const running = new AbortController();
    this.running = running;
    const key = this.nextKey();
    let answer = NOTHING;
    const put = (changes: Partial<Answer>) => {
      answer = { ...answer, ...changes };
      if (this.running !== running) return;
      this.exchanges = [...before, { key, question, answer }];
      this.tell();
    };
    put({});
    try {
      await this.begin(question, running.signal);
      if (this.running !== running) return;
      const body = this.body(question, before, rag);
      const chunks = this.service.stream("/v1/chat/completions", {
        body,
        signal: running.signal,
      });
      for await (const chunk of chunks) put(changed(answer, chunk));
      put({ status: "complete" });
    } catch (error) {
      put(ended(answer, error));
    } finally {
      if (this.running === running) this.running = null;
      this.tell();
    }
  }

  /** Begin a kept conversation, by the name of its first question. */
  private async begin(question: string, signal: AbortSignal): Promise<void> {
    if (!this.asking().keeps || !this.isKept || this.id) return;
    try {
      const made = await this.service.call<{ id: string }>("/v1/conversations", {
        method: "POST",
        body: { title: titleOf(question) },
        signal,
      });
      if (!signal.aborted) this.id = made.id;
    } catch (error) {
      // Without a database, or the scope for it, questions are still answered.
      if (!(error instanceof Failure) || !isWithout(error)) throw error;
      this.isKept = false;
    }
  }

  private body(question: string, before: readonly Exchange[], rag: object): object {
    const { page } = this.asking();
    const asked = { role: "user", content: question };
    const history = before
      .filter(({ answer }) => answer.content)
      .flatMap((one) => [
        { role: "user", content: one.question },
        { role: "assistant", content: one.answer.content },
      ]);
    const kept = this.id ? { conversation_id: this.id } : {};
    return {
      model: "frontdesk",
      stream: true,
      messages: this.id ? [asked] : [...history, asked],
      rag: { ...kept, ...rag, ...(page ? { page } : {}) },
    };
  }

  /** Tell listeners, once for everything that comes within a frame. */
  private tell(): void {
    if (this.isDue) return;
    this.isDue = true;
    const run = () => {
      this.isDue = false;
      for (const listener of this.listeners) listener();
    };
    // A page nobody sees is given no frames.
    if (document.hidden) setTimeout(run, 50);
    else requestAnimationFrame(run);
  }
}

const LONGEST_TITLE = 80;

function titleOf(question: string): string {
  const line = question.replace(/\s+/g, " ").trim();
  return line.length > LONGEST_TITLE ? `${line.slice(0, LONGEST_TITLE - 1)}…` : line;
}

/** Whether a failure says that conversations are not kept for this caller. */
export function isWithout(failure: Failure): boolean {
  return [403, 404, 503].includes(failure.status) && failure.code !== "overloaded";
}

function changed(answer: Answer, chunk: Chunk): Partial<Answer> {
  const said = chunk.choices?.find((choice) => choice.index === 0)?.delta.content ?? "";
  return {
    id: answer.id || (chunk.id ?? ""),
    content: answer.content + said,
    status: "writing",
    ...(chunk.sources ? { sources: chunk.sources } : {}),
    ...(chunk.rag ? { rag: chunk.rag } : {}),
  };
}

function ended(answer: Answer, error: unknown): Partial<Answer> {
  if (isAbort(error)) return { status: "stopped" };
  const failure = lost(error);
  if (!(failure instanceof Failure)) throw error;
  return { status: answer.content ? "cut" : "failed", failure };
}
