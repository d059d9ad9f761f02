// The answer as a visitor reads it; its citations point at the passages above.

import { useCallback } from "preact/hooks";
import { Markdown } from "../../markdown/Markdown";
import { useDesk } from "../frame/desk_context";
import type { ExplainedAnswer } from "../types";
import { useLit } from "./lit";

export function Result({ answer }: { answer: ExplainedAnswer | null }) {
  const { words } = useDesk();
  const cite = useCallback((number: number) => <Citation number={number} />, []);
  if (!answer) return <p class="faint">{words.answer.noAnswer}</p>;
  return (
    <div class="text" dir="auto">
      <Markdown text={answer.content} cite={cite} />
    </div>
  );
}

function Citation({ number }: { number: number }) {
  const { words, formats } = useDesk();
  const { isLit, pointing } = useLit(number);
  const show = () => {
    const line = document.getElementById(`candidate-${number}`);
    line?.scrollIntoView({ block: "center" });
    line?.focus({ preventScroll: true });
  };
  return (
    <button
      type="button"
      class={isLit ? "cite lit" : "cite"}
      aria-label={words.answer.cites(formats.number(number))}
      onClick={show}
      {...pointing}
    >
      {formats.number(number)}
    </button>
  );
}
