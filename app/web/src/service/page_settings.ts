// How the page is set up: written into it by the service.

import type { PageSettings } from "./types";

export const PLAIN: PageSettings = {
  name: "frontdesk",
  colour: "",
  logo: null,
  greeting: "",
  questions: [],
  language: "",
  handoff: null,
  access: "open",
  version: "",
};

/** Return what the service wrote into this page. */
export function pageSettings(): PageSettings {
  const written = document.getElementById("page")?.textContent?.trim();
  return written ? { ...PLAIN, ...JSON.parse(written) } : PLAIN;
}
