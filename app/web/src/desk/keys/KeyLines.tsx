// The keys, a line each; on a phone each is a card.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { Time } from "../frame/Time";
import type { Key, Limits } from "../types";
import { isActive, standingOf } from "./standing";

interface Given {
  keys: readonly Key[];
  onRotate: (key: Key) => void;
  onRevoke: (key: Key) => void;
}

export function KeyLines({ keys, ...given }: Given) {
  const { words } = useDesk();
  return (
    <table class="cards keys">
      <caption class="unseen">{words.keys.list}</caption>
      <thead>
        <tr>
          <th scope="col">{words.keys.name}</th>
          <th scope="col">{words.keys.state}</th>
          <th scope="col">{words.keys.scopes}</th>
          <th scope="col">{words.keys.used}</th>
          <th scope="col">{words.keys.ends}</th>
          <th scope="col">
            <span class="unseen">{words.keys.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Line key={key.id} known={key} {...given} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ known, onRotate, onRevoke }: Omit<Given, "keys"> & { known: Key }) {
  const { words } = useDesk();
  const standing = standingOf(known);
  const rights = known.kind === "widget" ? known.origins : known.scopes;
  return (
    <tr>
      <td class="name">
        <strong dir="auto">{known.name}</strong>
        <span class="path" dir="ltr">
          {known.id.slice(0, 12)}…
        </span>
        {known.replaces && <span class="where">{words.keys.replaced}</span>}
        <LimitsLine limits={known.limits} />
      </td>
      <td data-label={words.keys.state}>
        <span class={`mark ${standing === "active" ? "indexed" : "leaving"}`}>
          <Icon name={standing === "active" ? "indexed" : "close"} />
          {words.keys[standing]}
        </span>{" "}
        <span class="kind">{words.keys.kinds[known.kind]}</span>
      </td>
      <td data-label={known.kind === "widget" ? words.keys.origins : words.keys.scopes}>
        <span class="labels">
          {rights.map((right) => (
            <span key={right} class="label" dir="ltr">
              {right}
            </span>
          ))}
        </span>
      </td>
      <td data-label={words.keys.used}>
        {known.used === null ? words.frame.never : <Time seconds={known.used} />}
      </td>
      <td data-label={words.keys.ends}>
        {known.expires === null ? words.frame.never : <Time seconds={known.expires} />}
      </td>
      <td class="last">
        {isActive(known) && (
          <span class="actions">
            <button type="button" onClick={() => onRotate(known)}>
              {words.keys.rotate}
              <span class="unseen">{known.name}</span>
            </button>
            <button type="button" class="danger" onClick={() => onRevoke(known)}>
              {words.keys.revoke}
              <span class="unseen">{known.name}</span>
            </button>
          </span>
        )}
      </td>
    </tr>
  );
}

function LimitsLine({ limits }: { limits: Limits }) {
  const { words, formats } = useDesk();
  const set = (Object.keys(words.keys.limit) as (keyof Limits)[]).filter(
    (name) => (limits[name] ?? 0) > 0,
  );
  if (!set.length) return null;
  const told = set.map(
    (name) => `${words.keys.limit[name]}: ${formats.number(limits[name] ?? 0, 2)}`,
  );
  return <span class="where">{told.join(" · ")}</span>;
}
