// The road of one answer, from the verdict to the time it took.

import { useMemo, useState } from "preact/hooks";
import { CopyButton } from "../frame/CopyButton";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { named } from "../frame/named";
import type { Explanation } from "../types";
import { Candidates } from "./Candidates";
import { ConfidenceScale } from "./ConfidenceScale";
import { diagnosisOf, verdictOf } from "./diagnosis";
import { LitContext } from "./lit";
import { PromptView } from "./PromptView";
import { Result } from "./Result";
import { Station } from "./Station";
import { Waterfall } from "./Waterfall";

export function Road({ explanation }: { explanation: Explanation }) {
  const { words, formats } = useDesk();
  const [number, point] = useState<number | null>(null);
  const lit = useMemo(() => ({ number, point }), [number]);
  const verdict = verdictOf(explanation, words, formats);
  const reasons = diagnosisOf(explanation, words, formats);
  const { prompt, answer, queries } = explanation;
  const isBad = explanation.answered === false;
  return (
    <LitContext.Provider value={lit}>
      <section class={isBad ? "verdict bad" : "verdict"} aria-label={words.answer.why}>
        <header>
          <h2>
            <Icon name={isBad ? "failed" : "indexed"} />
            {verdict}
          </h2>
          <CopyButton
            label={words.answer.copyJson}
            text={() => JSON.stringify(explanation, null, 2)}
          />
        </header>
        <ul>
          {reasons.map((reason) => (
            <li key={reason} dir="auto">
              {reason}
            </li>
          ))}
        </ul>
      </section>
      <div class="pair">
        <section class="panel" aria-labelledby="result">
          <h2 id="result">{words.answer.result}</h2>
          <Result answer={answer} />
        </section>
        <section class="panel" aria-labelledby="confidence">
          <h2 id="confidence">{words.answer.confidence}</h2>
          <ConfidenceScale explanation={explanation} />
          <Facts explanation={explanation} />
        </section>
      </div>
      <ol class="stations">
        <Station
          number={1}
          title={words.answer.searched}
          lead={words.answer.searchedLead}
        >
          <ul class="queries">
            {queries.map((query, at) => (
              <li key={at}>
                <Icon name="search" />
                <q dir="auto">{query}</q>
              </li>
            ))}
          </ul>
        </Station>
        <Station number={2} title={words.answer.found} lead={words.answer.foundLead}>
          <Candidates candidates={explanation.candidates} />
        </Station>
        <Station
          number={3}
          title={words.answer.prompt}
          lead={
            prompt
              ? words.answer.promptLead(
                  formats.number(prompt.tokens),
                  formats.number(prompt.window),
                )
              : `${words.answer.noPrompt} ${words.answer.noPromptNext}`
          }
        >
          {prompt && <PromptView prompt={prompt} />}
        </Station>
        <Station number={4} title={words.answer.time}>
          <Waterfall stages={explanation.stages} />
        </Station>
      </ol>
    </LitContext.Provider>
  );
}

function Facts({ explanation }: { explanation: Explanation }) {
  const { words, formats } = useDesk();
  const { facts, tokens } = words.answer;
  const { prompt, answer, stages, edition, signals = {} } = explanation;
  const end = Math.max(0, ...stages.map(({ start, duration }) => start + duration));
  const written = answer?.usage?.completion_tokens;
  const shown: [string, string][] = [];
  if (edition) shown.push([facts.edition, edition]);
  if (prompt?.model) shown.push([facts.model, prompt.model]);
  if (prompt) shown.push([facts.tokens, tokens(formats.number(prompt.tokens))]);
  if (written) shown.push([facts.written, tokens(formats.number(written))]);
  if (stages.length) shown.push([facts.total, formats.milliseconds(end)]);
  const names = Object.keys(signals);
  return (
    <>
      <dl class="facts">
        {shown.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd dir="auto">{value}</dd>
          </div>
        ))}
      </dl>
      {names.length > 0 && (
        <details>
          <summary>{words.answer.signals}</summary>
          <dl class="facts">
            {names.map((name) => (
              <div key={name}>
                <dt dir="auto">{named(words.answer.signalNames, name)}</dt>
                <dd>{formats.score(signals[name] ?? 0)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}
