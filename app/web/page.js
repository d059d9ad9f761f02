// The chat page: asks /v1/chat/completions, shows the answer as it streams, and opens
// a citation at its place. State is the list of messages; nothing is stored but the key
// that a person typed, until the tab is closed.

import { render } from "./markdown.js";

const $ = (id) => document.getElementById(id);
const KEY = "frontdesk-key";
const messages = [];
let running = null;

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const question = $("question").value.trim();
  if (question && !running) ask(question);
});
$("question").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("ask").requestSubmit();
  }
});
$("question").addEventListener("input", fitQuestion);
$("door").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("key").value.trim());
  $("key").value = "";
  $("door").hidden = true;
  if ($("question").value.trim()) $("ask").requestSubmit();
  else $("question").focus();
});
$("stop").addEventListener("click", () => running?.abort());
$("close").addEventListener("click", closePlace);
$("fresh").addEventListener("click", () => location.reload());
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closePlace(); });

async function ask(question) {
  messages.push({ role: "user", content: question });
  $("empty").hidden = true;
  $("fresh").hidden = false;
  $("question").value = "";
  fitQuestion();
  const asked = show("asked");
  asked.textContent = question;
  const answer = show("answer");
  const text = document.createElement("div");
  text.className = "text waiting";
  answer.append(text);
  answer.scrollIntoView({ block: "end" });
  running = new AbortController();
  setBusy(true);
  const state = { content: "", sources: [], rag: null };
  try {
    await stream(state, text);
    messages.push({ role: "assistant", content: state.content });
    if (state.rag && !state.rag.answered) answer.classList.add("unknown");
    if (state.rag?.degraded === "upstream_unavailable") note(answer, "The model service cannot be reached; these are passages of the documents.");
  } catch (error) {
    const stopped = error.name === "AbortError";
    // Whoever has no key yet is asked for one; how programs send it is not their business.
    if (error.status === 401 && !sessionStorage.getItem(KEY)) answer.remove();
    else note(answer, stopped ? "Stopped." : error.message);
    if (state.content) messages.push({ role: "assistant", content: state.content });
    else messages.pop();
    if (error.status === 401) askForKey(question, asked);
  } finally {
    running = null;
    setBusy(false);
    text.classList.remove("waiting");
    draw(text, state);
    listSources(answer, state.sources);
    answer.scrollIntoView({ block: "end" });
    ($("door").hidden ? $("question") : $("key")).focus();
  }
}

function askForKey(question, asked) {
  sessionStorage.removeItem(KEY);
  asked.remove();
  $("question").value = question;
  fitQuestion();
  $("door").hidden = false;
}

function withKey(headers) {
  const key = sessionStorage.getItem(KEY);
  return key ? { ...headers, authorization: `Bearer ${key}` } : headers;
}

async function stream(state, text) {
  const reply = await fetch("/v1/chat/completions", {
    method: "POST",
    headers: withKey({ "content-type": "application/json" }),
    body: JSON.stringify({ model: "frontdesk", messages, stream: true }),
    signal: running.signal,
  });
  if (!reply.ok) throw Object.assign(new Error(await reason(reply)), { status: reply.status });
  const reader = reply.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let due = false;
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    rest += value;
    const frames = rest.split("\n\n");
    rest = frames.pop();
    for (const frame of frames) take(frame, state);
    if (!due) {
      due = true;
      requestAnimationFrame(() => { due = false; draw(text, state); follow(text); });
    }
  }
}

function take(frame, state) {
  if (!frame.startsWith("data: ") || frame === "data: [DONE]") return;
  const chunk = JSON.parse(frame.slice(6));
  if (chunk.error) throw new Error(chunk.error.message);
  if (chunk.sources) state.sources = chunk.sources;
  if (chunk.rag) state.rag = chunk.rag;
  for (const choice of chunk.choices) if (choice.index === 0) state.content += choice.delta.content ?? "";
}

async function reason(reply) {
  try {
    return (await reply.json()).error.message;
  } catch {
    return `The service answered with status ${reply.status}.`;
  }
}

function draw(text, state) {
  const cite = (number) => {
    const source = state.sources.find((s) => s.number === number);
    const mark = document.createElement(source ? "button" : "sup");
    mark.className = "cite";
    mark.textContent = String(number);
    if (source) {
      mark.type = "button";
      mark.title = source.title;
      mark.setAttribute("aria-label", `Source ${number}: ${source.title}`);
      mark.addEventListener("click", () => openPlace(source));
    }
    return mark;
  };
  text.replaceChildren(render(state.content, cite));
}

function listSources(answer, sources) {
  if (!sources.length) return;
  const list = document.createElement("ul");
  list.className = "sources";
  for (const source of sources) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "source";
    const place = document.createElement("small");
    place.textContent = [...source.heading_path, source.page ? `page ${source.page}` : ""].filter(Boolean).join(" › ");
    button.append(`${source.number}  ${source.title}`, place);
    button.addEventListener("click", () => openPlace(source));
    const item = document.createElement("li");
    item.append(button);
    list.append(item);
  }
  answer.append(list);
}

async function openPlace(source) {
  const place = `/v1/sources/${encodeURIComponent(source.id)}${new URL(source.url).search}`;
  const reply = await fetch(place, { headers: withKey({ accept: "application/json" }) });
  $("place").hidden = false;
  $("place-link").href = `${place}#cited`;
  // A link cannot show a key.
  $("place-link").hidden = Boolean(sessionStorage.getItem(KEY));
  if (!reply.ok) {
    $("place-title").textContent = source.title;
    $("place-path").textContent = "";
    $("place-text").textContent = await reason(reply);
    return;
  }
  const opened = await reply.json();
  $("place-title").textContent = opened.document.title;
  $("place-path").textContent = [...opened.heading_path, opened.page ? `page ${opened.page}` : ""].filter(Boolean).join(" › ");
  $("place-text").replaceChildren(...opened.context.flatMap(part));
  $("place-text").querySelector(".cited")?.scrollIntoView({ block: "center" });
}

function part(chunk, position, all) {
  const section = document.createElement("section");
  section.append(render(chunk.text, () => null));
  if (chunk.cited) section.className = "cited";
  const path = chunk.heading_path;
  const before = position ? all[position - 1].heading_path : [];
  if (!path.length || path.join("\n") === before.join("\n")) return [section];
  const heading = document.createElement("h3");
  heading.textContent = path.at(-1);
  return [heading, section];
}

function closePlace() {
  $("place").hidden = true;
}

function show(kind) {
  const element = document.createElement("article");
  element.className = kind;
  $("conversation").append(element);
  return element;
}

function note(answer, sentence) {
  const element = document.createElement("p");
  element.className = "note";
  element.textContent = sentence;
  answer.append(element);
}

function setBusy(busy) {
  $("send").hidden = busy;
  $("stop").hidden = !busy;
  $("conversation").setAttribute("aria-busy", String(busy));
}

function follow(text) {
  const view = $("conversation");
  if (view.scrollHeight - view.scrollTop - view.clientHeight < 160) text.scrollIntoView({ block: "end" });
}

function fitQuestion() {
  const field = $("question");
  field.rows = Math.min(8, Math.max(1, field.value.split("\n").length));
}
