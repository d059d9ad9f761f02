import { useCallback } from "preact/hooks";
import { Markdown } from "../markdown/Markdown";
import type { Source } from "../service/types";
import type { ChatWords } from "../words";
import { Citation } from "./Citation";
import { CodeBlock } from "./CodeBlock";

interface Props {
  text: string;
  sources: readonly Source[];
  /** Whether more is to come: sources come with the last piece. */
  isWriting: boolean;
  words: ChatWords;
  /** Must stay the same function while the text grows. */
  onOpen: (source: Source) => void;
}

/** An answer with its citations. */
export function AnswerText({ text, sources, isWriting, words, onOpen }: Props) {
  const cite = useCallback(
    (number: number) => {
      const source = sources.find((one) => one.number === number);
      if (source) return <Citation {...{ number, source, words, onOpen }} />;
      return isWriting ? <span class="cite">{number}</span> : null;
    },
    [sources, isWriting, words, onOpen],
  );
  const code = useCallback(
    (written: string, language: string) => (
      <CodeBlock text={written} language={language} words={words} />
    ),
    [words],
  );
  return (
    <div class="text">
      <Markdown text={text} cite={cite} code={code} isGrowing={isWriting} />
    </div>
  );
}
