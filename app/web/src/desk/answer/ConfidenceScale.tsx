// Where the confidence stood, against the least with which is answered.

import { useDesk } from "../frame/desk_context";
import { useWidth } from "../frame/use_width";
import type { Explanation } from "../types";

const HEIGHT = 74;
const TRACK = 30;
const THICK = 12;

export function ConfidenceScale({ explanation }: { explanation: Explanation }) {
  const { words, formats } = useDesk();
  const [box, width] = useWidth<HTMLDivElement>(280);
  const { confidence, least_confidence } = explanation;
  if (confidence === null) return null;
  const least = least_confidence ?? 0;
  const at = (share: number) => Math.min(Math.max(share, 0), 1) * width;
  const isSure = confidence >= least;
  const shown = formats.score(confidence);
  const mark = Math.min(Math.max(at(confidence), 8), width - 8);
  return (
    <div class="scale" ref={box}>
      <p class={isSure ? "big sure" : "big unsure"}>{shown}</p>
      <svg
        role="img"
        class="mirrored"
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        aria-label={words.answer.confidenceScale(shown, formats.score(least))}
      >
        <rect class="unsure" x={0} y={TRACK} width={at(least)} height={THICK} rx={4} />
        <rect
          class="sure"
          x={at(least)}
          y={TRACK}
          width={width - at(least)}
          height={THICK}
          rx={4}
        />
        <line
          class="least"
          x1={at(least)}
          x2={at(least)}
          y1={TRACK - 8}
          y2={TRACK + THICK + 8}
        />
        <path
          class={isSure ? "pin sure" : "pin unsure"}
          d={`M${mark} ${TRACK - 2}l-7 -12a8 8 0 1 1 14 0z`}
        />
      </svg>
      <p class="ends" aria-hidden="true">
        <span>{words.answer.unsure}</span>
        <span class="threshold">
          {words.answer.least} {formats.score(least)}
        </span>
        <span>{words.answer.sure}</span>
      </p>
    </div>
  );
}
