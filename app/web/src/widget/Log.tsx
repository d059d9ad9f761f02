import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../conversation/conversation";
import { type Doings, ExchangeView } from "../parts/ExchangeView";
import { Greeting } from "./Greeting";
import type { TalkProps } from "./Talk";
import type { PanelWords } from "./words";

interface Props extends TalkProps {
  doings: Doings;
  /** Key of the exchange whose question is being edited, or null. */
  editing: number | null;
}

/** What was said so far; before anything was, the greeting. */
export function Log(props: Props) {
  const { conversation, doings, editing, service, surroundings, words } = props;
  const { exchanges } = conversation;
  const box = useFollowing(conversation);
  return (
    <div
      ref={box}
      class="log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard
      tabIndex={0}
      role="log"
      aria-live="off"
      aria-label={words.chat.conversation}
    >
      {exchanges.length === 0 && (
        <Greeting
          surroundings={surroundings}
          service={service}
          words={words}
          onAsk={doings.ask}
        />
      )}
      {exchanges.map((exchange, at) => (
        <ExchangeView
          key={exchange.key}
          exchange={exchange}
          words={words.chat}
          service={service}
          doings={doings}
          isLast={at === exchanges.length - 1}
          isEditing={exchange.key === editing}
          isRunning={conversation.isRunning}
          handoff={surroundings.settings?.handoff ?? null}
          hasKey={surroundings.key !== ""}
        />
      ))}
      <State conversation={conversation} words={words} />
    </div>
  );
}

/** How the last answer stands, for those who do not see it grow. */
function State({
  conversation,
  words,
}: {
  conversation: Conversation;
  words: PanelWords;
}) {
  const [said, say] = useState("");
  const status = conversation.exchanges.at(-1)?.answer.status;
  const { searching, complete, stopped } = words.chat;
  const running = conversation.isRunning;
  const wasRunning = useRef(false);
  useEffect(() => {
    // What was read again from an earlier page is no news.
    if (running) say(searching);
    else if (wasRunning.current) {
      say(status === "complete" ? complete : status === "stopped" ? stopped : "");
    }
    wasRunning.current = running;
  }, [running, status, searching, complete, stopped]);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

/** How far a log may be from where it was put before somebody must have moved it. */
const MOVED = 4;

/**
 * Follow an answer as it grows, until its question is at the top: what was asked and the
 * beginning of the answer stay in sight. Whoever scrolls is left alone.
 */
function useFollowing(conversation: Conversation) {
  const box = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const put = useRef(0);
  const last = conversation.exchanges.at(-1)?.key;
  useEffect(() => {
    const log = box.current;
    const look = () => {
      if (log && Math.abs(log.scrollTop - put.current) > MOVED) {
        isFollowing.current = false;
      }
    };
    log?.addEventListener("scroll", look, { passive: true });
    return () => log?.removeEventListener("scroll", look);
  }, []);
  useLayoutEffect(() => {
    isFollowing.current = true;
  }, [last]);
  useLayoutEffect(() => {
    const log = box.current;
    if (!log || !isFollowing.current) return;
    const question = [...log.querySelectorAll("article")].at(-1);
    const top = question ? question.offsetTop : 0;
    log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, top);
    put.current = log.scrollTop;
  });
  return box;
}
