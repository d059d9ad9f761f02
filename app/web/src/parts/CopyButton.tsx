import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ChatWords } from "../words";
import { copied } from "./copying";
import { Check, Copy } from "./icons";

const SHOWN_MS = 2000;

interface Props {
  words: ChatWords;
  label: string;
  /** Read when the button is pressed. */
  text: () => string;
  icon?: ComponentChildren;
}

/** A button that copies, and says for a moment whether it did. */
export function CopyButton({ words, label, text, icon }: Props) {
  const [said, say] = useState("");
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => say(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async () => say((await copied(text())) ? words.copied : words.notCopied);
  return (
    <button type="button" class="icon-button" onClick={copy} title={label}>
      {said === words.copied ? <Check /> : (icon ?? <Copy />)}
      <span class="unseen" aria-live="polite">
        {said || label}
      </span>
    </button>
  );
}
