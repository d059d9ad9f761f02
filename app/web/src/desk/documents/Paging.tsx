// Which part of a long list is shown, and the way to the rest.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";

interface Given {
  /** How many are shown. */
  count: number;
  /** How many stand before them. */
  before: number;
  all: number;
  onEarlier: (() => void) | null;
  onLater: (() => void) | null;
}

export function Paging({ count, before, all, onEarlier, onLater }: Given) {
  const { words, formats } = useDesk();
  if (!count) return null;
  const ends = [before + 1, before + count, all].map((one) => formats.number(one));
  const [from = "", to = "", of = ""] = ends;
  return (
    <div class="paging">
      <span>{words.documents.shown(from, to, of)}</span>
      {(onEarlier || onLater) && (
        <>
          <button type="button" disabled={!onEarlier} onClick={() => onEarlier?.()}>
            <Icon name="back" />
            {words.documents.earlier}
          </button>
          <button type="button" disabled={!onLater} onClick={() => onLater?.()}>
            {words.documents.later}
            <Icon name="next" />
          </button>
        </>
      )}
    </div>
  );
}
