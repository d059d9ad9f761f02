// The documents, a line each; on a phone each is a card.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { Time } from "../frame/Time";
import type { KeptDocument } from "../types";
import { Labels, StateMark } from "./StateMark";

interface Given {
  documents: readonly KeptDocument[];
  isNarrowed: boolean;
  mayRemove: boolean;
  onOpen: (document: KeptDocument) => void;
  onRemove: (document: KeptDocument) => void;
  onClear: () => void;
}

export function Table({ documents, isNarrowed, onClear, ...given }: Given) {
  const { words } = useDesk();
  const { columns } = words.documents;
  if (!documents.length) {
    return (
      <div class="empty">
        <Icon name={isNarrowed ? "search" : "documents"} />
        <h2>{isNarrowed ? words.documents.noMatch : words.documents.none}</h2>
        <p>{isNarrowed ? words.documents.noMatchNext : words.documents.noneNext}</p>
        {isNarrowed && (
          <button type="button" onClick={onClear}>
            {words.documents.clear}
          </button>
        )}
      </div>
    );
  }
  return (
    <table class="cards documents">
      <caption class="unseen">{words.documents.list}</caption>
      <thead>
        <tr>
          <th scope="col">{columns.title}</th>
          <th scope="col">{columns.state}</th>
          <th scope="col" class="number">
            {columns.chunks}
          </th>
          <th scope="col" class="number">
            {columns.size}
          </th>
          <th scope="col">{columns.changed}</th>
          <th scope="col">{columns.labels}</th>
          <th scope="col">
            <span class="unseen">{columns.actions}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {documents.map((document) => (
          <Line key={document.path} document={document} {...given} />
        ))}
      </tbody>
    </table>
  );
}

function Line({
  document,
  mayRemove,
  onOpen,
  onRemove,
}: { document: KeptDocument } & Pick<Given, "mayRemove" | "onOpen" | "onRemove">) {
  const { words, formats } = useDesk();
  const { columns } = words.documents;
  const name = document.title || document.path.split("/").at(-1) || document.path;
  const hasOlder = document.answers && document.state !== "indexed";
  return (
    <tr>
      <td class="name">
        <button type="button" class="link" dir="auto" onClick={() => onOpen(document)}>
          {name}
        </button>
        <span class="path" dir="auto">
          {document.path}
        </span>
        {document.reason && (
          <span
            class={document.state === "failed" ? "reason bad" : "reason"}
            dir="auto"
          >
            {document.reason}
          </span>
        )}
        {hasOlder && document.state !== "leaving" && (
          <span class="reason">{words.documents.oldAnswers}</span>
        )}
      </td>
      <td class="state" data-label={columns.state}>
        <StateMark state={document.state} />
      </td>
      <td class="number chunks" data-label={columns.chunks}>
        {formats.number(document.chunks)}
      </td>
      <td class="number" data-label={columns.size}>
        {document.bytes === null ? "–" : formats.bytes(document.bytes)}
      </td>
      <td class="changed" data-label={columns.changed}>
        {document.changed === null ? "–" : <Time seconds={document.changed} />}
      </td>
      <td class="marked" data-label={columns.labels}>
        <Labels labels={document.labels} />
      </td>
      <td class="last">
        {mayRemove && document.state !== "leaving" && (
          <button
            type="button"
            class="bare"
            aria-label={`${words.documents.remove}: ${document.path}`}
            title={words.documents.remove}
            onClick={() => onRemove(document)}
          >
            <Icon name="leaving" />
          </button>
        )}
      </td>
    </tr>
  );
}
