import type { ComponentChildren } from "preact";
import type { Place } from "../service/types";
import type { ChatWords } from "../words";
import { Page, Unknown } from "./icons";
import { pathOf } from "./places";

interface Props {
  /** What the service said itself, without its own list of documents. */
  said: string;
  nearest: readonly Place[];
  words: ChatWords;
  onOpen: (place: Place) => void;
  /** The way to a person. */
  children?: ComponentChildren;
}

/** That the documents do not answer: said as such, with what comes nearest. */
export function UnknownCard({ said, nearest, words, onOpen, children }: Props) {
  return (
    <div class="unknown">
      <h3>
        <Unknown />
        {words.unknown}
      </h3>
      {said && <p dir="auto">{said}</p>}
      {nearest.length > 0 && (
        <>
          <p class="faint">{words.nearest}</p>
          <ul class="nearest">
            {nearest.map((place) => (
              <li key={place.id}>
                <button type="button" onClick={() => onOpen(place)}>
                  <Page />
                  <span dir="auto">
                    <span class="nearest-title">{place.title}</span>
                    <span class="nearest-where">
                      {[pathOf(place), place.page && words.page(place.page)]
                        .filter(Boolean)
                        .join(" · ")}
                    </span>
                  </span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
      {children}
    </div>
  );
}

/**
 * Return what an answer that knows nothing says, without the list of near documents at
 * its end: the card draws that list itself.
 */
export function withoutList(text: string): string {
  const lines = text.trimEnd().split("\n");
  let end = lines.length;
  while (end > 0 && /^- .*\[\d{1,3}\]$/.test(lines[end - 1] ?? "")) end -= 1;
  if (end === lines.length) return text;
  const before = lines.slice(0, end).join("\n").trimEnd();
  const paragraphs = before.split("\n\n");
  if (/[:：]$/.test(before)) paragraphs.pop();
  return paragraphs.join("\n\n");
}
