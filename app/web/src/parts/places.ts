// Where a source stands, in words and as an address. Pure.

import type { Place } from "../service/types";
import type { ChatWords } from "../words";

/** The way to a place within its document, without the document's own title. */
export function pathOf(place: Pick<Place, "title" | "heading_path">): string {
  const [first, ...rest] = place.heading_path;
  return (first === place.title ? rest : place.heading_path).join(" › ");
}

/** Title, way and page of a place, on one line. */
export function lineOf(place: Place, words: ChatWords): string {
  const path = pathOf(place);
  const page = place.page === null ? "" : ` (${words.page(place.page)})`;
  return `${place.title}${path ? ` › ${path}` : ""}${page}`;
}

/** The route of the service that opens a place: never another one, never another host. */
export function routeOf(place: Pick<Place, "id" | "url">): string {
  const found = URL.canParse(place.url) ? new URL(place.url) : null;
  const span = new URLSearchParams();
  for (const name of ["start", "end"]) {
    const value = found?.searchParams.get(name) ?? "";
    if (/^\d{1,12}$/.test(value)) span.set(name, value);
  }
  const query = span.size ? `?${span}` : "";
  return `/v1/sources/${encodeURIComponent(place.id)}${query}`;
}

/** The address of an original that may be followed: whole, http or https; else "". */
export function originalOf(url: string): string {
  if (!URL.canParse(url)) return "";
  return ["https:", "http:"].includes(new URL(url).protocol) ? url : "";
}
