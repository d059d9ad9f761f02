// Which passage is pointed at, so that it lights up wherever it stands: in the table, in
// the prompt, and where the answer cites it.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

export interface Lit {
  /** The passage's number in the prompt, or null for none. */
  number: number | null;
  point: (number: number | null) => void;
}

export const LitContext = createContext<Lit>({ number: null, point: () => {} });

/** Return what an element that stands for passage `number` needs to light up. */
export function useLit(number: number | null) {
  const lit = useContext(LitContext);
  const isLit = number !== null && lit.number === number;
  const on = () => lit.point(number);
  const off = () => lit.point(null);
  return {
    isLit,
    pointing:
      number === null
        ? {}
        : { onPointerEnter: on, onPointerLeave: off, onFocusIn: on, onFocusOut: off },
  };
}
