// The element of the page: it sets the language and the colour, and draws the desk.

import "../theme.css";
import "./desk.css";
import "./narrow.css";
import "./frame/parts.css";
import "./frame/controls.css";
import "./frame/frame.css";
import "./frame/cards.css";
import "./documents/documents.css";
import "./documents/uploads.css";
import "./answer/answer.css";
import "./answer/candidates.css";
import "./answer/text.css";
import "./answer/prompt.css";
import "./insights/insights.css";
import "./insights/plots.css";
import "./keys/keys.css";
import { render } from "preact";
import { remembered } from "../chat/preferences";
import { pageSettings } from "../service/page_settings";
import { languageFor } from "../words";
import { deskWords } from "../words/desk";
import { Desk } from "./frame/Desk";
import { Formats } from "./frame/formats";

customElements.define(
  "frontdesk-desk",
  class extends HTMLElement {
    connectedCallback(): void {
      const page = pageSettings();
      // What was chosen on the chat page holds here as well.
      const wishes = [remembered("language"), page.language].filter(Boolean);
      const language = languageFor(wishes.length ? wishes : navigator.languages);
      const root = document.documentElement;
      root.lang = language.code;
      root.dir = language.direction;
      if (page.colour) root.style.setProperty("--brand", page.colour);
      const words = deskWords(language.code);
      document.title = words.frame.title(page.name);
      const formats = new Formats(language.code);
      render(<Desk page={page} words={words} formats={formats} />, this);
    }

    disconnectedCallback(): void {
      render(null, this);
    }
  },
);
