// What the list is narrowed to: words, a state, and the page that is shown of it.

import { useEffect, useState } from "preact/hooks";
import type { DocumentState } from "../types";

/** How long typing pauses before it is searched for, in milliseconds. */
const PAUSE = 250;

interface Sought {
  q: string;
  state: DocumentState | "";
  /** Where each page began; the last is the one that is shown. */
  pages: readonly string[];
}

const ALL: Sought = { q: "", state: "", pages: [""] };

export function useSought() {
  const [sought, setSought] = useState(ALL);
  // What stands in the field is kept here alone: were it set back from what is
  // searched for, a key pressed in between would be lost.
  const [typed, setTyped] = useState("");
  useEffect(() => {
    const q = typed.trim();
    const seek = () =>
      setSought((before) => (before.q === q ? before : { ...before, q, pages: [""] }));
    const timer = setTimeout(seek, PAUSE);
    return () => clearTimeout(timer);
  }, [typed]);
  return {
    ...sought,
    typed,
    type: setTyped,
    narrow: (state: DocumentState | "") =>
      setSought((before) => ({ ...before, state, pages: [""] })),
    clear: () => {
      setTyped("");
      setSought(ALL);
    },
    turnTo: (pages: readonly string[]) => setSought((before) => ({ ...before, pages })),
  };
}
