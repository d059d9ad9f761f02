import type { ChatWords } from "../words";
import { CopyButton } from "./CopyButton";

interface Props {
  text: string;
  /** As the answer calls it; shown, and used for nothing else. */
  language: string;
  words: ChatWords;
}

/** Code as it stands, with a way to take it along. */
export function CodeBlock({ text, language, words }: Props) {
  return (
    <figure class="code">
      <figcaption>
        <span>{language.slice(0, 40)}</span>
        <CopyButton words={words} label={words.copyCode} text={() => text} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide code is scrolled with the keyboard */}
      <pre tabIndex={0} dir="ltr">
        <code>{text}</code>
      </pre>
    </figure>
  );
}
