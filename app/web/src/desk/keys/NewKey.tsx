// The form for a new key. What was typed stays when the service refuses it.

import { useId, useState } from "preact/hooks";
import { Dialog } from "../frame/Dialog";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { Trouble } from "../frame/Trouble";
import { useAction } from "../frame/use_action";
import type { Key, Limits, MadeKey } from "../types";

interface Given {
  /** Whether it closes a service that was open until now. */
  isFirst: boolean;
  onMade: (key: MadeKey) => void;
  onClose: () => void;
}

const USUAL = ["chat", "retrieve", "conversations", "feedback"];
const OF_A_DESK = ["insights", "ingest", "admin", "retrieve"];

interface Typed {
  name: string;
  kind: Key["kind"];
  scopes: string[];
  labels: string;
  origins: string;
  limits: Partial<Record<keyof Limits, string>>;
  expiry: string;
}

export function NewKey({ isFirst, onMade, onClose }: Given) {
  const { words, service } = useDesk();
  const { isRunning, failure, run } = useAction();
  const id = useId();
  const [typed, setTyped] = useState<Typed>({
    name: "",
    kind: "secret",
    scopes: isFirst ? OF_A_DESK : USUAL,
    labels: "",
    origins: "",
    limits: {},
    expiry: "never",
  });
  const change = (changes: Partial<Typed>) => setTyped({ ...typed, ...changes });
  const submit = (event: Event) => {
    event.preventDefault();
    void run(async () => {
      const body = bodyOf(typed);
      onMade(await service.call<MadeKey>("/v1/keys", { method: "POST", body }));
    });
  };
  const isWidget = typed.kind === "widget";
  return (
    <Dialog title={words.keys.create} kind="drawer" onClose={onClose}>
      <form onSubmit={submit}>
        {isFirst && (
          <p class="notice">
            <Icon name="failed" />
            {words.keys.first}
          </p>
        )}
        <label for={`${id}-name`}>{words.keys.name}</label>
        <input
          id={`${id}-name`}
          dir="auto"
          required
          maxLength={200}
          value={typed.name}
          aria-describedby={`${id}-name-hint`}
          onInput={(event) => change({ name: event.currentTarget.value })}
        />
        <p id={`${id}-name-hint`} class="hint">
          {words.keys.nameHint}
        </p>
        <fieldset>
          <legend>{words.keys.kind}</legend>
          {(["secret", "widget"] as const).map((kind) => (
            <label key={kind} class="choice">
              <input
                type="radio"
                name={`${id}-kind`}
                checked={typed.kind === kind}
                onChange={() => change({ kind })}
              />
              <span>
                <strong>{words.keys.kinds[kind]}</strong>
                <small>{words.keys.kindHints[kind]}</small>
              </span>
            </label>
          ))}
        </fieldset>
        {isWidget ? (
          <>
            <label for={`${id}-origins`}>{words.keys.origins}</label>
            <textarea
              id={`${id}-origins`}
              dir="ltr"
              rows={3}
              required
              value={typed.origins}
              aria-describedby={`${id}-origins-hint`}
              onInput={(event) => change({ origins: event.currentTarget.value })}
            />
            <p id={`${id}-origins-hint`} class="hint">
              {words.keys.originsHint}
            </p>
          </>
        ) : (
          <Scopes scopes={typed.scopes} onChange={(scopes) => change({ scopes })} />
        )}
        <label for={`${id}-labels`}>{words.keys.labels}</label>
        <input
          id={`${id}-labels`}
          dir="auto"
          value={typed.labels}
          aria-describedby={`${id}-labels-hint`}
          onInput={(event) => change({ labels: event.currentTarget.value })}
        />
        <p id={`${id}-labels-hint`} class="hint">
          {words.keys.labelsHint}
        </p>
        <label for={`${id}-expiry`}>{words.keys.expiry}</label>
        <select
          id={`${id}-expiry`}
          value={typed.expiry}
          onChange={(event) => change({ expiry: event.currentTarget.value })}
        >
          {Object.entries(words.keys.expiries)
            .sort(([a], [b]) => (Number(a) || 0) - (Number(b) || 0))
            .map(([days, label]) => (
              <option key={days} value={days}>
                {label}
              </option>
            ))}
        </select>
        <details>
          <summary>{words.keys.limits}</summary>
          <p class="hint">{words.keys.limitsHint}</p>
          {(Object.keys(words.keys.limit) as (keyof Limits)[]).map((name) => (
            <label key={name} class="beside">
              {words.keys.limit[name]}
              <input
                type="number"
                min={0}
                step={name === "money_per_day" ? "any" : 1}
                value={typed.limits[name] ?? ""}
                onInput={(event) =>
                  change({
                    limits: { ...typed.limits, [name]: event.currentTarget.value },
                  })
                }
              />
            </label>
          ))}
        </details>
        {failure && <Trouble failure={failure} scopes="admin" />}
        <footer>
          <button type="button" onClick={onClose}>
            {words.frame.cancel}
          </button>
          <button type="submit" class="main" disabled={isRunning}>
            {isRunning ? words.keys.making : words.keys.make}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}

function Scopes({
  scopes,
  onChange,
}: {
  scopes: readonly string[];
  onChange: (scopes: string[]) => void;
}) {
  const { words } = useDesk();
  return (
    <fieldset>
      <legend>{words.keys.scopes}</legend>
      {Object.entries(words.keys.scopeHints).map(([scope, hint]) => (
        <label key={scope} class="choice">
          <input
            type="checkbox"
            checked={scopes.includes(scope)}
            onChange={(event) =>
              onChange(
                event.currentTarget.checked
                  ? [...scopes, scope]
                  : scopes.filter((one) => one !== scope),
              )
            }
          />
          <span>
            <code>{scope}</code>
            <small>{hint}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function bodyOf({
  name,
  kind,
  scopes,
  labels,
  origins,
  limits,
  expiry,
}: Typed): object {
  const words = (text: string, between: RegExp) =>
    text
      .split(between)
      .map((word) => word.trim())
      .filter(Boolean);
  const set = Object.entries(limits).filter(([, value]) => Number(value) > 0);
  return {
    name: name.trim(),
    kind,
    scopes: kind === "widget" ? [] : scopes,
    labels: words(labels, /,/),
    origins: kind === "widget" ? words(origins, /[\s,]+/) : [],
    limits: Object.fromEntries(set.map(([limit, value]) => [limit, Number(value)])),
    expires_in_days: Number(expiry) || null,
  };
}
