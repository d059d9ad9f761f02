// The section of keys: who may ask, and what is done about it.

import { useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Heading } from "../frame/Heading";
import { Icon } from "../frame/Icon";
import { isForbidden, Trouble, Unavailable } from "../frame/Trouble";
import { useLoad } from "../frame/use_load";
import type { Key, MadeKey } from "../types";
import { Revoking, Rotating } from "./Changing";
import { KeyLines } from "./KeyLines";
import { MadeNow } from "./MadeNow";
import { NewKey } from "./NewKey";
import { isActive } from "./standing";

type Doing =
  | { kind: "nothing" }
  | { kind: "new" }
  | { kind: "made"; key: MadeKey }
  | { kind: "rotate" | "revoke"; key: Key };

export function Keys() {
  const { words, formats, service, say } = useDesk();
  const { value, failure, isLoading, again } = useLoad(
    (signal) => service.call<{ data: Key[] }>("/v1/keys", { signal }),
    [],
  );
  const [doing, setDoing] = useState<Doing>({ kind: "nothing" });
  const [showsEnded, setShowsEnded] = useState(false);
  if (isForbidden(failure)) {
    return (
      <>
        <Heading section="keys" />
        <Unavailable failure={failure} scopes="admin" />
      </>
    );
  }
  const keys = value?.data ?? [];
  const active = keys.filter(isActive);
  const ended = keys.length - active.length;
  const close = () => setDoing({ kind: "nothing" });
  const made = (key: MadeKey) => {
    setDoing({ kind: "made", key });
    // The first key closes the service to this page: the list is read once it has one.
    if (keys.length) again();
  };
  return (
    <>
      <Heading section="keys">
        <button type="button" class="main" onClick={() => setDoing({ kind: "new" })}>
          <Icon name="plus" />
          {words.keys.create}
        </button>
      </Heading>
      {failure && <Trouble failure={failure} scopes="admin" onAgain={again} />}
      {!value && isLoading && <p class="loading">{words.frame.loading}</p>}
      {value && !keys.length && (
        <div class="empty">
          <Icon name="keys" />
          <h2>{words.keys.none}</h2>
          <p>{words.keys.noneNext}</p>
        </div>
      )}
      {ended > 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={showsEnded}
            onChange={(event) => setShowsEnded(event.currentTarget.checked)}
          />
          {words.keys.showEnded(formats.number(ended))}
        </label>
      )}
      {keys.length > 0 && (
        <KeyLines
          keys={showsEnded ? keys : active}
          onRotate={(key) => setDoing({ kind: "rotate", key })}
          onRevoke={(key) => setDoing({ kind: "revoke", key })}
        />
      )}
      {doing.kind === "new" && (
        <NewKey
          isFirst={value !== null && !keys.length}
          onMade={made}
          onClose={close}
        />
      )}
      {doing.kind === "made" && <MadeNow made={doing.key} onClose={close} />}
      {doing.kind === "rotate" && (
        <Rotating known={doing.key} onMade={made} onClose={close} />
      )}
      {doing.kind === "revoke" && (
        <Revoking
          known={doing.key}
          onRevoked={() => {
            close();
            again();
            say(words.keys.revokedNow(doing.key.name));
          }}
          onClose={close}
        />
      )}
    </>
  );
}
