// The conversation of a visit, read again on the host's next page.

import { opened } from "../chat/kept";
import type { Exchange } from "../conversation/conversation";
import { Failure, isAbort } from "../service/failure";
import type { Service } from "../service/service";
import type { KeptVisit } from "./kept_visit";

/** Return what was said in this visit; nothing where it is no longer there. */
export async function restored(
  service: Service,
  visit: KeptVisit,
  signal: AbortSignal,
): Promise<Omit<Exchange, "key">[]> {
  if (!visit.conversation) return [];
  try {
    return await opened(service, visit.conversation, signal);
  } catch (error) {
    if (error instanceof Failure && error.status === 404) visit.conversation = "";
    if (error instanceof Failure || isAbort(error)) return [];
    throw error;
  }
}
