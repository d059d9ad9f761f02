// Markdown as the page shows it: paragraphs, headings, lists, tables, code, bold,
// italics. Everything becomes text nodes; no HTML, image or link is ever made, so
// nothing a model or a document says can run, load or lead anywhere.

/** Return a fragment of `text`; `cite(number)` makes the mark of a citation, or null. */
export function render(text, cite) {
  const fragment = document.createDocumentFragment();
  const lines = text.split("\n");
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    if (/^\s*(```|~~~)/.test(line)) at = code(lines, at, fragment);
    else if (/^\s*([-*+]|\d{1,9}[.)])\s+/.test(line)) at = list(lines, at, fragment, cite);
    else if (isTable(lines, at)) at = table(lines, at, fragment, cite);
    else if (/^#{1,6}\s/.test(line)) { fragment.append(block("p", [strong(line.replace(/^#+\s+/, ""))])); at += 1; }
    else if (line.trim() === "") at += 1;
    else at = paragraph(lines, at, fragment, cite);
  }
  return fragment;
}

function code(lines, at, parent) {
  const fence = lines[at].trim().slice(0, 3);
  const body = [];
  at += 1;
  while (at < lines.length && !lines[at].trim().startsWith(fence)) { body.push(lines[at]); at += 1; }
  const element = document.createElement("code");
  element.textContent = body.join("\n");
  parent.append(block("pre", [element]));
  return at + 1;
}

function list(lines, at, parent, cite) {
  const ordered = /^\s*\d/.test(lines[at]);
  const element = document.createElement(ordered ? "ol" : "ul");
  if (ordered) element.start = parseInt(lines[at].trim(), 10);
  const sign = ordered ? /^\s*\d{1,9}[.)]\s+/ : /^\s*[-*+]\s+/;
  let item = null;
  while (at < lines.length && (sign.test(lines[at]) || (item && /^\s+\S/.test(lines[at])))) {
    if (sign.test(lines[at])) {
      item = block("li", inline(lines[at].replace(sign, ""), cite));
      element.append(item);
    } else item.append(document.createElement("br"), ...inline(lines[at].trim(), cite));
    at += 1;
  }
  parent.append(element);
  return at;
}

function isTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && /^[\s|:-]*-[\s|:-]*$/.test(lines[at + 1]) && lines[at + 1].includes("|");
}

function table(lines, at, parent, cite) {
  const element = document.createElement("table");
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|");
  element.append(block("tr", cells(lines[at]).map((c) => block("th", inline(c.trim(), cite)))));
  at += 2;
  while (at < lines.length && lines[at].includes("|")) {
    element.append(block("tr", cells(lines[at]).map((c) => block("td", inline(c.trim(), cite)))));
    at += 1;
  }
  parent.append(element);
  return at;
}

const STARTS = /^\s*(```|~~~|[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s)/;

function paragraph(lines, at, parent, cite) {
  const element = document.createElement("p");
  let first = true;
  while (at < lines.length && lines[at].trim() !== "" && (first || !STARTS.test(lines[at]))) {
    if (!first) element.append(document.createElement("br"));
    element.append(...inline(lines[at], cite));
    first = false;
    at += 1;
  }
  parent.append(element);
  return at;
}

const MARKS = /(`[^`]+`)|\*\*([^*]+)\*\*|!?\[([^[\]]*)\]\([^()\s]*\)|\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]|\*([^*\s][^*]*)\*/g;

function inline(text, cite) {
  const nodes = [];
  let last = 0;
  for (const found of text.matchAll(MARKS)) {
    nodes.push(text.slice(last, found.index), ...marked(found, cite));
    last = found.index + found[0].length;
  }
  nodes.push(text.slice(last));
  return nodes;
}

function marked(found, cite) {
  if (found[1]) return [block("code", [found[1].slice(1, -1)])];
  if (found[2]) return [strong(found[2])];
  if (found[5]) return [block("em", [found[5]])];
  if (found[3] !== undefined) return [found[3]]; // a link leads to where the document was, not to where this page is
  const marks = found[4].split(",").map((n) => cite(Number(n)));
  return marks.every(Boolean) ? marks : [found[0]];
}

function strong(text) {
  return block("strong", [text]);
}

function block(name, children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}
