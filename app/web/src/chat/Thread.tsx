import { useEffect } from "preact/hooks";
import type { Conversation } from "../conversation/conversation";
import { type Doings, ExchangeView } from "../parts/ExchangeView";
import { Down } from "../parts/icons";
import type { Failure } from "../service/failure";
import type { Service } from "../service/service";
import type { ChatWords } from "../words";
import { useFollowing } from "./following";
import { useOf } from "./watching";

interface Props {
  conversation: Conversation;
  service: Service;
  words: ChatWords;
  doings: Doings;
  /** Key of the exchange whose question is being edited, or null. */
  editing: number | null;
  handoff: string | null;
  hasKey: boolean;
  onFailure: (failure: Failure) => void;
}

/** What was asked and answered; its end is followed while it grows. */
export function Thread({ conversation, words, editing, onFailure, ...props }: Props) {
  const exchanges = useOf(conversation, (one) => one.exchanges);
  const isRunning = useOf(conversation, (one) => one.isRunning);
  const last = exchanges.at(-1);
  const { scroller, onScroll, isAtEnd, toEnd } = useFollowing(exchanges);
  const failure = last?.answer.failure;
  useEffect(() => {
    if (failure) onFailure(failure);
  }, [failure, onFailure]);
  // A question that was just asked is where one wants to be.
  useEffect(toEnd, [last?.key, toEnd]);
  return (
    <>
      <section
        ref={scroller}
        class="thread"
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard
        tabIndex={0}
        aria-label={words.conversation}
      >
        <div class="column">
          {exchanges.map((exchange) => (
            <ExchangeView
              key={exchange.key}
              exchange={exchange}
              words={words}
              isLast={exchange === last}
              isEditing={exchange.key === editing}
              isRunning={isRunning}
              {...props}
            />
          ))}
        </div>
      </section>
      <p class="unseen" role="status">
        {isRunning
          ? words.writing
          : last?.answer.status === "complete" && words.complete}
      </p>
      {!isAtEnd && (
        <button
          type="button"
          class="to-end icon-button"
          title={words.toEnd}
          aria-label={words.toEnd}
          onClick={toEnd}
        >
          <Down />
        </button>
      )}
    </>
  );
}
