// A company's page that carries the widget. This runs before the widget's own script,
// which stands after it, so that the key is in its place by then.

import "./demo.css";
import { pageSettings } from "../service/page_settings";
import type { Frontdesk } from "../widget/widget";

const NAME = "frontdesk-demo-key";
const HEARD = ["open", "close", "ask", "answer", "feedback", "handoff", "error"];

declare global {
  interface Window {
    frontdesk?: Frontdesk;
  }
}

function find<Kind extends Element>(selector: string, kind: new () => Kind): Kind {
  const found = document.querySelector(selector);
  if (found instanceof kind) return found;
  throw new Error(`the page has no ${selector}`);
}

const key = sessionStorage.getItem(NAME) ?? "";

function embed(): void {
  if (key) find('script[src="/widget.js"]', HTMLScriptElement).dataset.key = key;
  const shown = key ? ` data-key="${key.slice(0, 8)}…"` : "";
  find("#snippet", HTMLElement).textContent =
    `<script src="${location.origin}/widget.js"${shown} defer></script>`;
}

function offerKey(): void {
  find("#command", HTMLElement).textContent =
    `frontdesk keys create --name demo --widget --origin ${location.origin}`;
  find("#needs-key", HTMLElement).hidden = false;
  find("#needs-key form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(NAME, find("#key", HTMLInputElement).value.trim());
    location.reload();
  });
}

function listen(): void {
  const list = find("#heard", HTMLOListElement);
  for (const name of HEARD) {
    document.addEventListener(`frontdesk:${name}`, (event) => {
      const line = document.createElement("li");
      const detail = JSON.stringify((event as CustomEvent).detail);
      line.textContent = `frontdesk:${name} ${detail}`;
      list.prepend(line);
    });
  }
}

embed();
listen();
find("#open", HTMLButtonElement).addEventListener("click", () =>
  window.frontdesk?.open(),
);
for (const button of document.querySelectorAll(".ask")) {
  button.addEventListener("click", () =>
    window.frontdesk?.ask(button.textContent ?? ""),
  );
}
if (pageSettings().access === "keys") offerKey();
