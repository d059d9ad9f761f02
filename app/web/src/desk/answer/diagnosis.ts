// What happened on the road of an answer, in sentences. Pure.

import type { DeskWords } from "../../words/desk";
import type { Formats } from "../frame/formats";
import { named } from "../frame/named";
import type { Candidate, Explanation } from "../types";

/** Sentences that are told at most; more would hide the one that matters. */
const MOST = 4;

/** Reasons for which a passage was missed by the model; the others are harmless. */
const MISSED = new Set(["below the cut", "others first", "no room"]);

/** A confidence this far below the least was close. */
const CLOSE = 0.1;

/** Say in one line how it ended. */
export function verdictOf(
  { answered, candidates, prompt, answer }: Explanation,
  { answer: words }: DeskWords,
  formats: Formats,
): string {
  const offered = candidates.filter((one) => one.offered !== null).length;
  const counts = [formats.number(offered), formats.number(candidates.length)] as const;
  if (answered !== false && (answer || prompt)) {
    return answer
      ? words.verdicts.answered(...counts)
      : words.verdicts.searched(...counts);
  }
  if (!candidates.length) return words.verdicts.nothing;
  return answered === false
    ? words.verdicts.notSure
    : words.verdicts.searched(...counts);
}

/** Say why, the most telling first. */
export function diagnosisOf(
  explanation: Explanation,
  words: DeskWords,
  formats: Formats,
): string[] {
  const { because, degraded } = words.answer;
  const { candidates, answered } = explanation;
  const [first] = ranked(candidates);
  if (!first) return [because.nothing];
  const found: string[] = [];
  if (explanation.degraded) {
    found.push(because.degraded + named(degraded, explanation.degraded));
  }
  if (answered === false) found.push(...ofRefusal(explanation, first, words, formats));
  else found.push(...ofDropped(candidates, words, formats));
  found.push(...ofRanking(first, words, formats));
  found.push(...ofAnswer(explanation, words, formats));
  return found.length ? found.slice(0, MOST) : [because.plain];
}

function ofRefusal(
  { confidence, least_confidence: least }: Explanation,
  first: Candidate,
  words: DeskWords,
  formats: Formats,
): string[] {
  const { because } = words.answer;
  const nearest = because.nearest(nameOf(first));
  if (confidence === null || least === null || confidence >= least) return [nearest];
  const below = because.below(formats.score(confidence), formats.score(least));
  return least - confidence < CLOSE
    ? [below, because.closeBelow, nearest]
    : [below, nearest];
}

/** What ranked high and was still not given to the model. */
function ofDropped(
  candidates: readonly Candidate[],
  words: DeskWords,
  formats: Formats,
): string[] {
  const { because, reasons } = words.answer;
  return ranked(candidates)
    .map((candidate, at) => ({ candidate, rank: at + 1 }))
    .slice(0, 3)
    .filter(({ candidate }) => candidate.offered === null)
    .filter(({ candidate }) => MISSED.has(candidate.why))
    .map(({ candidate, rank }) =>
      because.dropped(
        nameOf(candidate),
        formats.number(rank),
        named(reasons, candidate.why),
      ),
    );
}

function ofRanking(first: Candidate, words: DeskWords, formats: Formats): string[] {
  const { because } = words.answer;
  const told: string[] = [];
  if (first.rerank && first.fused && first.fused.rank > first.rerank.rank) {
    told.push(because.rerank(nameOf(first), formats.number(first.fused.rank)));
  }
  if (first.keyword && !first.dense) told.push(because.onlyKeyword(nameOf(first)));
  if (first.dense && !first.keyword) told.push(because.onlyDense(nameOf(first)));
  return told;
}

function ofAnswer(
  { answer, candidates }: Explanation,
  words: DeskWords,
  formats: Formats,
): string[] {
  const { because } = words.answer;
  if (!answer) return [];
  const told: string[] = [];
  if (answer.finish_reason === "length") told.push(because.cut);
  const cited = new Set(
    [...answer.content.matchAll(/\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]/g)].flatMap((found) =>
      (found[1] ?? "").split(",").map(Number),
    ),
  );
  const uncited = candidates.filter(
    ({ offered }) => offered !== null && !cited.has(offered),
  ).length;
  if (uncited > 0) told.push(because.uncited(formats.number(uncited)));
  return told;
}

/** Candidates in the order that counted. */
export function ranked(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort((a, b) => placeOf(a) - placeOf(b));
}

/** The rank that counted: the reranker's, else the fused one. */
export function placeOf({ rerank, fused }: Candidate): number {
  return rerank?.rank ?? (fused ? 1_000 + fused.rank : 1_000_000);
}

function nameOf({ title, path, heading_path }: Candidate): string {
  const heading = heading_path.at(-1);
  const name = title || path;
  return heading && heading !== name ? `${name} › ${heading}` : name;
}
