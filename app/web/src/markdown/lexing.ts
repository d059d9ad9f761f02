// Text to blocks, by marked's lexer. No HTML is ever made of them: see Markdown.tsx.

import { Marked, type Token, type Tokens } from "marked";

/** The marker of a citation: `[1]`, or `[1, 2]`. */
export interface CitationToken {
  type: "citation";
  raw: string;
  numbers: number[];
}

const MARKER = /^\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\](?![([])/;

const marked = new Marked({
  gfm: true,
  breaks: true,
  extensions: [
    {
      name: "citation",
      level: "inline",
      start: (source) => source.search(/\[\d/),
      tokenizer(source): CitationToken | undefined {
        const found = source.match(MARKER);
        if (!found?.[1]) return undefined;
        return {
          type: "citation",
          raw: found[0],
          numbers: found[1].split(",").map(Number),
        };
      },
    },
  ],
});

/** Return the blocks of a text. */
export function blocksOf(text: string): Token[] {
  return marked.lexer(text);
}

/** A text that grows at its end: what stands before its last block is read once. */
export class Growing {
  private done: Token[] = [];
  private length = 0;
  private text = "";

  /** Return the blocks of `text`, which begins with the text of the call before. */
  blocksOf(text: string): Token[] {
    if (!text.startsWith(this.text)) {
      this.done = [];
      this.length = 0;
    }
    this.text = text;
    const rest = blocksOf(text.slice(this.length));
    const blocks = [...this.done, ...rest];
    // The last block may go on, and even take the one after it back in: a fence in a list
    // stands alone until it is closed. Blank lines belong to what is before them.
    let last = rest.length;
    for (let seen = 0; last > 0 && seen < 2; ) {
      last -= 1;
      if (rest[last]?.type !== "space") seen += 1;
    }
    const settled = rest.slice(0, last);
    this.done.push(...settled);
    for (const { raw } of settled) this.length += raw.length;
    return blocks;
  }
}

export type { Token, Tokens };
