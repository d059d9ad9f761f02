// Puts a text where it can be pasted from.

import { copied } from "../../parts/copying";
import { useDesk } from "./desk_context";
import { Icon } from "./Icon";

export function CopyButton({ text, label }: { text: () => string; label?: string }) {
  const { words, say } = useDesk();
  const copy = async () => {
    const isCopied = await copied(text());
    say(isCopied ? words.frame.copied : words.frame.copyFailed);
  };
  return (
    <button type="button" onClick={copy}>
      <Icon name="copy" />
      {label ?? words.frame.copy}
    </button>
  );
}
