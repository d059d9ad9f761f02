// How the service is set up, asked from a foreign page.

import type { PageSettings } from "../service/types";

const PATIENCE = 5000;

/** Return the settings; null if they did not come in time, and the widget does without. */
export async function settingsOf(base: string): Promise<PageSettings | null> {
  try {
    const reply = await fetch(`${base}/v1/page`, {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(PATIENCE),
    });
    return reply.ok ? ((await reply.json()) as PageSettings) : null;
  } catch {
    return null;
  }
}
