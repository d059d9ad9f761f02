// What a person chose for this page: remembered where the browser lets us.

const PREFIX = "frontdesk-";

/** Return what was remembered by a name, or "". */
export function remembered(name: string): string {
  try {
    return localStorage.getItem(PREFIX + name) ?? "";
  } catch {
    return "";
  }
}

/** Remember a choice; "" forgets it. */
export function remember(name: string, value: string): void {
  try {
    if (value) localStorage.setItem(PREFIX + name, value);
    else localStorage.removeItem(PREFIX + name);
  } catch {
    // It holds as long as the page does.
  }
}
