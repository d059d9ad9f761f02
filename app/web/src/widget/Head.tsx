import { Close, Plus } from "../parts/icons";
import type { Surroundings } from "./seam";
import type { PanelWords } from "./words";

interface Props {
  surroundings: Surroundings;
  words: PanelWords;
  /** How to begin anew; null where nothing has been said. */
  onNew: (() => void) | null;
}

/** Whose help this is, and the way out. */
export function Head({ surroundings, words, onNew }: Props) {
  const { settings, base, title } = surroundings;
  return (
    <header class="head">
      {settings?.logo && <img src={new URL(settings.logo, `${base}/`).href} alt="" />}
      <h2 dir="auto">{title}</h2>
      {onNew && (
        <button
          type="button"
          class="icon-button"
          title={words.chat.newConversation}
          aria-label={words.chat.newConversation}
          onClick={onNew}
        >
          <Plus />
        </button>
      )}
      <button
        type="button"
        class="icon-button"
        title={words.widget.close}
        aria-label={words.widget.close}
        onClick={() => surroundings.close()}
      >
        <Close />
      </button>
    </header>
  );
}
