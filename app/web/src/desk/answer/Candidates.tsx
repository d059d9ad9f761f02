// Every passage that was found, with its rank by each search; sorted by any of them.

import { useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { named } from "../frame/named";
import type { Candidate, Ranking } from "../types";
import { ranked } from "./diagnosis";
import { useLit } from "./lit";
import { RankCell } from "./RankCell";

type Order = "order" | "offered" | Ranking;

/** Passages that stand there at once, besides those that were given to the model. */
const AT_FIRST = 12;

const RANKINGS = ["keyword", "dense", "fused", "rerank"] as const;

export function Candidates({ candidates }: { candidates: readonly Candidate[] }) {
  const { words, formats } = useDesk();
  const { columns, sortBy, noCandidates, showAll } = words.answer;
  const [order, setOrder] = useState<Order>("order");
  const [showsAll, setShowsAll] = useState(false);
  if (!candidates.length) return <p class="faint">{noCandidates}</p>;
  const shown = RANKINGS.filter((name) => candidates.some((one) => one[name]));
  const lines = sorted(candidates, order).filter(
    ({ offered }, at) => showsAll || at < AT_FIRST || offered !== null,
  );
  const head = (name: Order, label: string) => (
    <th
      key={name}
      scope="col"
      aria-sort={order === name ? "ascending" : "none"}
      class={name}
    >
      <button
        type="button"
        class="sort"
        onClick={() => setOrder(order === name ? "order" : name)}
      >
        {label}
        {order === name && <Icon name="down" />}
      </button>
    </th>
  );
  return (
    <>
      <label class="sorting">
        {sortBy}
        <select
          value={order}
          onChange={(event) => setOrder(event.currentTarget.value as Order)}
        >
          <option value="order">–</option>
          <option value="offered">{columns.offered}</option>
          {shown.map((name) => (
            <option key={name} value={name}>
              {columns[name]}
            </option>
          ))}
        </select>
      </label>
      <table class="cards candidates">
        <caption class="unseen">{words.answer.found}</caption>
        <thead>
          <tr>
            {head("offered", columns.offered)}
            <th scope="col">{columns.title}</th>
            {shown.map((name) => head(name, columns[name]))}
          </tr>
        </thead>
        <tbody>
          {lines.map((candidate) => (
            <Line key={candidate.id} candidate={candidate} rankings={shown} />
          ))}
        </tbody>
      </table>
      {lines.length < candidates.length && (
        <button type="button" class="all" onClick={() => setShowsAll(true)}>
          {showAll(formats.number(candidates.length))}
        </button>
      )}
    </>
  );
}

function Line({
  candidate,
  rankings,
}: {
  candidate: Candidate;
  rankings: readonly Ranking[];
}) {
  const { words, formats } = useDesk();
  const { columns, reasons, offeredAs, notOffered, showPassage } = words.answer;
  const { offered, title, path, heading_path, page, snippet, why } = candidate;
  const { isLit, pointing } = useLit(offered);
  const number = offered === null ? "" : formats.number(offered);
  const classes = [offered === null ? "left-out" : "offered", isLit ? "lit" : ""];
  return (
    <tr
      class={classes.join(" ")}
      id={offered === null ? undefined : `candidate-${offered}`}
      tabIndex={-1}
      {...pointing}
    >
      <td class="offered" data-label={columns.offered}>
        {offered === null ? (
          <>
            <span aria-hidden="true">–</span>
            <span class="unseen">{notOffered}</span>
          </>
        ) : (
          <span class="chip" title={offeredAs(number)}>
            <span class="unseen">{offeredAs(number)}</span>
            <span aria-hidden="true">{number}</span>
          </span>
        )}
      </td>
      <td class="name">
        <strong dir="auto">{title || path}</strong>
        <span class="where" dir="auto">
          {heading_path.join(" › ")}
          {page !== null && ` · ${words.documents.page(formats.number(page))}`}
        </span>
        <span class="path" dir="auto">
          {path}
        </span>
        {offered === null && why && (
          <span class="why" dir="auto">
            {named(reasons, why)}
          </span>
        )}
        {snippet && (
          <details>
            <summary>{showPassage}</summary>
            <p class="snippet" dir="auto">
              {snippet}
            </p>
          </details>
        )}
      </td>
      {rankings.map((name) => (
        <td key={name} class="rank" data-label={columns[name]}>
          <RankCell candidate={candidate} name={name} />
        </td>
      ))}
    </tr>
  );
}

function sorted(candidates: readonly Candidate[], order: Order): readonly Candidate[] {
  if (order === "order") return ranked(candidates);
  const place = (one: Candidate) =>
    (order === "offered" ? one.offered : one[order]?.rank) ?? Number.POSITIVE_INFINITY;
  // Two that are both not there keep the order they had.
  return ranked(candidates).sort((a, b) => {
    const [first, second] = [place(a), place(b)];
    return first === second ? 0 : first - second;
  });
}
