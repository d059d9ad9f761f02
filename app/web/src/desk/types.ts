// What the service answers about documents, runs, editions, keys and roads, as far as the
// desk reads it. Names are those of its API; times are seconds since the epoch.

import type { Source } from "../service/types";

export const STATES = ["indexed", "failed", "waiting", "leaving"] as const;
export type DocumentState = (typeof STATES)[number];

export interface KeptDocument {
  id: string;
  path: string;
  title: string;
  state: DocumentState;
  chunks: number;
  bytes: number | null;
  changed: number | null;
  indexed: number | null;
  language: string;
  labels: string[];
  /** Why it failed, or what it waits for. */
  reason: string;
  warnings: string[];
  /** Something of it answers questions now. */
  answers?: boolean;
  /** The run that takes it in or out. */
  ingest?: string | null;
}

export interface Folder {
  writable: boolean;
  reason: string;
  max_bytes?: number;
  /** Days for which what is deleted or replaced is kept; 0: not at all. */
  trash_days?: number;
  /** Ends of names of what is read, such as ".md". */
  endings?: string[];
}

export interface DocumentList {
  data: KeptDocument[];
  last_id: string | null;
  has_more: boolean;
  counts: Partial<Record<DocumentState, number>>;
  folder: Folder;
}

export interface Told {
  path: string;
  reason: string;
}

export interface Report {
  added: number;
  edited: number;
  moved: number;
  removed: number;
  kept: number;
  unchanged: number;
  chunks: number;
  seconds: number;
  failures: Told[];
  skipped: Told[];
  warnings: Told[];
  /** Entries that are about documents this key may not see. */
  hidden?: number;
  edition: string;
}

export interface Run {
  id: string;
  state: "waiting" | "running" | "done" | "failed" | "stopped";
  by?: "service" | "command";
  created?: number;
  started: number | null;
  finished: number | null;
  done: number;
  of: number;
  stage: "" | "reading" | "embedding" | "publishing";
  current: string;
  report: Report | null;
  reason: string;
}

export interface Edition {
  name: string;
  created: number;
  documents: number | null;
  chunks: number | null;
  current: boolean;
  model: string;
}

export interface EditionList {
  data: Edition[];
  restorable?: boolean;
  reason?: string;
}

export interface Limits {
  requests_per_minute?: number;
  tokens_per_minute?: number;
  tokens_per_day?: number;
  money_per_day?: number;
  streams?: number;
}

export interface Key {
  id: string;
  name: string;
  kind: "secret" | "widget";
  scopes: string[];
  labels: string[];
  origins: string[];
  limits: Limits;
  created: number;
  expires: number | null;
  revoked: number | null;
  used: number | null;
  replaces: string | null;
}

export interface MadeKey extends Key {
  /** What its holder shows; it is told this once. */
  key: string;
}

export interface Ranked {
  rank: number;
  score: number;
}

export type Ranking = "keyword" | "dense" | "fused" | "rerank";

export interface Candidate extends Partial<Record<Ranking, Ranked | null>> {
  id: string;
  title: string;
  path: string;
  heading_path: string[];
  page: number | null;
  snippet: string;
  /** Its number in the prompt. */
  offered: number | null;
  /** Why it was not offered, or "". */
  why: string;
}

export interface PromptMessage {
  role: string;
  content: string;
  tokens: number;
}

export interface PromptSource {
  number: number;
  id: string;
  title: string;
  tokens: number;
}

export interface Prompt {
  model: string;
  window: number;
  tokens: number;
  /** Messages of the conversation that did not fit. */
  left_out?: number;
  messages: PromptMessage[];
  sources: PromptSource[];
}

export interface Stage {
  name: string;
  /** Milliseconds since the request began. */
  start: number;
  duration: number;
}

export interface ExplainedAnswer {
  content: string;
  sources: Source[];
  finish_reason: string | null;
  usage: { prompt_tokens: number; completion_tokens: number } | null;
}

export interface Explanation {
  queries: string[];
  edition: string;
  confidence: number | null;
  least_confidence: number | null;
  answered: boolean | null;
  degraded: string | null;
  signals?: Record<string, number>;
  candidates: Candidate[];
  prompt: Prompt | null;
  stages: Stage[];
  answer: ExplainedAnswer | null;
}

export interface Nearest {
  path: string;
  title: string;
  similarity: number | null;
}

export interface Topic {
  question: string;
  count: number;
  unanswered: number;
  down_voted: number;
  last_asked: number;
  examples: { id: string; question: string; asked: number; comment?: string }[];
  nearest: Nearest | null;
}

export interface Day {
  day: string;
  questions: number;
  refused: number;
  failed: number;
  refusal_rate: number | null;
  p50: number | null;
  p95: number | null;
  tokens: number;
  cost: number | null;
  up: number;
  down: number;
}

export interface Insights {
  days: number;
  total: Day;
  topics: Topic[];
  topics_total: number;
  unrecorded: number;
  left_out: number;
  documents: {
    total: number;
    most_used: { path: string; answers: number }[];
    never_used: string[];
    never_used_total: number;
    elsewhere: number;
  };
  by_day: Day[];
}
