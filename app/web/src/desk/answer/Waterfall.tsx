// Where the time went: each stage as a bar from its start to its end.

import { useDesk } from "../frame/desk_context";
import { named } from "../frame/named";
import type { Stage } from "../types";

const WIDE = 1000;
const HIGH = 14;

export function Waterfall({ stages }: { stages: readonly Stage[] }) {
  const { words, formats } = useDesk();
  // The whole is the width of the plot, and told beside the confidence.
  const parts = stages.filter(({ name }) => name !== "total");
  const end = Math.max(...stages.map(({ start, duration }) => start + duration), 1);
  const at = (time: number) => (time / end) * WIDE;
  return (
    <table class="waterfall">
      <caption class="unseen">{words.answer.time}</caption>
      <thead class="unseen">
        <tr>
          <th scope="col">{words.answer.stage}</th>
          <th scope="col">{words.answer.start}</th>
          <th scope="col">{words.answer.duration}</th>
        </tr>
      </thead>
      <tbody>
        {parts.map(({ name, start, duration }, place) => (
          <tr key={place}>
            <th scope="row">{named(words.answer.stages, name)}</th>
            <td class="lane">
              <span class="unseen">{formats.milliseconds(start)}</span>
              <svg
                class="mirrored"
                viewBox={`0 0 ${WIDE} ${HIGH}`}
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                <rect class="ground" x={0} y={HIGH / 2 - 0.5} width={WIDE} height={1} />
                <rect
                  class={`stage s${place % 4}`}
                  x={Math.min(at(start), WIDE - 4)}
                  y={1}
                  width={Math.max(at(duration), 4)}
                  height={HIGH - 2}
                  rx={2}
                />
              </svg>
            </td>
            <td class="number">{formats.milliseconds(duration)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
