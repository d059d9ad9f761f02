// Deletes a document, after it was asked for twice.

import { Confirm } from "../frame/Dialog";
import { useDesk } from "../frame/desk_context";
import { useAction } from "../frame/use_action";
import type { KeptDocument } from "../types";
import { addressOf } from "./queue";

interface Given {
  document: KeptDocument;
  /** Days for which the file is kept; 0: not at all. */
  trashDays: number;
  onRemoved: (document: KeptDocument) => void;
  onClose: () => void;
}

export function Removal({ document, trashDays, onRemoved, onClose }: Given) {
  const { words, service } = useDesk();
  const { isRunning, failure, run } = useAction();
  const remove = () =>
    run(async () => {
      const path = addressOf(document.path);
      onRemoved(await service.call<KeptDocument>(path, { method: "DELETE" }));
    });
  return (
    <Confirm
      title={words.documents.removeTitle(document.title || document.path)}
      yes={words.documents.remove}
      isDangerous
      isRunning={isRunning}
      failure={failure}
      scopes="ingest"
      onYes={remove}
      onClose={onClose}
    >
      <p class="path" dir="auto">
        {document.path}
      </p>
      <p>{words.documents.removeLead}</p>
      <p>{words.documents.removeTrash(trashDays)}</p>
    </Confirm>
  );
}
