// The form for a key: before the desk, and again when one is refused. What stands behind
// it stays as it is.

import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useDesk } from "./desk_context";
import { Icon } from "./Icon";

interface Given {
  isOpen: boolean;
  isRefused: boolean;
  onClose: () => void;
}

export function Door({ isOpen, isRefused, onClose }: Given) {
  const { words, page, enter, generation, hasKey } = useDesk();
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useId();
  const [text, setText] = useState("");
  const [isSeen, setSeen] = useState(false);
  // Without a key there is nothing behind the door to go back to.
  const mayClose = (hasKey || generation > 0 || page.access === "open") && !isRefused;
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  const submit = (event: Event) => {
    event.preventDefault();
    if (!text.trim()) return;
    enter(text);
    setText("");
  };
  const leave = (event: Event) => {
    event.preventDefault();
    if (mayClose) onClose();
  };
  return (
    <dialog
      ref={dialog}
      class="box door"
      aria-labelledby={`${input}-title`}
      onCancel={leave}
    >
      <form class="inner" onSubmit={submit}>
        <span class="lock">
          <Icon name="lock" />
        </span>
        <h2 id={`${input}-title`}>{words.door.title}</h2>
        <p>{words.door.lead}</p>
        <label for={input}>{words.door.label}</label>
        <div class="field">
          <input
            id={input}
            // The types know a field of one kind; the browser lets it change.
            type={(isSeen ? "text" : "password") as "password"}
            autocomplete="off"
            spellcheck={false}
            autocapitalize="off"
            dir="ltr"
            placeholder={words.door.placeholder}
            value={text}
            aria-invalid={isRefused}
            aria-describedby={`${input}-note`}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <button type="button" class="quiet" onClick={() => setSeen(!isSeen)}>
            {isSeen ? words.door.hide : words.door.show}
          </button>
        </div>
        <p id={`${input}-note`} class={isRefused ? "refused" : "faint"} role="status">
          {isRefused ? words.door.refused : words.door.kept}
        </p>
        <dl class="scopes">
          {words.door.scopes.map(([scope, meaning]) => (
            <div key={scope}>
              <dt>
                <code>{scope}</code>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
        <footer>
          {mayClose && (
            <button type="button" onClick={onClose}>
              {words.frame.cancel}
            </button>
          )}
          <button type="submit" class="main" disabled={!text.trim()}>
            {words.door.enter}
          </button>
        </footer>
      </form>
    </dialog>
  );
}
