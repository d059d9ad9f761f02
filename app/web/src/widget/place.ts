// Where the visitor is. Read when a question is asked, so that it follows pages that
// change without being loaded again.

import type { Attributes } from "./attributes";

const LONGEST_ADDRESS = 2000;
const LONGEST_TITLE = 300;

/** Return the page as far as the host lets it be told. */
export function place(
  context: Attributes["context"],
): { url: string; title: string } | undefined {
  if (context === "off") return undefined;
  const whole = new URL(location.href);
  if (context === "page") whole.search = whole.hash = "";
  whole.username = whole.password = "";
  return {
    url: whole.href.slice(0, LONGEST_ADDRESS),
    title: document.title.slice(0, LONGEST_TITLE),
  };
}
