// The button, and the line beside it when the panel did not come.

import type { Code } from "../words/language";
import { buttonWords } from "./languages";

export type State = "closed" | "loading" | "open" | "unseen" | "lost";

const SVG = "http://www.w3.org/2000/svg";
const BUBBLE =
  "M12 3.5c-5 0-9 3.4-9 7.6 0 2.3 1.2 4.3 3 5.7-.1 1.3-.7 2.5-1.6 3.4 1.9-.1 3.6-.8 4.9-1.8.9.2 1.8.3 2.7.3 5 0 9-3.4 9-7.6s-4-7.6-9-7.6Z";
const CHEVRON = "m6 9.5 6 6 6-6";

export class Button {
  private readonly button = document.createElement("button");
  private readonly notice = document.createElement("p");
  private readonly words;

  constructor(language: Code, on: { press(): void; near(): void }) {
    this.words = buttonWords(language);
    const { button } = this;
    button.type = "button";
    button.className = "launcher";
    button.append(drawn(BUBBLE, "bubble"), drawn(CHEVRON, "chevron"), dot());
    button.addEventListener("click", on.press);
    for (const sign of ["pointerenter", "focus", "touchstart"]) {
      button.addEventListener(sign, on.near, { once: true, passive: true });
    }
    this.notice.className = "lost";
    this.notice.setAttribute("role", "status");
    this.stand("closed");
  }

  get elements(): HTMLElement[] {
    return [this.button, this.notice];
  }

  stand(state: State): void {
    const { button, words } = this;
    button.dataset.state = state;
    button.setAttribute("aria-expanded", String(state === "open"));
    button.setAttribute("aria-busy", String(state === "loading"));
    button.setAttribute(
      "aria-label",
      state === "open" ? words.close : state === "unseen" ? words.unseen : words.open,
    );
    this.notice.textContent = state === "lost" ? words.lost : "";
  }

  focus(): void {
    this.button.focus();
  }
}

function drawn(path: string, name: string): SVGElement {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("class", name);
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  picture.append(line);
  return picture;
}

function dot(): HTMLElement {
  const made = document.createElement("span");
  made.className = "dot";
  return made;
}
