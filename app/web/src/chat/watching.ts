// Hooks that draw again when something outside changes, and only then.

import { useEffect, useRef, useState } from "preact/hooks";
import type { Conversation } from "../conversation/conversation";

/** Follow one thing about a conversation. */
export function useOf<T>(
  conversation: Conversation,
  read: (conversation: Conversation) => T,
): T {
  const [value, setValue] = useState(() => read(conversation));
  const reader = useRef(read);
  reader.current = read;
  useEffect(() => {
    const look = () => setValue(() => reader.current(conversation));
    look();
    return conversation.subscribe(look);
  }, [conversation]);
  return value;
}

/** Whether a media query holds. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const change = () => setHolds(list.matches);
    change();
    list.addEventListener("change", change);
    return () => list.removeEventListener("change", change);
  }, [query]);
  return holds;
}
