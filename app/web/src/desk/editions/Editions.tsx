// The section of editions: what answered when, and the way back.

import { useState } from "preact/hooks";
import type { Failure } from "../../service/failure";
import type { DeskWords } from "../../words/desk";
import { Confirm } from "../frame/Dialog";
import { useDesk } from "../frame/desk_context";
import { Heading } from "../frame/Heading";
import { Icon } from "../frame/Icon";
import { Time } from "../frame/Time";
import { isForbidden, Trouble, Unavailable } from "../frame/Trouble";
import { useAction } from "../frame/use_action";
import { useLoad } from "../frame/use_load";
import type { Edition, EditionList } from "../types";

export function Editions() {
  const { words, service, say } = useDesk();
  const { value, failure, isLoading, again } = useLoad(
    (signal) => service.call<EditionList>("/v1/editions", { signal }),
    [],
  );
  const [wanted, setWanted] = useState<Edition | null>(null);
  if (isForbidden(failure)) {
    return (
      <>
        <Heading section="editions" />
        <Unavailable failure={failure} scopes="insights, ingest" />
      </>
    );
  }
  const editions = value?.data ?? [];
  const current = editions.find((one) => one.current) ?? null;
  const isRestorable = value?.restorable !== false;
  return (
    <>
      <Heading section="editions" />
      {failure && <Trouble failure={failure} onAgain={again} />}
      {!value && isLoading && <p class="loading">{words.frame.loading}</p>}
      {value && !isRestorable && (
        <p class="notice">
          <Icon name="info" />
          <span>
            <strong>{words.editions.refused}.</strong>{" "}
            <span dir="auto">{value.reason}</span>
          </span>
        </p>
      )}
      {value && editions.length === 0 && (
        <p class="notice">
          <Icon name="info" />
          {words.editions.none}
        </p>
      )}
      {editions.length === 1 && isRestorable && (
        <p class="notice">
          <Icon name="info" />
          {words.editions.only}
        </p>
      )}
      <ol class="editions" aria-label={words.editions.list}>
        {editions.map((edition) => (
          <li key={edition.name} class={edition.current ? "panel current" : "panel"}>
            <OneEdition
              edition={edition}
              onRestore={
                isRestorable && !edition.current ? () => setWanted(edition) : null
              }
            />
          </li>
        ))}
      </ol>
      {wanted && (
        <Restoring
          wanted={wanted}
          current={current}
          onRestored={() => {
            setWanted(null);
            say(words.editions.restored(wanted.name));
            again();
          }}
          onClose={() => setWanted(null)}
        />
      )}
    </>
  );
}

function OneEdition({
  edition,
  onRestore,
}: {
  edition: Edition;
  onRestore: (() => void) | null;
}) {
  const { words } = useDesk();
  return (
    <>
      <div>
        <h2>
          {edition.name}
          {edition.current && (
            <span class="mark indexed">
              <Icon name="indexed" />
              {words.editions.current}
            </span>
          )}
        </h2>
        <p class="faint">
          <Time seconds={edition.created} />
          {edition.model && <span dir="auto"> · {edition.model}</span>}
        </p>
      </div>
      <Counts edition={edition} />
      {onRestore && (
        <button type="button" onClick={onRestore}>
          <Icon name="editions" />
          {words.editions.restore}
          <span class="unseen">{edition.name}</span>
        </button>
      )}
    </>
  );
}

function Counts({ edition }: { edition: Edition }) {
  const { words, formats } = useDesk();
  const shown = (count: number | null) =>
    count === null ? words.editions.unknown : formats.number(count);
  return (
    <dl class="counts">
      <div>
        <dt>{words.editions.documents}</dt>
        <dd>{shown(edition.documents)}</dd>
      </div>
      <div>
        <dt>{words.editions.chunks}</dt>
        <dd>{shown(edition.chunks)}</dd>
      </div>
    </dl>
  );
}

interface Given {
  wanted: Edition;
  current: Edition | null;
  onRestored: () => void;
  onClose: () => void;
}

function Restoring({ wanted, current, onRestored, onClose }: Given) {
  const { words, service } = useDesk();
  const { isRunning, failure, run } = useAction();
  const restore = () =>
    run(async () => {
      const path = `/v1/editions/${encodeURIComponent(wanted.name)}/restore`;
      await service.call<Edition>(path, { method: "POST", body: {} });
      onRestored();
    });
  return (
    <Confirm
      title={words.editions.restoreTitle(wanted.name)}
      yes={words.editions.restore}
      isRunning={isRunning}
      failure={failure && inWords(failure, words)}
      scopes="ingest"
      onYes={restore}
      onClose={onClose}
    >
      <p>{words.editions.restoreLead}</p>
      <div class="change">
        {current && (
          <section>
            <h3>
              {words.editions.now}: {current.name}
            </h3>
            <Counts edition={current} />
          </section>
        )}
        <Icon name="next" />
        <section>
          <h3>
            {words.editions.after}: {wanted.name}
          </h3>
          <Counts edition={wanted} />
        </section>
      </div>
    </Confirm>
  );
}

/** Put the two refusals that only happen here into words. */
function inWords(failure: Failure, { editions }: DeskWords): Failure {
  if (failure.code === "index_is_shared") failure.message = editions.shared;
  if (failure.code === "index_busy") failure.message = editions.busy;
  return failure;
}
