// The panel behind the button: imported when somebody goes for it.

import { render } from "preact";
import { Conversation } from "../conversation/conversation";
import parts from "../parts/parts.css?inline";
import { PanelDialog } from "./dialog";
import { sheetOf } from "./element";
import style from "./panel.css?inline";
import { restored } from "./restored";
import type { Panel, Surroundings } from "./seam";
import { NoKey, VisitorSession } from "./session";
import { Talk } from "./Talk";
import { Telling } from "./telling";
import { VisitedService } from "./visited_service";
import { panelWords } from "./words";

export function mount(surroundings: Surroundings): Panel {
  const { base, key, visit, root, frame, tell } = surroundings;
  const leaving = new AbortController();
  const begun = () => {
    conversation.id = "";
  };
  const credentials = key ? new VisitorSession(base, key, visit, begun) : new NoKey();
  const service = new VisitedService(base, credentials);
  const conversation = new Conversation(service, () => ({
    keeps: true,
    page: surroundings.page(),
  }));
  const ask = (question: string) =>
    credentials.settle().then(() => conversation.ask(question));
  const askAgain = (key: number, question?: string) =>
    credentials.settle().then(() => conversation.askAgain(key, question));
  const words = panelWords(surroundings.language);
  const dialog = new PanelDialog(frame, words.widget.name(surroundings.title), () =>
    surroundings.close(),
  );
  const telling = new Telling(conversation, tell, () => {
    if (!dialog.isShown) surroundings.unseen();
  });
  conversation.subscribe(() => {
    visit.conversation = conversation.id;
  });
  root.adoptedStyleSheets = [
    ...root.adoptedStyleSheets,
    sheetOf(parts),
    sheetOf(style),
  ];
  const ready = restored(service, visit, leaving.signal).then((exchanges) => {
    if (!exchanges.length || conversation.exchanges.length) return;
    conversation.show(visit.conversation, exchanges);
    telling.pass();
  });
  render(
    <Talk {...{ surroundings, service, conversation, words, dialog, ask, askAgain }} />,
    dialog.element,
  );
  return {
    show: (wanted) => dialog.show(wanted),
    hide: () => dialog.hide(),
    ask: async (text) => {
      await ready;
      await ask(text);
    },
    destroy: () => {
      leaving.abort();
      conversation.stop();
      render(null, dialog.element);
      dialog.destroy();
    },
  };
}
