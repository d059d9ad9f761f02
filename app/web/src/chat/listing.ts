// The list of kept conversations, as far as it was read.

import { useCallback, useEffect, useState } from "preact/hooks";
import { isWithout } from "../conversation/conversation";
import { Failure, isAbort } from "../service/failure";
import type { Service } from "../service/service";
import type { KeptConversation } from "../service/types";
import { listed } from "./kept";

const TYPING_MS = 200;

export interface Listing {
  found: readonly KeptConversation[];
  hasMore: boolean;
  isReading: boolean;
  /** Why there is no list, or null. */
  failure: Failure | null;
  /** Whether conversations are not kept at all. */
  isWithout: boolean;
  more: () => void;
  /** Change what is listed, as it was changed with the service. */
  put: (change: (found: readonly KeptConversation[]) => KeptConversation[]) => void;
  again: () => void;
}

/** Read conversations in which `words` are found; anew when `current` is not among them. */
export function useListing(service: Service, words: string, current: string): Listing {
  const [found, setFound] = useState<readonly KeptConversation[]>([]);
  const [hasMore, setMore] = useState(false);
  const [isReading, setReading] = useState(true);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [asked, setAsked] = useState({ after: "", times: 0 });
  const isListed = !current || found.some(({ id }) => id === current);
  const missing = isListed || words ? "" : current;
  useEffect(() => {
    setAsked(({ times }) => ({ after: "", times: times + 1 }));
  }, [words, missing]);
  useEffect(() => {
    const reading = new AbortController();
    const read = async () => {
      setReading(true);
      try {
        const page = await listed(service, {
          words,
          after: asked.after,
          signal: reading.signal,
        });
        setFound((before) => (asked.after ? [...before, ...page.data] : page.data));
        setMore(page.has_more);
        setFailure(null);
      } catch (error) {
        if (isAbort(error)) return;
        if (!(error instanceof Failure)) throw error;
        setFailure(error);
      }
      setReading(false);
    };
    const timer = setTimeout(read, words && !asked.after ? TYPING_MS : 0);
    return () => {
      clearTimeout(timer);
      reading.abort();
    };
  }, [service, words, asked]);
  const again = useCallback(
    () => setAsked(({ times }) => ({ after: "", times: times + 1 })),
    [],
  );
  return {
    found,
    hasMore,
    isReading,
    failure,
    isWithout: failure !== null && isWithout(failure),
    more: () => setAsked({ after: found.at(-1)?.id ?? "", times: asked.times + 1 }),
    put: (change) => setFound(change),
    again,
  };
}
