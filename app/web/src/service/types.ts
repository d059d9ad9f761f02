// What the service answers, as far as the pages read it. Names are those of its API.

/** How the page is set up, by `GET /v1/page`. */
export interface PageSettings {
  name: string;
  /** "#rrggbb", or "" for the page's own. */
  colour: string;
  /** Address of a picture, or null. */
  logo: string | null;
  /** What the page says first, or "" for its own words. */
  greeting: string;
  /** Questions to begin with. */
  questions: string[];
  /** ISO 639-1, or "" for the browser's. */
  language: string;
  /** Where a person helps: https: or mailto:, or null. */
  handoff: string | null;
  access: "open" | "keys";
  version: string;
}

/** One hit that was offered to an answer. */
export interface Source extends Place {
  /** What markers in the answer call it, from 1. */
  number: number;
  score: number;
}

/** A document near a question that has no answer. */
export type Nearest = Place;

/** How an answer came. */
export interface Rag {
  answered?: boolean | null;
  confidence?: number | null;
  degraded?: string;
  /** What was searched for. */
  queries?: string[];
  conversation_id?: string;
  /** false where the conversation could not be kept. */
  saved?: boolean;
  follow_ups?: string[];
  nearest?: Nearest[];
}

/** One piece of a streamed answer. */
export interface Chunk {
  id?: string;
  choices?: {
    index: number;
    delta: { content?: string | null };
    finish_reason: string | null;
  }[];
  sources?: Source[];
  rag?: Rag;
  error?: { message: string; code: string | null };
}

/** A document's text around a cited place. */
export interface OpenedSource {
  id: string;
  document: { id: string; path: string; title: string; url: string };
  heading_path: string[];
  page: number | null;
  context: ContextChunk[];
}

/** What a citation or a near document points at. */
export interface Place {
  id: string;
  title: string;
  heading_path: string[];
  page: number | null;
  snippet: string;
  /** Our own address of the place. */
  url: string;
}

export interface ContextChunk {
  id: string;
  heading_path: string[];
  page: number | null;
  text: string;
  cited: boolean;
}

/** A page of things, newest first. */
export interface List<T> {
  object: "list";
  data: T[];
  last_id: string | null;
  has_more: boolean;
}

/** A conversation as it is listed. */
export interface KeptConversation {
  id: string;
  title: string;
  /** Seconds since the epoch. */
  updated: number;
}

/** A message of a kept conversation. */
export interface KeptMessage {
  id: string;
  role: string;
  content: string | { type: string; text?: string }[] | null;
  status: "running" | "complete" | "incomplete" | "failed" | "cancelled";
  error?: string;
  sources?: Source[];
  rag?: Rag;
}
