// The script that a host's page embeds. It draws the button and nothing else: what is
// behind the button is imported when somebody goes for it.

import { spoken } from "../words/language";
import { readAttributes } from "./attributes";
import { Embedding } from "./embedding";

const NAME = "frontdesk";

/** What the host's page may call: `window.frontdesk`. */
export interface Frontdesk {
  /** Open the panel, and move the focus into it. */
  open(): void;
  close(): void;
  /** Open the panel and ask. */
  ask(text: string): void;
  /** Take the widget off the page; the script may be embedded again after that. */
  destroy(): void;
}

function complain(text: string): void {
  console.warn(`${NAME}: ${text}`);
}

function scriptOf(): HTMLScriptElement | null {
  // A script of the type "module" is not told which element it came from.
  return (
    (document.currentScript as HTMLScriptElement | null) ??
    document.querySelector<HTMLScriptElement>('script[src$="/widget.js"]')
  );
}

function start(): void {
  const script = scriptOf();
  if (NAME in window) {
    complain("the page has a widget, or a thing of that name, already: one is enough");
    return;
  }
  if (!script?.src) {
    complain("embed widget.js by its address: the panel is found beside it");
    return;
  }
  const base = new URL(".", script.src).href.slice(0, -1);
  const attributes = readAttributes(
    script.dataset,
    complain,
    (tag) => spoken(tag) !== null,
  );
  const embedding = new Embedding(base, attributes);
  const offered: Frontdesk = Object.freeze({
    open: () => embedding.open(),
    close: () => embedding.close(),
    ask: (text: string) => embedding.ask(String(text)),
    destroy: () => {
      embedding.destroy();
      Reflect.deleteProperty(window, NAME);
    },
  });
  Object.defineProperty(window, NAME, { value: offered, configurable: true });
  if (document.readyState === "loading") {
    document.addEventListener("DOMContentLoaded", () => embedding.appear(), {
      once: true,
    });
  } else embedding.appear();
}

start();
