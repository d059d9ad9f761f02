import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { ChatWords } from "../words";
import { Square, Up } from "./icons";

interface Props {
  words: ChatWords;
  field: RefObject<HTMLTextAreaElement | null>;
  isRunning: boolean;
  /** Whether questions wait: for a key, or for the conversation they belong to. */
  isHeld?: boolean;
  onAsk: (question: string) => void;
  onStop: () => void;
  /** Arrow up in an empty field. */
  onEditLast?: () => void;
}

/** Longest question, in characters; what is longer is refused before it is sent. */
const LONGEST = 16_000;

/** Where questions are written. Enter sends; with shift it begins a new line. */
export function Composer({ words, field, isRunning, isHeld, onAsk, ...props }: Props) {
  const [text, setText] = useState("");
  const [isWaiting, setWaiting] = useState(false);
  const over = text.length - LONGEST;
  const canAsk = Boolean(text.trim()) && !isRunning && over <= 0;
  useLayoutEffect(() => fit(field.current), [text]);
  const ask = () => {
    if (!canAsk) return;
    setWaiting(Boolean(isHeld));
    if (isHeld) return;
    onAsk(text.trim());
    setText("");
  };
  // Who is quicker than the page need not press twice.
  useEffect(() => {
    if (isWaiting && !isHeld) ask();
  }, [isWaiting, isHeld]);
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes, its keys are its own.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      ask();
    } else if (event.key === "ArrowUp" && !text && props.onEditLast) {
      event.preventDefault();
      props.onEditLast();
    }
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <textarea
        ref={field}
        rows={1}
        dir="auto"
        value={text}
        aria-label={words.question}
        aria-invalid={over > 0}
        placeholder={words.placeholder}
        enterkeyhint="send"
        onInput={(event) => {
          setText(event.currentTarget.value);
          setWaiting(false);
        }}
        onKeyDown={onKeyDown}
      />
      {(over > 0 || isWaiting) && (
        <span class={over > 0 ? "note bad" : "note faint"} role="status">
          {over > 0 ? words.tooLong(over) : words.waitsToBeSent}
        </span>
      )}
      {isRunning ? (
        <button
          type="button"
          class="send"
          title={words.stop}
          aria-label={words.stop}
          onClick={props.onStop}
        >
          <Square />
        </button>
      ) : (
        <button
          type="submit"
          class="send"
          title={words.ask}
          aria-label={words.ask}
          aria-disabled={!canAsk || isHeld}
        >
          <Up />
        </button>
      )}
    </form>
  );
}

/** Grow with what is written, where the browser does not do so itself. */
function fit(area: HTMLTextAreaElement | null): void {
  if (!area || CSS.supports("field-sizing", "content")) return;
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight}px`;
}
