// The section that shows the road of an answer: a question, and all that came of it.

import { useEffect, useRef, useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Heading } from "../frame/Heading";
import { isForbidden, Trouble, Unavailable } from "../frame/Trouble";
import { useAction } from "../frame/use_action";
import type { Explanation } from "../types";
import { type Asked, QuestionBox } from "./QuestionBox";
import { Road } from "./Road";
import { Welcome } from "./Welcome";

const NOTHING: Asked = {
  question: "",
  path: "",
  label: "",
  language: "",
  version: "",
  withAnswer: true,
};

// What was asked stays when somebody looks at another section and comes back.
let lastAsked = NOTHING;
let lastShown: Explanation | null = null;

export function Answer({ question }: { question: string }) {
  const { service } = useDesk();
  const [asked, setAsked] = useState<Asked>(lastAsked);
  const [shown, setShown] = useState<Explanation | null>(lastShown);
  const { isRunning, failure, run, clear } = useAction();
  const running = useRef<AbortController | null>(null);
  const begun = useRef("");

  const change = (changes: Partial<Asked>) => {
    lastAsked = { ...lastAsked, ...changes };
    setAsked(lastAsked);
  };
  const ask = (wanted: Asked) => {
    if (!wanted.question.trim()) return;
    change(wanted);
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    void run(async () => {
      const found = await service.call<Explanation>("/v1/explain", {
        method: "POST",
        body: bodyOf(wanted),
        signal: stop.signal,
      });
      lastShown = found;
      setShown(found);
    });
  };
  useEffect(() => {
    // The address asks once; what is typed afterwards is asked by hand.
    if (!question || begun.current === question) return;
    begun.current = question;
    ask({ ...lastAsked, question });
  }, [question]);
  useEffect(() => () => running.current?.abort(), []);

  if (isForbidden(failure)) {
    return (
      <>
        <Heading section="answer" />
        <Unavailable failure={failure} scopes="insights" />
      </>
    );
  }
  return (
    <>
      <Heading section="answer" />
      <QuestionBox
        asked={asked}
        isRunning={isRunning}
        onChange={change}
        onAsk={() => ask(asked)}
        onStop={() => running.current?.abort()}
      />
      {failure && (
        <Trouble
          failure={failure}
          scopes="insights"
          onAgain={() => {
            clear();
            ask(asked);
          }}
        />
      )}
      {shown ? (
        <div class={isRunning ? "road stale" : "road"} aria-busy={isRunning}>
          <Road explanation={shown} />
        </div>
      ) : (
        !isRunning && <Welcome onTry={(text) => ask({ ...asked, question: text })} />
      )}
    </>
  );
}

function bodyOf(asked: Asked): object {
  const words = (text: string) =>
    text
      .split(",")
      .map((word) => word.trim())
      .filter(Boolean);
  const filter = Object.fromEntries(
    Object.entries({
      path: words(asked.path),
      label: words(asked.label),
      language: words(asked.language),
      version: words(asked.version),
    }).filter(([, values]) => values.length),
  );
  const isNarrowed = Object.keys(filter).length > 0;
  return {
    query: asked.question.trim(),
    answer: asked.withAnswer,
    ...(isNarrowed ? { filter } : {}),
  };
}
