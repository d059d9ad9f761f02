// What a person is handed: the question, what was tried, what was found, what was said.
// Pure.

import type { Exchange } from "../conversation/conversation";
import type { ChatWords } from "../words";
import { lineOf } from "./places";

/** Longest packet, in characters: mail programs cut addresses that are longer. */
const LONGEST = 1500;
const LONGEST_ANSWER = 400;

/** Write the packet of the last of these exchanges, the newest of the rest first to go. */
export function packetOf(exchanges: readonly Exchange[], words: ChatWords): string {
  const last = exchanges.at(-1);
  if (!last) return "";
  const { queries = [], nearest } = last.answer.rag;
  const found = nearest ?? last.answer.sources.slice(0, 3);
  const parts = [
    part(words.packetQuestion, [last.question]),
    part(
      words.packetTried,
      queries.filter((query) => query !== last.question),
    ),
    part(
      words.packetSources,
      found.map((place) => `- ${lineOf(place, words)}`),
    ),
  ];
  const head = parts.filter(Boolean).join("\n\n");
  return bounded(head + transcript(exchanges, words, LONGEST - head.length), LONGEST);
}

function part(title: string, lines: readonly string[]): string {
  return lines.length ? `${title}:\n${lines.join("\n")}` : "";
}

/** Write what was said, as much of its end as there is room for. */
function transcript(
  exchanges: readonly Exchange[],
  words: ChatWords,
  room: number,
): string {
  const title = `\n\n${words.packetTranscript}:\n`;
  let kept = "";
  // What was not answered is told above.
  const isOpen = exchanges.at(-1)?.answer.rag.answered === false;
  const told = isOpen ? exchanges.slice(0, -1) : exchanges;
  for (const { question, answer } of told.toReversed()) {
    const said = bounded(answer.content, LONGEST_ANSWER);
    const turn = `> ${question}\n${said}\n\n`;
    if (title.length + turn.length + kept.length > room) break;
    kept = turn + kept;
  }
  return kept ? title + kept.trimEnd() : "";
}

function bounded(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 1).trimEnd()}…` : text;
}

/** Where a person is reached, with what they are told; "" if that is no such address. */
export function handoffAddress(
  setting: string,
  told: { question: string; packet: string; subject: string },
): string {
  const filled = setting
    .replaceAll("{question}", encodeURIComponent(bounded(told.question, 300)))
    .replaceAll("{packet}", encodeURIComponent(told.packet));
  if (!URL.canParse(filled)) return "";
  const { protocol } = new URL(filled);
  if (protocol === "https:") return filled;
  if (protocol !== "mailto:") return "";
  const subject = `${told.subject}: ${bounded(told.question, 100)}`;
  const [to, query = ""] = filled.split("?", 2);
  const fields = new URLSearchParams(query);
  if (!fields.has("subject")) fields.set("subject", subject);
  if (!fields.has("body")) fields.set("body", told.packet);
  // Mail programs read a plus as a plus.
  return `${to}?${fields.toString().replaceAll("+", "%20")}`;
}

/** Whether an address takes the packet along, so that nothing need be pasted. */
export function takesPacket(setting: string): boolean {
  return setting.startsWith("mailto:") || setting.includes("{packet}");
}
