import { useEffect, useRef, useState } from "preact/hooks";
import { FailureNote } from "../parts/FailureNote";
import { Close, Plus, Search } from "../parts/icons";
import type { Service } from "../service/service";
import type { ChatWords } from "../words";
import { ConversationRow } from "./ConversationRow";
import { useListing } from "./listing";

interface Props {
  service: Service;
  words: ChatWords;
  /** Id of the conversation that is shown, or "". */
  current: string;
  /** Whether somebody just opened the list, and means to use it. */
  takesFocus: boolean;
  onNew: () => void;
  onChosen: (id: string) => void;
  /** Told of a conversation that is gone. */
  onRemoved: (id: string) => void;
  onClose: () => void;
}

/** Earlier conversations: found, opened, renamed, deleted. */
export function Conversations({ service, words, current, ...props }: Props) {
  const [query, setQuery] = useState("");
  const listing = useListing(service, query.trim(), current);
  const search = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (props.takesFocus) search.current?.focus();
  }, [props.takesFocus]);
  const { found, failure, isReading } = listing;
  return (
    <div class="conversations">
      <header>
        <h2>{words.conversations}</h2>
        <button
          type="button"
          class="icon-button"
          title={words.close}
          aria-label={words.close}
          onClick={props.onClose}
        >
          <Close />
        </button>
      </header>
      <button type="button" class="button" onClick={props.onNew}>
        <Plus />
        {words.newConversation}
      </button>
      {!listing.isWithout && (
        <label class="search">
          <Search />
          <input
            ref={search}
            type="search"
            dir="auto"
            value={query}
            aria-label={words.search}
            placeholder={words.search}
            onInput={(event) => setQuery(event.currentTarget.value)}
          />
        </label>
      )}
      {listing.isWithout && <p class="faint">{words.notKept}</p>}
      {failure && !listing.isWithout && (
        <FailureNote failure={failure} words={words} onAgain={listing.again} />
      )}
      <ul aria-label={words.conversations} aria-busy={isReading}>
        {found.map((one) => (
          <ConversationRow
            key={one.id}
            one={one}
            isCurrent={one.id === current}
            service={service}
            words={words}
            onChosen={() => props.onChosen(one.id)}
            onRenamed={(title) =>
              listing.put((all) =>
                all.map((kept) => (kept.id === one.id ? { ...kept, title } : kept)),
              )
            }
            onRemoved={() => {
              listing.put((all) => all.filter(({ id }) => id !== one.id));
              props.onRemoved(one.id);
              search.current?.focus();
            }}
          />
        ))}
      </ul>
      <p class="faint" role="status">
        {!isReading &&
          !failure &&
          !found.length &&
          (query ? words.nothingFound : words.noConversations)}
      </p>
      {listing.hasMore && !failure && (
        <button
          type="button"
          class="button"
          disabled={isReading}
          onClick={listing.more}
        >
          {words.more}
        </button>
      )}
    </div>
  );
}
