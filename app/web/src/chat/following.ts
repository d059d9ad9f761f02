// The end of a text that grows stays in sight, unless the reader went up to read.

import { useCallback, useLayoutEffect, useRef, useState } from "preact/hooks";

const NEAR = 24;

export interface Following {
  /** For the element that scrolls. */
  scroller: { current: HTMLElement | null };
  onScroll: () => void;
  isAtEnd: boolean;
  toEnd: () => void;
}

/** Follow the end of what is scrolled; `drawn` changes whenever it may have grown. */
export function useFollowing(drawn: unknown): Following {
  const scroller = useRef<HTMLElement>(null);
  const follows = useRef(true);
  const last = useRef({ top: 0, height: 0 });
  const [isAtEnd, setAtEnd] = useState(true);
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const { scrollTop: top, scrollHeight: height, clientHeight } = element;
    const isNear = height - top - clientHeight <= NEAR;
    // A text that became shorter moves as well, and nobody meant to.
    if (isNear) follows.current = true;
    else if (top < last.current.top && height >= last.current.height) {
      follows.current = false;
    }
    last.current = { top, height };
    setAtEnd(isNear || follows.current);
  }, []);
  const toEnd = useCallback(() => {
    follows.current = true;
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    setAtEnd(true);
  }, []);
  useLayoutEffect(() => {
    if (follows.current) toEnd();
  }, [drawn, toEnd]);
  return { scroller, onScroll, isAtEnd, toEnd };
}
