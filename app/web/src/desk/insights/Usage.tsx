// Which documents answers come from, and which were never needed.

import { useDesk } from "../frame/desk_context";
import type { Insights } from "../types";

/** Paths that stand there at once; the rest is unfolded. */
const SHOWN = 10;

export function Usage({ documents }: { documents: Insights["documents"] }) {
  const { words, formats } = useDesk();
  const { insights } = words;
  const { most_used, never_used, never_used_total, total, elsewhere } = documents;
  const most = Math.max(...most_used.map(({ answers }) => answers), 1);
  return (
    <div class="pair even">
      <section class="panel" aria-labelledby="used">
        <h2 id="used">{insights.used}</h2>
        {!most_used.length && <p class="faint">{insights.noUsed}</p>}
        <ol class="used">
          {most_used.map(({ path, answers }) => (
            <li key={path}>
              <span class="path" dir="auto">
                {path}
              </span>
              <span class="number">
                {insights.usedAnswers(formats.number(answers))}
              </span>
              <span class="share" aria-hidden="true">
                <span style={{ inlineSize: `${(answers / most) * 100}%` }} />
              </span>
            </li>
          ))}
        </ol>
        {elsewhere > 0 && (
          <p class="faint">{insights.elsewhere(formats.number(elsewhere))}</p>
        )}
      </section>
      <section class="panel" aria-labelledby="unused">
        <h2 id="unused">{insights.unused}</h2>
        <p class="faint">
          {never_used_total > 0
            ? insights.unusedLead(
                formats.number(never_used_total),
                formats.number(total),
              )
            : insights.noUnused}
        </p>
        <Paths paths={never_used.slice(0, SHOWN)} />
        {never_used.length > SHOWN && (
          <details>
            <summary>
              {insights.unusedMore(formats.number(never_used_total - SHOWN))}
            </summary>
            <Paths paths={never_used.slice(SHOWN)} />
          </details>
        )}
      </section>
    </div>
  );
}

function Paths({ paths }: { paths: readonly string[] }) {
  return (
    <ul class="unused">
      {paths.map((path) => (
        <li key={path} class="path" dir="auto">
          {path}
        </li>
      ))}
    </ul>
  );
}
