// What the model was given: how much of its window, of what, and word for word.

import { useDesk } from "../frame/desk_context";
import { named } from "../frame/named";
import type { Prompt, PromptMessage, PromptSource } from "../types";
import { useLit } from "./lit";

export function PromptView({ prompt }: { prompt: Prompt }) {
  const { words, formats } = useDesk();
  const { tokens, window, messages, sources } = prompt;
  const ofSources = sources.reduce((sum, source) => sum + source.tokens, 0);
  const rest = Math.max(tokens - ofSources, 0);
  const whole = Math.max(rest + ofSources, 1);
  const share = Math.min(tokens / Math.max(window, 1), 1);
  return (
    <>
      <div class="window">
        <span>{words.answer.window}</span>
        <meter min={0} max={1} value={share} aria-label={words.answer.window} />
        <strong>{formats.percent(share)}</strong>
      </div>
      <div class="bar" aria-hidden="true">
        <span class="rest" style={{ flexGrow: rest / whole }} />
        {sources.map((source) => (
          <Piece key={source.number} source={source} share={source.tokens / whole} />
        ))}
      </div>
      <ul class="pieces" aria-label={words.answer.parts}>
        <li>
          <span class="key rest" aria-hidden="true" />
          <span>{words.answer.rest}</span>
          <span class="number">{formats.number(rest)}</span>
        </li>
        {sources.map((source) => (
          <Named key={source.number} source={source} />
        ))}
      </ul>
      {(prompt.left_out ?? 0) > 0 && (
        <p class="faint">
          {words.answer.leftOut(formats.number(prompt.left_out ?? 0))}
        </p>
      )}
      <ol class="messages">
        {messages.map((message, at) => (
          <li key={at}>
            <Message message={message} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Piece({ source, share }: { source: PromptSource; share: number }) {
  const { isLit, pointing } = useLit(source.number);
  const { formats } = useDesk();
  return (
    <span
      class={isLit ? "source lit" : "source"}
      style={{ flexGrow: share }}
      {...pointing}
    >
      {share > 0.06 && formats.number(source.number)}
    </span>
  );
}

function Named({ source }: { source: PromptSource }) {
  const { words, formats } = useDesk();
  const { isLit, pointing } = useLit(source.number);
  return (
    <li class={isLit ? "lit" : ""} {...pointing}>
      <span class="key source" aria-hidden="true" />
      <span dir="auto">
        {words.answer.sourcePart(formats.number(source.number), source.title)}
      </span>
      <span class="number">{formats.number(source.tokens)}</span>
    </li>
  );
}

function Message({ message }: { message: PromptMessage }) {
  const { words, formats } = useDesk();
  const { role, content, tokens } = message;
  return (
    <details>
      <summary>
        <span class={`role ${role}`}>{named(words.answer.roles, role)}</span>
        <span class="start" dir="auto">
          {content.slice(0, 200)}
        </span>
        <span class="number">{words.answer.tokens(formats.number(tokens))}</span>
      </summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text is scrolled by keyboard */}
      <pre tabIndex={0} dir="auto">
        {content}
      </pre>
    </details>
  );
}
