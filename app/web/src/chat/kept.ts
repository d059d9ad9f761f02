// Conversations that the service keeps: listed, opened, renamed, deleted.

import type { Answer, Exchange, Status } from "../conversation/conversation";
import { Failure } from "../service/failure";
import type { Service } from "../service/service";
import type { KeptConversation, KeptMessage, List } from "../service/types";

const PAGE = 30;
const MESSAGES = 100;
const MOST_MESSAGES = 2000;

/** Return a page of conversations, newest first, of those in which `words` are found. */
export function listed(
  service: Service,
  { words, after, signal }: { words: string; after: string; signal: AbortSignal },
): Promise<List<KeptConversation>> {
  const query = new URLSearchParams({ limit: String(PAGE) });
  if (words) query.set("q", words);
  if (after) query.set("after", after);
  return service.call(`/v1/conversations?${query}`, { signal });
}

export function renamed(
  service: Service,
  id: string,
  title: string,
): Promise<KeptConversation> {
  return service.call(routeOf(id), { method: "POST", body: { title } });
}

export function removed(service: Service, id: string): Promise<unknown> {
  return service.call(routeOf(id), { method: "DELETE" });
}

/** Return what was said in a conversation, oldest first. */
export async function opened(
  service: Service,
  id: string,
  signal: AbortSignal,
): Promise<Omit<Exchange, "key">[]> {
  const messages: KeptMessage[] = [];
  let after = "";
  do {
    const query = new URLSearchParams({ limit: String(MESSAGES), after });
    if (!after) query.delete("after");
    const page: List<KeptMessage> = await service.call(
      `${routeOf(id)}/messages?${query}`,
      { signal },
    );
    messages.push(...page.data);
    after = page.has_more ? (page.last_id ?? "") : "";
  } while (after && messages.length < MOST_MESSAGES);
  return exchangesOf(messages);
}

function routeOf(id: string): string {
  return `/v1/conversations/${encodeURIComponent(id)}`;
}

/** Pair what was asked with what was answered. */
export function exchangesOf(messages: readonly KeptMessage[]): Omit<Exchange, "key">[] {
  const exchanges: Omit<Exchange, "key">[] = [];
  let question = "";
  for (const message of messages) {
    if (message.role === "user") question = textOf(message.content);
    if (message.role !== "assistant" || !question) continue;
    exchanges.push({ question, answer: answerOf(message) });
    question = "";
  }
  return exchanges;
}

const STATUS: Record<KeptMessage["status"], Status> = {
  running: "stopped",
  complete: "complete",
  incomplete: "cut",
  failed: "failed",
  cancelled: "stopped",
};

function answerOf(message: KeptMessage): Answer {
  const content = textOf(message.content);
  const status = STATUS[message.status];
  const hasFailed = status === "cut" || status === "failed";
  return {
    id: message.id,
    content,
    sources: message.sources ?? [],
    rag: message.rag ?? {},
    status: hasFailed && content ? "cut" : status,
    failure: hasFailed
      ? new Failure({ message: "", code: message.error || "interrupted" })
      : null,
  };
}

function textOf(content: KeptMessage["content"]): string {
  if (typeof content === "string") return content;
  return (content ?? []).map((part) => part.text ?? "").join("\n");
}
