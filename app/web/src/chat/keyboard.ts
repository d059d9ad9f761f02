// Keys that mean the same everywhere on the page.

import { useEffect, useRef } from "preact/hooks";

interface PageKeys {
  /** Where questions are written: "/" goes there. */
  field: { current: HTMLTextAreaElement | null };
  /** Returns whether there was something to close or to stop. */
  onEscape: () => boolean;
}

/** Listen to the page's keys; what a part used itself is left alone. */
export function usePageKeys(keys: PageKeys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const { field, onEscape } = current.current;
      if (event.key === "Escape") {
        // An open menu takes the key first.
        if (!document.querySelector(":popover-open") && onEscape()) {
          event.preventDefault();
        }
      } else if (event.key === "/" && !isWriting(event)) {
        event.preventDefault();
        field.current?.focus();
      }
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}

function isWriting(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  const { target } = event;
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, dialog") !== null
  );
}
