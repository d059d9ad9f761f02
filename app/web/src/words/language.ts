// Which languages are spoken, and which of them is spoken to whom.

/** Every language that has a file of words here. */
export const CODES = ["ar", "de", "en"] as const;

export type Code = (typeof CODES)[number];

export interface Language {
  /** ISO 639-1. */
  code: Code;
  direction: "ltr" | "rtl";
}

const RIGHT_TO_LEFT = new Set(["ar", "dv", "fa", "he", "ps", "ur", "yi"]);

/** Return the spoken language that a tag such as "de-AT" names, or null. */
export function spoken(tag: string): Code | null {
  const wished = tag.toLowerCase().split("-")[0] ?? "";
  return CODES.find((code) => code === wished) ?? null;
}

/** Return the language to speak, of those wished for, best first; else English. */
export function languageFor(wishes: readonly string[]): Language {
  const code = wishes.map(spoken).find((one) => one !== null) ?? "en";
  return { code, direction: RIGHT_TO_LEFT.has(code) ? "rtl" : "ltr" };
}
