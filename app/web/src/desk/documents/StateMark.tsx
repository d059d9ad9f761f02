// How a document stands: a word, a picture and a colour, so that none of them is alone.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import type { DocumentState } from "../types";

export function StateMark({ state }: { state: DocumentState }) {
  const { words } = useDesk();
  return (
    <span class={`mark ${state}`} title={words.documents.stateHints[state]}>
      <Icon name={state} />
      {words.documents.states[state]}
    </span>
  );
}

/** Labels as they stand in the documents. */
export function Labels({ labels }: { labels: readonly string[] }) {
  return (
    <span class="labels">
      {labels.map((label) => (
        <span key={label} class="label" dir="auto">
          {label}
        </span>
      ))}
    </span>
  );
}
