// The desk's words, apart from those of the pages that visitors load. English says what
// there is to say; another language that lacks some of it does not compile.

import * as ar from "./ar";
import * as arDocuments from "./ar_documents";
import * as arQuestions from "./ar_questions";
import * as de from "./de";
import * as deDocuments from "./de_documents";
import * as deQuestions from "./de_questions";
import * as en from "./en";
import * as enDocuments from "./en_documents";
import * as enQuestions from "./en_questions";

const english = { ...en, ...enDocuments, ...enQuestions };

export type DeskWords = typeof english;

const LANGUAGES: Record<string, DeskWords> = {
  ar: { ...ar, ...arDocuments, ...arQuestions },
  de: { ...de, ...deDocuments, ...deQuestions },
  en: english,
};

/** Return what the desk says in a language. */
export function deskWords(code: string): DeskWords {
  return LANGUAGES[code] ?? english;
}
