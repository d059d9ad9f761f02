// Whether a key still works. Pure but for the clock.

import type { Key } from "../types";

export type Standing = "active" | "expired" | "revoked";

export function standingOf({ revoked, expires }: Key): Standing {
  if (revoked !== null) return "revoked";
  return expires !== null && expires * 1000 <= Date.now() ? "expired" : "active";
}

export function isActive(key: Key): boolean {
  return standingOf(key) === "active";
}
