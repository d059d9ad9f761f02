// What is done to a key that exists: it is rotated or revoked, after it was asked for twice.

import { useId, useState } from "preact/hooks";
import { Confirm } from "../frame/Dialog";
import { useDesk } from "../frame/desk_context";
import { useAction } from "../frame/use_action";
import type { Key, MadeKey } from "../types";

interface Given {
  known: Key;
  onClose: () => void;
}

export function Rotating({
  known,
  onMade,
  onClose,
}: Given & { onMade: (key: MadeKey) => void }) {
  const { words, service } = useDesk();
  const { isRunning, failure, run } = useAction();
  const [grace, setGrace] = useState("24");
  const id = useId();
  const rotate = () =>
    run(async () => {
      const path = `/v1/keys/${encodeURIComponent(known.id)}/rotate`;
      const body = { grace_hours: Number(grace) };
      onMade(await service.call<MadeKey>(path, { method: "POST", body }));
    });
  return (
    <Confirm
      title={words.keys.rotateTitle(known.name)}
      yes={words.keys.rotate}
      isRunning={isRunning}
      failure={failure}
      scopes="admin"
      onYes={rotate}
      onClose={onClose}
    >
      <p>{words.keys.rotateLead}</p>
      <label for={id}>{words.keys.grace}</label>
      <select
        id={id}
        value={grace}
        onChange={(event) => setGrace(event.currentTarget.value)}
      >
        {Object.entries(words.keys.graces).map(([hours, label]) => (
          <option key={hours} value={hours}>
            {label}
          </option>
        ))}
      </select>
    </Confirm>
  );
}

export function Revoking({
  known,
  onRevoked,
  onClose,
}: Given & { onRevoked: () => void }) {
  const { words, service } = useDesk();
  const { isRunning, failure, run } = useAction();
  const revoke = () =>
    run(async () => {
      const path = `/v1/keys/${encodeURIComponent(known.id)}`;
      await service.call<Key>(path, { method: "DELETE" });
      onRevoked();
    });
  return (
    <Confirm
      title={words.keys.revokeTitle(known.name)}
      yes={words.keys.revoke}
      isDangerous
      isRunning={isRunning}
      failure={failure}
      scopes="admin"
      onYes={revoke}
      onClose={onClose}
    >
      <p>{words.keys.revokeLead}</p>
    </Confirm>
  );
}
