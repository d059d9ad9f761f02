// The element on the host's page, and its closed root.

import theme from "../theme.css?inline";
import style from "./button.css?inline";

export interface Shell {
  element: HTMLElement;
  root: ShadowRoot;
  /** Carries theme and language; nothing of the page's reaches into it. */
  frame: HTMLElement;
}

/** Events of typing. A page that has shortcuts would take words for them. */
const OURS = ["keydown", "keypress", "keyup", "copy", "cut", "paste", "beforeinput"];

/** Make the element. It is not on the page yet. */
export function shell(): Shell {
  const element = document.createElement(defined());
  const root = element.attachShadow({ mode: "closed" });
  root.adoptedStyleSheets = [sheetOf(style), sheetOf(theme)];
  const frame = document.createElement("div");
  frame.className = "frame";
  frame.style.setProperty("--rem", letters());
  for (const kind of OURS)
    frame.addEventListener(kind, (event) => event.stopPropagation());
  root.append(frame);
  return { element, root, frame };
}

/** Return styles that no policy of the host's page counts as inline ones. */
export function sheetOf(text: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

/** Define the element under a name that is free; one that was defined stays for good. */
function defined(): string {
  let name = "frontdesk-widget";
  while (customElements.get(name)) name += "-";
  customElements.define(name, class extends HTMLElement {});
  return name;
}

/** Return the size of letters the reader chose, whatever the page made of it. */
function letters(): string {
  const probe = document.createElement("span");
  probe.style.setProperty("font-size", "medium", "important");
  document.documentElement.append(probe);
  const { fontSize } = getComputedStyle(probe);
  probe.remove();
  return fontSize || "16px";
}
