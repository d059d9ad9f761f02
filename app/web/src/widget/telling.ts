// What the host's page is told of a conversation as it goes on.

import type { Answer, Conversation } from "../conversation/conversation";
import type { Tell } from "./seam";

const OVER = new Set(["complete", "stopped", "cut", "failed"]);

export class Telling {
  private readonly asked = new Set<number>();
  private readonly over = new Set<number>();

  /**
   * @param conversation What goes on.
   * @param tell How the page is told.
   * @param ended Called at each end of an answer.
   */
  constructor(
    private readonly conversation: Conversation,
    private readonly tell: Tell,
    private readonly ended: () => void,
  ) {
    conversation.subscribe(() => this.look());
  }

  /** Say nothing of what stands there now: it is of an earlier page. */
  pass(): void {
    for (const { key } of this.conversation.exchanges) {
      this.asked.add(key);
      this.over.add(key);
    }
  }

  private look(): void {
    const last = this.conversation.exchanges.at(-1);
    if (!last) return;
    if (!this.asked.has(last.key)) {
      this.asked.add(last.key);
      this.tell("ask", { question: last.question });
    }
    if (OVER.has(last.answer.status) && !this.over.has(last.key)) {
      this.over.add(last.key);
      tellEnd(last.answer, this.tell);
      this.ended();
    }
  }
}

function tellEnd(answer: Answer, tell: Tell): void {
  const { failure, id, rag, sources, status } = answer;
  if (failure) tell("error", { code: failure.code, status: failure.status });
  if (status === "failed") return;
  tell("answer", {
    id,
    answered: rag.answered ?? null,
    finished: status === "complete",
    sources: sources.length,
  });
}
