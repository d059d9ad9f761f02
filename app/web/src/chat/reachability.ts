// Whether the service can be reached: told by the browser, by failures, and by asking.

import { useCallback, useEffect, useState } from "preact/hooks";
import type { Failure } from "../service/failure";
import type { Service } from "../service/service";

export type Reach = "fine" | "offline" | "unreachable" | "back";

const FIRST_MS = 1000;
const LONGEST_MS = 15_000;
const BACK_MS = 4000;

/** Watch the connection. The function is told of failures. */
export function useReach(service: Service): [Reach, (failure: Failure) => void] {
  const [reach, setReach] = useState<Reach>(navigator.onLine ? "fine" : "offline");
  useEffect(() => {
    const lost = () => setReach("offline");
    const found = () => setReach("unreachable"); // Until the service answered.
    window.addEventListener("offline", lost);
    window.addEventListener("online", found);
    return () => {
      window.removeEventListener("offline", lost);
      window.removeEventListener("online", found);
    };
  }, []);
  useEffect(() => {
    if (reach === "unreachable") return untilReached(service, () => setReach("back"));
    if (reach !== "back") return;
    const timer = setTimeout(() => setReach("fine"), BACK_MS);
    return () => clearTimeout(timer);
  }, [reach, service]);
  const noticed = useCallback((failure: Failure) => {
    if (failure.code === "offline") setReach("offline");
    if (failure.code === "unreachable") setReach("unreachable");
  }, []);
  return [reach, noticed];
}

/** Ask the service until it answers, more and more seldom. Returns how to stop. */
function untilReached(service: Service, reached: () => void): () => void {
  let pause = 0;
  let timer = 0;
  const ask = async () => {
    try {
      await service.reply("/health/live");
      reached();
    } catch {
      pause = Math.min(Math.max(pause * 2, FIRST_MS), LONGEST_MS);
      timer = window.setTimeout(ask, pause);
    }
  };
  timer = window.setTimeout(ask, pause);
  return () => clearTimeout(timer);
}
