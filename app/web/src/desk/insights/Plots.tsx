// The plots of a period.

import { useDesk } from "../frame/desk_context";
import type { Day } from "../types";
import { Plot, type Series } from "./Plot";

export function Plots({ days }: { days: readonly Day[] }) {
  const { words, formats } = useDesk();
  const { insights } = words;
  const whole = (value: number) => formats.short(value);
  const asked: Series[] = [
    {
      name: insights.answered,
      look: "good",
      value: (day) => Math.max(day.questions - day.refused - day.failed, 0),
    },
    { name: insights.refused, look: "warn", value: (day) => day.refused },
    { name: insights.failed, look: "bad", value: (day) => day.failed },
  ];
  const times: Series[] = [
    { name: insights.half, look: "plain", value: (day) => day.p50 },
    { name: insights.most, look: "second", value: (day) => day.p95 },
  ];
  const votes: Series[] = [
    { name: insights.up, look: "good", value: (day) => day.up },
    { name: insights.down, look: "bad", value: (day) => day.down },
  ];
  const tokens: Series[] = [
    { name: insights.tokens, look: "plain", value: (day) => day.tokens },
  ];
  return (
    <div class="plots">
      <Plot
        title={insights.perDay}
        days={days}
        series={asked}
        kind="bars"
        shown={whole}
      />
      <Plot
        title={insights.times}
        days={days}
        series={times}
        kind="lines"
        shown={(value) => formats.seconds(value)}
        isWhole={false}
      />
      <Plot
        title={insights.votesPerDay}
        days={days}
        series={votes}
        kind="bars"
        shown={whole}
      />
      <Plot
        title={insights.tokensPerDay}
        days={days}
        series={tokens}
        kind="bars"
        shown={whole}
      />
    </div>
  );
}
