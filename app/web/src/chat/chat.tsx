import "../theme.css";
import "../parts/parts.css";
import "./chat.css";
import { render } from "preact";
import { TypedKey } from "../service/keys";
import { pageSettings } from "../service/page_settings";
import { Service } from "../service/service";
import { ChatPage } from "./ChatPage";

customElements.define(
  "frontdesk-chat",
  class extends HTMLElement {
    connectedCallback(): void {
      const typed = new TypedKey();
      const service = new Service("", typed);
      this.replaceChildren();
      render(
        <ChatPage settings={pageSettings()} service={service} typed={typed} />,
        this,
      );
    }
  },
);
