// What the panel says: the chat's words and its own, without those of other pages.

import { chat as arChat, widget as arWidget } from "../words/ar";
import { chat as deChat, widget as deWidget } from "../words/de";
import { chat as enChat, widget as enWidget } from "../words/en";
import type { Code } from "../words/language";

export interface PanelWords {
  chat: typeof enChat;
  widget: typeof enWidget;
}

const LANGUAGES: Record<Code, PanelWords> = {
  ar: { chat: arChat, widget: arWidget },
  de: { chat: deChat, widget: deWidget },
  en: { chat: enChat, widget: enWidget },
};

/** Return the words of a language. A visitor has no key, and is told of none. */
export function panelWords(code: string): PanelWords {
  const { chat, widget } = LANGUAGES[code as Code] ?? LANGUAGES.en;
  const closed = widget.notHere;
  const refused = { keyNeeded: closed, keyRefused: closed, forbidden: closed };
  return { widget, chat: { ...chat, failures: { ...chat.failures, ...refused } } };
}
