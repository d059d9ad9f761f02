// The conversation that is shown, in the page's address: `/#c=<id>`.

/** Return the id of the conversation that the address names, or "". */
export function conversationInAddress(): string {
  return new URLSearchParams(location.hash.slice(1)).get("c") ?? "";
}

/** Name a conversation in the address, in place of what stood there. */
export function nameInAddress(id: string): void {
  history.replaceState(null, "", addressOf(id));
}

/** Go to another conversation; "" is a new one. What was shown is one step back. */
export function goTo(id: string): void {
  history.pushState(null, "", addressOf(id));
}

export function addressOf(id: string): string {
  return id ? `#c=${encodeURIComponent(id)}` : location.pathname;
}
