// Narrows the list: by words of title and path, and by state, each with how many there are.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { type DocumentState, STATES } from "../types";

interface Given {
  typed: string;
  state: DocumentState | "";
  counts: Partial<Record<DocumentState, number>>;
  isLoading: boolean;
  onType: (typed: string) => void;
  onNarrow: (state: DocumentState | "") => void;
}

export function Filters(given: Given) {
  const { typed, counts, isLoading, onType, onNarrow } = given;
  const { words, formats } = useDesk();
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <div class="filters" aria-busy={isLoading}>
      <label class="search">
        <Icon name="search" />
        <span class="unseen">{words.documents.search}</span>
        <input
          type="search"
          dir="auto"
          placeholder={words.documents.search}
          value={typed}
          onInput={(event) => onType(event.currentTarget.value)}
        />
      </label>
      {/* biome-ignore lint/a11y/useSemanticElements: buttons, not fields */}
      <div class="choices" role="group" aria-label={words.documents.filter}>
        {(["", ...STATES] as const).map((state) => (
          <button
            key={state}
            type="button"
            aria-pressed={state === given.state}
            onClick={() => onNarrow(state)}
          >
            {state ? words.documents.states[state] : words.documents.all}{" "}
            <span class="count">
              {formats.number(state ? (counts[state] ?? 0) : all)}
            </span>
          </button>
        ))}
      </div>
    </div>
  );
}
