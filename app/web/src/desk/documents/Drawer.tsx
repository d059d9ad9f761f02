// One document: what is known of it, and what was read of it.

import type { ComponentChildren } from "preact";
import { Dialog } from "../frame/Dialog";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { Time } from "../frame/Time";
import { isForbidden, Trouble } from "../frame/Trouble";
import { useLoad } from "../frame/use_load";
import type { KeptDocument } from "../types";
import { Labels, StateMark } from "./StateMark";

interface Passage {
  id: string;
  text: string;
  heading_path: string[];
  page: number | null;
  span: [number, number];
}

/** The most that a search gives at once. */
const MOST = 50;

interface Given {
  document: KeptDocument;
  mayRemove: boolean;
  onRemove: () => void;
  onClose: () => void;
}

export function Drawer({ document, mayRemove, onRemove, onClose }: Given) {
  const { words, formats } = useDesk();
  const { documents } = words;
  return (
    <Dialog kind="drawer" title={document.title || document.path} onClose={onClose}>
      <p class="state">
        <StateMark state={document.state} /> {documents.stateHints[document.state]}
      </p>
      {document.reason && (
        <p class="notice bad" dir="auto">
          {document.reason}
        </p>
      )}
      <dl class="facts">
        <Fact name={documents.path} isWhole>
          <span class="path" dir="auto">
            {document.path}
          </span>
        </Fact>
        <Fact name={documents.columns.chunks}>{formats.number(document.chunks)}</Fact>
        {document.bytes !== null && (
          <Fact name={documents.columns.size}>{formats.bytes(document.bytes)}</Fact>
        )}
        {document.changed !== null && (
          <Fact name={documents.columns.changed}>
            <Time seconds={document.changed} />
          </Fact>
        )}
        {document.indexed !== null && (
          <Fact name={documents.indexed}>
            <Time seconds={document.indexed} />
          </Fact>
        )}
        {document.language && (
          <Fact name={documents.language}>{document.language}</Fact>
        )}
        {document.labels.length > 0 && (
          <Fact name={documents.columns.labels}>
            <Labels labels={document.labels} />
          </Fact>
        )}
      </dl>
      {document.warnings.length > 0 && (
        <>
          <h3>{documents.warnings}</h3>
          <ul>
            {document.warnings.map((warning, at) => (
              <li key={at} dir="auto">
                {warning}
              </li>
            ))}
          </ul>
        </>
      )}
      <Passages document={document} />
      {mayRemove && document.state !== "leaving" && (
        <footer>
          <button type="button" class="danger" onClick={onRemove}>
            <Icon name="leaving" />
            {documents.remove}
          </button>
        </footer>
      )}
    </Dialog>
  );
}

function Fact({
  name,
  isWhole = false,
  children,
}: {
  name: string;
  /** Whether it takes a line of its own. */
  isWhole?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={isWhole ? "whole" : ""}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Passages({ document }: { document: KeptDocument }) {
  const { words, formats, service } = useDesk();
  const { value, failure, isLoading, again } = useLoad(
    (signal) =>
      service.call<{ data: Passage[] }>("/v1/search", {
        method: "POST",
        body: {
          query: document.title || document.path,
          limit: MOST,
          filter: { document: [document.id] },
        },
        signal,
      }),
    [document.id],
  );
  const passages = [...(value?.data ?? [])].sort((a, b) => a.span[0] - b.span[0]);
  return (
    <section class="passages">
      <h3>{words.documents.text}</h3>
      {isLoading && !value && <p class="loading">{words.frame.loading}</p>}
      {isForbidden(failure) && <p class="faint">{words.documents.textForbidden}</p>}
      {failure && !isForbidden(failure) && (
        <Trouble failure={failure} onAgain={again} />
      )}
      {value && !passages.length && <p class="faint">{words.documents.textNone}</p>}
      {passages.map(({ id, text, heading_path, page }) => (
        <article key={id}>
          <p class="where" dir="auto">
            {heading_path.join(" › ")}
            {page !== null && ` · ${words.documents.page(formats.number(page))}`}
          </p>
          <p class="text" dir="auto">
            {text}
          </p>
        </article>
      ))}
      {passages.length > 0 && passages.length < document.chunks && (
        <p class="faint">{words.documents.textCut}</p>
      )}
    </section>
  );
}
