// What the pages say, by language. Each file holds one; `Words` is what all of them say.

import * as ar from "./ar";
import * as de from "./de";
import * as en from "./en";
import type { Code } from "./language";

export { type Language, languageFor } from "./language";

/** A language's words, by the part of the page that says them. */
export type Words = typeof en;

const LANGUAGES: Record<Code, Words> = { ar, de, en };

/** Languages one can choose, as they call themselves. */
export const LANGUAGE_NAMES: Record<string, string> = {
  en: "English",
  de: "Deutsch",
  ar: "العربية",
};

/** Return the words of a part of the page in a language. */
export function wordsOf<Part extends keyof Words>(
  part: Part,
  code: string,
): Words[Part] {
  return (LANGUAGES[code as Code] ?? en)[part];
}

/** What the chat's parts say. */
export type ChatWords = Words["chat"];
