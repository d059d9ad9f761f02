import { memo } from "preact/compat";
import { useEffect, useRef } from "preact/hooks";
import type { Exchange } from "../conversation/conversation";
import type { Service } from "../service/service";
import type { Place } from "../service/types";
import type { ChatWords } from "../words";
import { AnswerView } from "./AnswerView";
import type { Rating } from "./Feedback";
import type { HandoffKind } from "./Handoff";
import { Pencil } from "./icons";

/** What can be done with an exchange. One object, the same for all of them. */
export interface Doings {
  ask: (question: string) => void;
  /** Ask the question of an exchange again, as it was or edited. */
  askAgain: (key: number, question?: string) => void;
  /** Open a source; the page puts it where it has room. */
  open: (place: Place) => void;
  /** Begin to edit the question of an exchange, or leave off with null. */
  edit: (key: number | null) => void;
  /** Everything that was said up to an exchange, for the person who takes over. */
  saidUpTo: (key: number) => readonly Exchange[];
  /** Told of a thumb that was given, or taken back with null. */
  rated?: (messageId: string, rating: Rating | null) => void;
  /** Told that somebody goes to a person. */
  handedOff?: (question: string, kind: HandoffKind) => void;
}

export interface ExchangeProps {
  exchange: Exchange;
  words: ChatWords;
  service: Service;
  doings: Doings;
  /** Whether it is the last one: it alone offers what to ask next. */
  isLast: boolean;
  isEditing: boolean;
  /** Whether an answer is being written: nothing can be asked meanwhile. */
  isRunning: boolean;
  /** Where a person helps, or null. */
  handoff: string | null;
  /** Whether answers are kept, so that they can be judged. */
  hasKey: boolean;
}

/** A question and its answer. Drawn again only when something of it changes. */
export const ExchangeView = memo((props: ExchangeProps) => {
  const { exchange, words, isEditing, isRunning, doings } = props;
  return (
    <article class="exchange">
      {isEditing ? (
        <EditedQuestion {...props} />
      ) : (
        <div class="asked">
          <h2 dir="auto">
            <span class="unseen">{`${words.you}: `}</span>
            {exchange.question}
          </h2>
          <button
            type="button"
            class="icon-button"
            disabled={isRunning}
            title={words.edit}
            aria-label={words.edit}
            onClick={() => doings.edit(exchange.key)}
          >
            <Pencil />
          </button>
        </div>
      )}
      <AnswerView {...props} />
    </article>
  );
});

function EditedQuestion({ exchange, words, doings }: ExchangeProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const field = area.current;
    field?.focus();
    field?.setSelectionRange(field.value.length, field.value.length);
  }, []);
  const send = () => {
    const question = area.current?.value.trim();
    if (!question) return;
    doings.edit(null);
    doings.askAgain(exchange.key, question);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      doings.edit(null);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    }
  };
  return (
    <form
      class="edited"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        ref={area}
        rows={2}
        dir="auto"
        aria-label={words.edit}
        defaultValue={exchange.question}
        onKeyDown={onKeyDown}
      />
      <div class="row">
        <span class="faint">{words.editHint}</span>
        <button type="button" class="button" onClick={() => doings.edit(null)}>
          {words.cancel}
        </button>
        <button type="submit" class="button strong">
          {words.send}
        </button>
      </div>
    </form>
  );
}
