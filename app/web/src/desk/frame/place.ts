// Which section is shown, by the address: `#answer?q=How do I reset the hub?`.

import { useEffect, useState } from "preact/hooks";

export const SECTIONS = [
  "documents",
  "answer",
  "insights",
  "editions",
  "keys",
] as const;

export type Section = (typeof SECTIONS)[number];

export interface Place {
  section: Section;
  /** A question that the answer's section shall open with, or "". */
  question: string;
}

export function placeOf(hash: string): Place {
  // A question typed into the address may hold a question mark of its own.
  const [name, ...rest] = hash.replace(/^#/, "").split("?");
  const section = SECTIONS.find((one) => one === name) ?? "documents";
  return { section, question: new URLSearchParams(rest.join("?")).get("q") ?? "" };
}

/** Return the address at which the road of a question is shown. */
export function roadOf(question: string): string {
  return `#answer?${new URLSearchParams({ q: question })}`;
}

export function usePlace(): Place {
  const [place, setPlace] = useState(() => placeOf(location.hash));
  useEffect(() => {
    const follow = () => setPlace(placeOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return place;
}
