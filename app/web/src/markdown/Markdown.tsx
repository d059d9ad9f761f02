// Markdown on the page: an allow-list of blocks and marks, each made of elements and text.
// What is not listed here becomes text: HTML as it stands, a picture its description.
// Nothing of a text is ever read as HTML, so there is nothing in it to sanitise.

import { type ComponentChild, Fragment } from "preact";
import { useMemo, useRef } from "preact/hooks";
import {
  blocksOf,
  type CitationToken,
  Growing,
  type Token,
  type Tokens,
} from "./lexing";

/** Draws the marker of a citation; null leaves it as text. */
export type Cite = (number: number) => ComponentChild | null;

/** Draws a block of code; the page adds a way to copy it. */
export type DrawCode = (text: string, language: string) => ComponentChild;

interface Drawing {
  cite?: Cite | undefined;
  code?: DrawCode | undefined;
}

interface Props extends Drawing {
  text: string;
  /** Whether more is to come; only its end is read again then. */
  isGrowing?: boolean;
}

/** Draw a text. `cite` and `code` must stay the same functions while it grows. */
export function Markdown({ text, isGrowing = false, ...drawing }: Props) {
  const growing = useRef<Growing | null>(null);
  const blocks = useMemo(() => {
    if (!isGrowing) return blocksOf(text);
    growing.current ??= new Growing();
    return growing.current.blocksOf(text);
  }, [text, isGrowing]);
  return (
    <>
      {blocks.map((token, at) => (
        // A growing text only changes its last block.
        <Block key={at} token={token} {...drawing} />
      ))}
    </>
  );
}

function Block({ token, cite, code }: { token: Token } & Drawing) {
  // The same element again tells the renderer that nothing below it changed.
  const cites = token.raw.includes("[") ? cite : undefined;
  return useMemo(
    () => <>{block(token, { cite: cites, code })}</>,
    [token.raw, cites, code],
  );
}

function block(token: Token, drawing: Drawing): ComponentChild {
  switch (token.type) {
    case "space":
    case "def":
      return null;
    case "hr":
      return <hr />;
    case "heading":
      // Headings of an answer stand below those of the page.
      return (
        <p class="heading" dir="auto">
          <strong>{inline(token.tokens, drawing)}</strong>
        </p>
      );
    case "paragraph":
      return <p dir="auto">{inline(token.tokens, drawing)}</p>;
    case "blockquote":
      return <blockquote>{blocks(token.tokens, drawing)}</blockquote>;
    case "code":
      return (
        drawing.code?.(token.text, token.lang ?? "") ?? (
          <pre>
            <code>{token.text}</code>
          </pre>
        )
      );
    case "list":
      return list(token as Tokens.List, drawing);
    case "table":
      return table(token as Tokens.Table, drawing);
    case "text":
      return inline(token.tokens, drawing);
    case "checkbox":
      return box(token as Tokens.Checkbox);
    default:
      return <p dir="auto">{token.raw}</p>;
  }
}

function blocks(tokens: Token[] | undefined, drawing: Drawing): ComponentChild {
  return (tokens ?? []).map((token, at) => (
    <Fragment key={at}>{block(token, drawing)}</Fragment>
  ));
}

function list(token: Tokens.List, drawing: Drawing) {
  const items = token.items.map((item, at) => (
    <li key={at} dir="auto">
      {blocks(item.tokens, drawing)}
    </li>
  ));
  if (!token.ordered) return <ul>{items}</ul>;
  return <ol start={token.start === "" ? 1 : token.start}>{items}</ol>;
}

function table(token: Tokens.Table, drawing: Drawing) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table is scrolled with the keyboard
    // biome-ignore lint/a11y/useSemanticElements: it is no set of fields
    <div class="table" tabIndex={0} role="group">
      <table>
        <thead>
          <tr>
            {token.header.map((cell, at) =>
              cell.text ? (
                <th key={at} scope="col" dir="auto">
                  {inline(cell.tokens, drawing)}
                </th>
              ) : (
                <td key={at} />
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {token.rows.map((row, at) => (
            <tr key={at}>
              {row.map((cell, column) => (
                <td key={column} dir="auto">
                  {inline(cell.tokens, drawing)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function inline(tokens: Token[] | undefined, drawing: Drawing): ComponentChild {
  return (tokens ?? []).map((token, at) => (
    <Fragment key={at}>{mark(token, drawing)}</Fragment>
  ));
}

function mark(token: Token, drawing: Drawing): ComponentChild {
  switch (token.type) {
    case "text":
      return token.tokens ? inline(token.tokens, drawing) : decoded(token.text);
    case "escape":
      return token.text;
    case "strong":
      return <strong>{inline(token.tokens, drawing)}</strong>;
    case "em":
      return <em>{inline(token.tokens, drawing)}</em>;
    case "del":
      return <del>{inline(token.tokens, drawing)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link":
      return link(token as Tokens.Link, drawing);
    case "image":
      return token.text;
    case "checkbox":
      return box(token as Tokens.Checkbox);
    case "citation":
      return citation(token as unknown as CitationToken, drawing);
    default:
      return token.raw;
  }
}

function box(token: Tokens.Checkbox): string {
  return token.checked ? "☑ " : "☐ ";
}

function link(token: Tokens.Link, drawing: Drawing): ComponentChild {
  const words = inline(token.tokens, drawing);
  if (!isSafe(token.href)) return words;
  return (
    <a href={token.href} target="_blank" rel="noopener noreferrer nofollow">
      {words}
    </a>
  );
}

/** Whether a link may be followed: a whole https address, and nothing else. */
export function isSafe(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === "https:";
}

function citation(token: CitationToken, { cite }: Drawing): ComponentChild {
  const drawn = token.numbers.map((number) => cite?.(number) ?? null);
  if (drawn.some((one) => one === null)) return token.raw;
  return drawn.map((one, at) => <Fragment key={at}>{one}</Fragment>);
}

const ENTITIES: Record<string, string> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": "\u00a0",
};

/** Read the entities that writers use for characters Markdown would take. */
function decoded(text: string): string {
  return text.replace(
    /&(?:amp|lt|gt|quot|#39|nbsp);/g,
    (found) => ENTITIES[found] ?? found,
  );
}
