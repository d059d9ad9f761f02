import { Plus, Sidebar } from "../parts/icons";
import type { PageSettings } from "../service/types";
import type { ChatWords } from "../words";
import type { Look } from "./look";
import { Menu } from "./Menu";

interface Props {
  settings: PageSettings;
  look: Look;
  words: ChatWords;
  isListOpen: boolean;
  onList: () => void;
  onNew: () => void;
  /** Where a key is needed: to use another one. */
  onOtherKey: (() => void) | null;
}

export function Header({ settings, look, words, isListOpen, ...props }: Props) {
  const list = isListOpen ? words.closeConversations : words.openConversations;
  return (
    <header class="bar">
      <button
        type="button"
        class="icon-button"
        title={list}
        aria-label={list}
        aria-expanded={isListOpen}
        onClick={props.onList}
      >
        <Sidebar />
      </button>
      <h1 class="brand" dir="auto">
        {settings.logo ? <img src={settings.logo} alt="" /> : <Mark />}
        <span>{settings.name}</span>
      </h1>
      <button
        type="button"
        class="icon-button"
        title={words.newConversation}
        aria-label={words.newConversation}
        onClick={props.onNew}
      >
        <Plus />
      </button>
      <Menu look={look} words={words} onOtherKey={props.onOtherKey} />
    </header>
  );
}

/** The bell of a front desk, where no logo is set. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
      <rect width="32" height="32" rx="9" />
      <path d="M7.5 21.5h17M9.5 21.5a6.5 6.5 0 0 1 13 0M16 15v-3.2M13.8 11.6h4.4" />
    </svg>
  );
}
