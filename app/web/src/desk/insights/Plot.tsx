// One plot over the days: bars on each other, or lines. The same numbers stand in a table
// for who cannot see it, or wants to know exactly.

import { useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { useWidth } from "../frame/use_width";
import type { Day } from "../types";
import { named, ticksTo } from "./scale";

export interface Series {
  name: string;
  /** Which colour and stroke it has: see insights.css. */
  look: "good" | "warn" | "bad" | "plain" | "second";
  value: (day: Day) => number | null;
}

interface Given {
  title: string;
  days: readonly Day[];
  series: readonly Series[];
  kind: "bars" | "lines";
  /** Write a value as people read it. */
  shown: (value: number) => string;
  isWhole?: boolean;
}

const HEIGHT = 190;
const TOP = 10;
const BOTTOM = 24;
const START = 44;
const DAY_NAME = 64;

export function Plot({ title, days, series, kind, shown, isWhole = true }: Given) {
  const { words, formats } = useDesk();
  const [box, width] = useWidth<HTMLDivElement>(480);
  const [at, setAt] = useState<number | null>(null);
  const sums = days.map((day) => {
    const values = series.map((one) => one.value(day) ?? 0);
    return kind === "bars"
      ? values.reduce((sum, value) => sum + value, 0)
      : Math.max(...values);
  });
  const ticks = ticksTo(Math.max(...sums, 0), isWhole);
  const top = ticks.at(-1) ?? 1;
  const room = width - START;
  const step = room / Math.max(days.length, 1);
  const x = (place: number) => START + (place + 0.5) * step;
  const y = (value: number) =>
    HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const names = named(days.length, Math.floor(room / DAY_NAME));
  const pointed = at === null ? undefined : days[at];
  const drawing = { days, series, x, y };
  return (
    <figure class="plot panel">
      <figcaption>
        <h2>{title}</h2>
        <Legend series={series} kind={kind} day={pointed} shown={shown} />
      </figcaption>
      <div class="drawing" ref={box}>
        <svg
          role="img"
          width={width}
          height={HEIGHT}
          viewBox={`0 0 ${width} ${HEIGHT}`}
          aria-label={words.insights.chart(title, formats.number(days.length))}
          onPointerLeave={() => setAt(null)}
          onPointerMove={(event) => {
            const left = event.currentTarget.getBoundingClientRect().left;
            const place = Math.floor((event.clientX - left - START) / step);
            setAt(place >= 0 && place < days.length ? place : null);
          }}
        >
          {ticks.map((tick) => (
            <g key={tick} class="tick">
              <line x1={START} x2={width} y1={y(tick)} y2={y(tick)} />
              <text x={START - 8} y={y(tick) + 4} text-anchor="end">
                {shown(tick)}
              </text>
            </g>
          ))}
          {at !== null && (
            <rect
              class="pointed"
              x={x(at) - step / 2}
              y={TOP}
              width={step}
              height={HEIGHT - TOP - BOTTOM}
            />
          )}
          {kind === "bars" ? <Bars {...drawing} step={step} /> : <Lines {...drawing} />}
          {days.map(
            (day, place) =>
              names.has(place) && (
                <text
                  key={day.day}
                  class="name"
                  x={Math.min(x(place), width - 22)}
                  y={HEIGHT - 6}
                  text-anchor="middle"
                >
                  {formats.day(day.day)}
                </text>
              ),
          )}
        </svg>
      </div>
      <Numbers title={title} days={days} series={series} shown={shown} />
    </figure>
  );
}

interface Drawing {
  days: readonly Day[];
  series: readonly Series[];
  x: (place: number) => number;
  y: (value: number) => number;
}

function Bars({ days, series, x, y, step }: Drawing & { step: number }) {
  const wide = Math.min(Math.max(step * 0.7, 1), 28);
  return (
    <>
      {days.map((day, place) => {
        let below = 0;
        return series.map(({ name, look, value }) => {
          const from = below;
          below += value(day) ?? 0;
          const high = y(from) - y(below);
          return high > 0 ? (
            <rect
              key={`${day.day} ${name}`}
              class={`column ${look}`}
              x={x(place) - wide / 2}
              y={y(below)}
              width={wide}
              height={high}
              rx={Math.min(2, wide / 4)}
            />
          ) : null;
        });
      })}
    </>
  );
}

function Lines({ days, series, x, y }: Drawing) {
  return (
    <>
      {series.map(({ name, look, value }) => {
        // A day without a value is bridged; a dot shows which days have one.
        const points = days.flatMap((day, place) => {
          const found = value(day);
          return found === null ? [] : [[x(place), y(found)] as const];
        });
        return (
          <g key={name}>
            <polyline
              class={`line ${look}`}
              points={points.map((point) => point.join(",")).join(" ")}
            />
            {points.length < 60 &&
              points.map(([cx, cy]) => (
                <circle key={cx} class={`dot ${look}`} cx={cx} cy={cy} r={2.5} />
              ))}
          </g>
        );
      })}
    </>
  );
}

function Legend({
  series,
  kind,
  day,
  shown,
}: Pick<Given, "series" | "kind" | "shown"> & { day: Day | undefined }) {
  const { formats } = useDesk();
  return (
    <p class="legend">
      {series.map(({ name, look, value }) => {
        const found = day && value(day);
        return (
          <span key={name}>
            <span class={`key ${kind} ${look}`} aria-hidden="true" />
            {name}
            {typeof found === "number" && <strong> {shown(found)}</strong>}
          </span>
        );
      })}
      {day && <span class="day">{formats.day(day.day)}</span>}
    </p>
  );
}

function Numbers({ title, days, series, shown }: Omit<Given, "kind" | "isWhole">) {
  const { words, formats } = useDesk();
  return (
    <details class="numbers">
      <summary>{words.frame.showNumbers}</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: it is no set of fields */}
      <div class="wide" tabIndex={0} role="group" aria-label={title}>
        <table>
          <thead>
            <tr>
              <th scope="col">{words.insights.day}</th>
              {series.map(({ name }) => (
                <th key={name} scope="col" class="number">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...days].reverse().map((day) => (
              <tr key={day.day}>
                <th scope="row">{formats.day(day.day)}</th>
                {series.map(({ name, value }) => {
                  const found = value(day);
                  return (
                    <td key={name} class="number">
                      {found === null ? "–" : shown(found)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
