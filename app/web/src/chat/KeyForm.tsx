import { useEffect, useRef, useState } from "preact/hooks";
import { Key } from "../parts/icons";
import { Failure } from "../service/failure";
import type { TypedKey } from "../service/keys";
import type { Service } from "../service/service";
import type { ChatWords } from "../words";

interface Props {
  typed: TypedKey;
  service: Service;
  words: ChatWords;
  /** Whether a key was shown and refused. */
  isRefused: boolean;
  onAccepted: () => void;
}

/** Asks for a key, and tries it before anything else is done with it. */
export function KeyForm({ typed, service, words, onAccepted, ...props }: Props) {
  const [isRefused, setRefused] = useState(props.isRefused);
  const [isTrying, setTrying] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const use = async () => {
    const key = field.current?.value.trim();
    if (!key || isTrying) return;
    setTrying(true);
    typed.set(key);
    const accepted = await isAccepted(service);
    setTrying(false);
    setRefused(!accepted);
    if (accepted) onAccepted();
    else field.current?.select();
  };
  return (
    <form
      class="key-form"
      onSubmit={(event) => {
        event.preventDefault();
        void use();
      }}
    >
      <h2>
        <Key />
        {words.keyTitle}
      </h2>
      <p class="faint" id="key-hint">
        {words.keyHint}
      </p>
      <label for="key">{words.key}</label>
      <div class="row">
        <input
          ref={field}
          id="key"
          type="password"
          dir="ltr"
          autocomplete="off"
          spellcheck={false}
          required
          aria-describedby="key-hint key-refused"
          aria-invalid={isRefused}
        />
        <button type="submit" class="button strong" disabled={isTrying}>
          {words.useKey}
        </button>
      </div>
      <p class="bad" id="key-refused" role="alert">
        {isRefused && words.failures.keyRefused}
      </p>
    </form>
  );
}

/** Whether the service knows the key; whatever else is wrong is told when it matters. */
async function isAccepted(service: Service): Promise<boolean> {
  try {
    await service.reply("/v1/models");
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.status !== 401;
  }
}
