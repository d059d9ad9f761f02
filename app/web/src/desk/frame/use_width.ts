// How wide an element is, so that a plot's letters keep their size.

import { useLayoutEffect, useRef, useState } from "preact/hooks";

export function useWidth<T extends Element>(usual: number) {
  const element = useRef<T>(null);
  const [width, setWidth] = useState(usual);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(Math.round(entry.contentRect.width), 160));
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return [element, width] as const;
}
