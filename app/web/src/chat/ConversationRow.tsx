import { useEffect, useRef, useState } from "preact/hooks";
import { FailureNote } from "../parts/FailureNote";
import { Bin, Pencil } from "../parts/icons";
import { Failure } from "../service/failure";
import type { Service } from "../service/service";
import type { KeptConversation } from "../service/types";
import type { ChatWords } from "../words";
import { addressOf } from "./address";
import { removed, renamed } from "./kept";

interface Props {
  one: KeptConversation;
  isCurrent: boolean;
  service: Service;
  words: ChatWords;
  onChosen: () => void;
  onRenamed: (title: string) => void;
  onRemoved: () => void;
}

/** A conversation in the list, with what can be done to it. */
export function ConversationRow({ one, words, service, ...props }: Props) {
  const [doing, setDoing] = useState<"" | "renaming" | "removing">("");
  const [failure, setFailure] = useState<Failure | null>(null);
  const link = useRef<HTMLAnchorElement>(null);
  const title = one.title || words.untitled;
  const leave = () => {
    setDoing("");
    link.current?.focus();
  };
  const attempt = async (work: () => Promise<unknown>, done: () => void) => {
    try {
      await work();
      setFailure(null);
      done();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setFailure(error);
    }
  };
  const rename = (next: string) => {
    leave();
    if (!next || next === one.title) return;
    void attempt(
      () => renamed(service, one.id, next),
      () => props.onRenamed(next),
    );
  };
  return (
    <li
      class={props.isCurrent ? "current" : ""}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !doing) return;
        event.preventDefault();
        leave();
      }}
    >
      <div class="conversation">
        {doing === "renaming" ? (
          <Renaming title={one.title} words={words} onRename={rename} />
        ) : (
          <>
            <a
              ref={link}
              href={addressOf(one.id)}
              dir="auto"
              aria-current={props.isCurrent ? "page" : undefined}
              onClick={props.onChosen}
            >
              {title}
            </a>
            <button
              type="button"
              class="icon-button"
              title={words.rename}
              aria-label={words.renameOf(title)}
              onClick={() => setDoing("renaming")}
            >
              <Pencil />
            </button>
            <button
              type="button"
              class="icon-button"
              title={words.remove}
              aria-label={words.removeOf(title)}
              onClick={() => setDoing("removing")}
            >
              <Bin />
            </button>
          </>
        )}
      </div>
      {doing === "removing" && (
        <Removing
          words={words}
          onCancel={leave}
          onRemove={() => void attempt(() => removed(service, one.id), props.onRemoved)}
        />
      )}
      {failure && <FailureNote failure={failure} words={words} />}
    </li>
  );
}

interface RenamingProps {
  title: string;
  words: ChatWords;
  onRename: (title: string) => void;
}

function Renaming({ title, words, onRename }: RenamingProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onRename(field.current?.value.trim() ?? "");
      }}
    >
      <input
        ref={field}
        dir="auto"
        maxLength={200}
        aria-label={words.title}
        defaultValue={title}
      />
      <button type="submit" class="button">
        {words.save}
      </button>
    </form>
  );
}

interface RemovingProps {
  words: ChatWords;
  onRemove: () => void;
  onCancel: () => void;
}

function Removing({ words, onRemove, onCancel }: RemovingProps) {
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a box of its own
    <div class="removing" role="group" aria-label={words.removeSure}>
      <p>{words.removeSure}</p>
      <div class="row">
        <button ref={cancel} type="button" class="button" onClick={onCancel}>
          {words.cancel}
        </button>
        <button type="button" class="button bad" onClick={onRemove}>
          {words.remove}
        </button>
      </div>
    </div>
  );
}
