// The whole period in a few large figures.

import { useDesk } from "../frame/desk_context";
import type { Day } from "../types";

export function Figures({ total }: { total: Day }) {
  const { words, formats } = useDesk();
  const { insights } = words;
  const share = (count: number) =>
    total.questions ? formats.percent(count / total.questions) : "";
  const figures: [string, string, string][] = [
    [insights.questions, formats.number(total.questions), ""],
    [insights.refused, formats.number(total.refused), share(total.refused)],
    [insights.failed, formats.number(total.failed), share(total.failed)],
  ];
  if (total.p50 !== null) {
    const most = total.p95 === null ? "" : formats.seconds(total.p95);
    figures.push([
      insights.half,
      formats.seconds(total.p50),
      most && `${insights.most} ${most}`,
    ]);
  }
  figures.push([
    insights.up,
    formats.number(total.up),
    `${insights.down}: ${formats.number(total.down)}`,
  ]);
  const cost =
    total.cost === null ? "" : `${insights.cost}: ${formats.money(total.cost)}`;
  figures.push([insights.tokens, formats.short(total.tokens), cost]);
  return (
    <dl class="figures">
      {figures.map(([name, value, beside]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <strong>{value}</strong>
            {beside && <small>{beside}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
