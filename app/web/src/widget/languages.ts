// The words of the button alone: the script on the host's page carries no others.

import { button as ar } from "../words/ar";
import { button as de } from "../words/de";
import { button as en } from "../words/en";
import type { Code } from "../words/language";

const BUTTON: Record<Code, typeof en> = { ar, de, en };

export function buttonWords(code: Code): typeof en {
  return BUTTON[code];
}
