// A passage's rank by one search, and how far that moved it.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import type { Candidate, Ranking } from "../types";

export function RankCell({ candidate, name }: { candidate: Candidate; name: Ranking }) {
  const { words, formats } = useDesk();
  const found = candidate[name];
  if (!found) {
    return (
      <span class="absent">
        <span aria-hidden="true">–</span>
        <span class="unseen">{words.answer.notFoundBy}</span>
      </span>
    );
  }
  const before = rankBefore(candidate, name);
  const by = before === null ? 0 : before - found.rank;
  return (
    <span class="found">
      <span class="unseen">{words.answer.rank(formats.number(found.rank))}</span>
      <b aria-hidden="true">{formats.number(found.rank)}</b>
      {by !== 0 && <Moved by={by} />}
      <small>{formats.score(found.score)}</small>
    </span>
  );
}

function Moved({ by }: { by: number }) {
  const { words, formats } = useDesk();
  const way = by > 0 ? "up" : "down";
  const distance = formats.number(Math.abs(by));
  return (
    <span class={`moved ${way}`} title={words.answer.moved[way](distance)}>
      <Icon name={way} />
      <span class="unseen">{words.answer.moved[way](distance)}</span>
      <span aria-hidden="true">{distance}</span>
    </span>
  );
}

/** The rank it had before: the better of both searches, or the fused one. */
function rankBefore(candidate: Candidate, name: Ranking): number | null {
  if (name === "rerank") return candidate.fused?.rank ?? null;
  if (name !== "fused") return null;
  const ranks = [candidate.keyword?.rank, candidate.dense?.rank].filter(
    (rank) => rank !== undefined,
  );
  return ranks.length ? Math.min(...ranks) : null;
}
