// The question whose road is wanted, and what may narrow its search.

import { useId } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";

export interface Asked {
  question: string;
  path: string;
  label: string;
  language: string;
  version: string;
  /** Ask the model as well, and not only search. */
  withAnswer: boolean;
}

interface Given {
  asked: Asked;
  isRunning: boolean;
  onChange: (changes: Partial<Asked>) => void;
  onAsk: () => void;
  onStop: () => void;
}

export function QuestionBox({ asked, isRunning, onChange, onAsk, onStop }: Given) {
  const { words } = useDesk();
  const id = useId();
  const submit = (event: Event) => {
    event.preventDefault();
    onAsk();
  };
  const isNarrowed = asked.path || asked.label || asked.language || asked.version;
  return (
    <form class="ask panel" onSubmit={submit}>
      <label class="unseen" for={id}>
        {words.answer.question}
      </label>
      <div class="line">
        <textarea
          id={id}
          rows={1}
          dir="auto"
          placeholder={words.answer.placeholder}
          value={asked.question}
          onInput={(event) => onChange({ question: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
              submit(event);
            }
          }}
        />
        {isRunning ? (
          <button type="button" onClick={onStop}>
            <span class="turning" />
            {words.answer.stop}
          </button>
        ) : (
          <button type="submit" class="main" disabled={!asked.question.trim()}>
            <Icon name="answer" />
            {words.answer.ask}
          </button>
        )}
      </div>
      <p class="unseen" role="status">
        {isRunning ? words.answer.asking : ""}
      </p>
      <div class="choices">
        <label class="check">
          <input
            type="checkbox"
            checked={asked.withAnswer}
            onChange={(event) => onChange({ withAnswer: event.currentTarget.checked })}
          />
          {words.answer.withAnswer}
        </label>
        <details open={Boolean(isNarrowed)}>
          <summary>{words.answer.narrow}</summary>
          <div class="narrow">
            {(
              [
                ["path", words.answer.filterPath],
                ["label", words.answer.filterLabel],
                ["language", words.answer.filterLanguage],
                ["version", words.answer.filterVersion],
              ] as const
            ).map(([name, label]) => (
              <label key={name}>
                {label}
                <input
                  dir="auto"
                  value={asked[name]}
                  onInput={(event) => onChange({ [name]: event.currentTarget.value })}
                />
              </label>
            ))}
          </div>
        </details>
      </div>
    </form>
  );
}
