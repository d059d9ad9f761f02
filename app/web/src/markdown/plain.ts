// Markdown as a person would write it into a letter: without marks and markers. Pure.

import { blocksOf, type Token, type Tokens } from "./lexing";

/** Return the words of a Markdown text. */
export function plainOf(text: string): string {
  return blocksOf(text).map(block).filter(Boolean).join("\n\n").trim();
}

function block(token: Token): string {
  switch (token.type) {
    case "space":
    case "def":
    case "hr":
      return "";
    case "list":
      return list(token as Tokens.List);
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].map((row) => row.map(words).join(" | ")).join("\n");
    }
    case "blockquote":
      return (token.tokens ?? []).map(block).filter(Boolean).join("\n");
    case "code":
      return token.text;
    default:
      return words(token as Said);
  }
}

function list(token: Tokens.List): string {
  const first = typeof token.start === "number" ? token.start : 1;
  return token.items
    .map((item, at) => {
      const sign = token.ordered ? `${first + at}.` : "-";
      const said = item.tokens.map(block).filter(Boolean).join("\n");
      return `${sign} ${said.replaceAll("\n", "\n  ")}`;
    })
    .join("\n");
}

/** What holds words, or is one. */
interface Said {
  tokens?: Token[] | undefined;
  text?: string;
}

function words(token: Said): string {
  if (!token.tokens) return token.text ?? "";
  return token.tokens
    .map(mark)
    .join("")
    .replace(/ +(?=[.,;:!?]|$)/gm, "");
}

function mark(token: Token): string {
  if (token.type === "citation") return "";
  if (token.type === "br") return "\n";
  if (token.type === "codespan" || token.type === "escape") return token.text;
  if ("tokens" in token && token.tokens) return words(token as Said);
  return "text" in token ? String(token.text) : token.raw;
}
