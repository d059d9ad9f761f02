// A key that was made just now: its text, this once.

import { CopyButton } from "../frame/CopyButton";
import { Dialog } from "../frame/Dialog";
import { useDesk } from "../frame/desk_context";
import type { MadeKey } from "../types";

const OF_THE_DESK = ["insights", "ingest", "admin"];

export function MadeNow({ made, onClose }: { made: MadeKey; onClose: () => void }) {
  const { words, enter } = useDesk();
  const fits = made.scopes.some((scope) => OF_THE_DESK.includes(scope));
  return (
    // Nothing but the button closes it: the text is gone with it.
    <Dialog title={words.keys.made} onClose={onClose} isHeld>
      <p class="notice">{words.keys.madeOnce}</p>
      <Text label={words.keys.text} text={made.key} />
      {made.kind === "widget" && (
        <>
          <Text label={words.keys.snippet} text={snippetOf(made.key)} />
          <p class="hint">{words.keys.snippetHint}</p>
        </>
      )}
      <footer>
        {fits && (
          <button
            type="button"
            onClick={() => {
              enter(made.key);
              onClose();
            }}
          >
            {words.keys.useHere}
          </button>
        )}
        <button type="button" class="main" onClick={onClose}>
          {words.keys.done}
        </button>
      </footer>
    </Dialog>
  );
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    <figure class="secret">
      <figcaption>{label}</figcaption>
      <code dir="ltr">{text}</code>
      <CopyButton text={() => text} />
    </figure>
  );
}

/** Return the line that puts the widget on a page. */
export function snippetOf(key: string): string {
  return `<script src="${location.origin}/widget.js" data-key="${key}" async></script>`;
}
