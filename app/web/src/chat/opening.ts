// The conversation that the address names is the one that is shown.

import { useCallback, useEffect, useState } from "preact/hooks";
import type { Conversation } from "../conversation/conversation";
import { Failure, isAbort } from "../service/failure";
import type { Service } from "../service/service";
import { conversationInAddress, nameInAddress } from "./address";
import { opened } from "./kept";
import { useOf } from "./watching";

/** How an earlier conversation comes; null where none is coming. */
export type Opening = "reading" | Failure | null;

/**
 * Show what the address names, now and whenever it changes.
 *
 * @param isReady Whether the service can be asked: with the key it needs.
 */
export function useOpening(
  conversation: Conversation,
  service: Service,
  isReady: boolean,
): [Opening, () => void] {
  const [wanted, setWanted] = useState({ id: conversationInAddress(), times: 0 });
  const [opening, setOpening] = useState<Opening>(null);
  const id = useOf(conversation, (one) => one.id);
  const again = useCallback(
    () => setWanted(({ times }) => ({ id: conversationInAddress(), times: times + 1 })),
    [],
  );
  useEffect(() => {
    // Both events tell of one change.
    const look = () => {
      const found = conversationInAddress();
      setWanted((before) => (before.id === found ? before : { id: found, times: 0 }));
    };
    window.addEventListener("hashchange", look);
    window.addEventListener("popstate", look);
    return () => {
      window.removeEventListener("hashchange", look);
      window.removeEventListener("popstate", look);
    };
  }, []);
  // A conversation that begins is named in the address from then on.
  useEffect(() => {
    if (!id || id !== conversation.id) return;
    nameInAddress(id);
    setWanted((before) => (before.id === id ? before : { id, times: 0 }));
  }, [conversation, id]);
  useEffect(() => {
    setOpening(null);
    if (wanted.id === conversation.id || !isReady) return;
    conversation.show("", []);
    if (!wanted.id) return;
    const reading = new AbortController();
    setOpening("reading");
    opened(service, wanted.id, reading.signal)
      .then((exchanges) => {
        conversation.show(wanted.id, exchanges);
        setOpening(null);
      })
      .catch((error: unknown) => {
        if (isAbort(error)) return;
        if (!(error instanceof Failure)) throw error;
        setOpening(error);
      });
    return () => reading.abort();
  }, [conversation, service, wanted, isReady]);
  return [opening, again];
}
