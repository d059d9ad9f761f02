import type { Source } from "../service/types";
import type { ChatWords } from "../words";
import { pathOf } from "./places";

interface Props {
  sources: readonly Source[];
  /** The answer, whose markers tell what it stands on. */
  text: string;
  words: ChatWords;
  onOpen: (source: Source) => void;
}

/** The sources that an answer cites, each of them to be opened. */
export function SourceChips({ sources, text, words, onOpen }: Props) {
  const cited = citedIn(text, sources);
  if (!cited.length) return null;
  return (
    <ul class="chips" aria-label={words.sources}>
      {cited.map((source) => (
        <li key={source.number}>
          <button type="button" class="chip" onClick={() => onOpen(source)}>
            <span class="chip-number">{source.number}</span>
            <span class="chip-title" dir="auto">
              {source.title}
            </span>
            <Where source={source} words={words} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function Where({ source, words }: { source: Source; words: ChatWords }) {
  const path = pathOf(source).split(" › ").at(-1);
  const said = [path, source.page === null ? "" : words.page(source.page)];
  const where = said.filter(Boolean).join(", ");
  return where ? (
    <span class="chip-where" dir="auto">
      {where}
    </span>
  ) : null;
}

/** Return the sources that markers of `text` name, in the order of their numbers. */
export function citedIn(text: string, sources: readonly Source[]): Source[] {
  const numbers = new Set(
    [...text.matchAll(/\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g)].flatMap((found) =>
      (found[1] ?? "").split(",").map(Number),
    ),
  );
  return sources.filter((source) => numbers.has(source.number));
}
