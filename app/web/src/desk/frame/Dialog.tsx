// What stands before the page until it is done with: a box in the middle, or a drawer at
// the side. The browser keeps the focus in it and gives it back.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import type { Failure } from "../../service/failure";
import { useDesk } from "./desk_context";
import { Icon } from "./Icon";
import { Trouble } from "./Trouble";

interface Given {
  title: string;
  onClose: () => void;
  kind?: "box" | "drawer";
  /** Whether Escape and the cross are refused, so that nothing is lost by a slip. */
  isHeld?: boolean;
  children: ComponentChildren;
}

export function Dialog({ title, onClose, kind = "box", isHeld, children }: Given) {
  const { words } = useDesk();
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const dialog = element.current;
    const before = document.activeElement;
    dialog?.showModal();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  const leave = (event: Event) => {
    event.preventDefault();
    if (!isHeld) onClose();
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape does the same
    <dialog
      ref={element}
      class={kind}
      aria-labelledby={heading}
      onCancel={leave}
      onClick={(event) => event.target === element.current && leave(event)}
    >
      <div class="inner">
        <header>
          <h2 id={heading} dir="auto">
            {title}
          </h2>
          {!isHeld && (
            <button
              type="button"
              class="bare"
              aria-label={words.frame.close}
              onClick={onClose}
            >
              <Icon name="close" />
            </button>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}

interface Asked {
  title: string;
  /** What is done when it is confirmed. */
  yes: string;
  isDangerous?: boolean;
  isRunning: boolean;
  failure: Failure | null;
  scopes?: string;
  onYes: () => void;
  onClose: () => void;
  children: ComponentChildren;
}

/** Ask before something is done that changes more than the page. */
export function Confirm({ title, yes, failure, children, ...asked }: Asked) {
  const { words } = useDesk();
  return (
    <Dialog title={title} onClose={asked.onClose}>
      {children}
      {failure && <Trouble failure={failure} scopes={asked.scopes} />}
      <footer>
        <button type="button" onClick={asked.onClose}>
          {words.frame.cancel}
        </button>
        <button
          type="button"
          class={asked.isDangerous ? "main danger" : "main"}
          disabled={asked.isRunning}
          onClick={asked.onYes}
        >
          {yes}
        </button>
      </footer>
    </Dialog>
  );
}
