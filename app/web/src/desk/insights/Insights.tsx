// The section of insights: what is asked, what is not answered, and what is never read.

import { useState } from "preact/hooks";
import { useDesk } from "../frame/desk_context";
import { Heading } from "../frame/Heading";
import { Icon } from "../frame/Icon";
import { isForbidden, Trouble, Unavailable } from "../frame/Trouble";
import { useLoad } from "../frame/use_load";
import type { Insights as Told } from "../types";
import { Figures } from "./Figures";
import { Plots } from "./Plots";
import { Topics } from "./Topics";
import { Usage } from "./Usage";

const PERIODS = [7, 30, 90, 365];

export function Insights() {
  const { words, formats, service } = useDesk();
  const [days, setDays] = useState(30);
  const { value, failure, isLoading, again } = useLoad(
    (signal) => service.call<Told>(`/v1/insights?days=${days}`, { signal }),
    [days],
  );
  if (isForbidden(failure)) {
    return (
      <>
        <Heading section="insights" />
        <Unavailable failure={failure} scopes="insights" />
      </>
    );
  }
  const isEmpty = value !== null && value.total.questions === 0;
  return (
    <>
      <Heading section="insights">
        {/* biome-ignore lint/a11y/useSemanticElements: buttons, not fields */}
        <div class="choices" role="group" aria-label={words.insights.period}>
          {PERIODS.map((period) => (
            <button
              key={period}
              type="button"
              aria-pressed={period === days}
              onClick={() => setDays(period)}
            >
              {words.insights.days(formats.number(period))}
            </button>
          ))}
        </div>
      </Heading>
      {failure && <Trouble failure={failure} scopes="insights" onAgain={again} />}
      {!value && isLoading && <p class="loading">{words.frame.loading}</p>}
      {value && (
        <div class={isLoading ? "stale" : ""} aria-busy={isLoading}>
          {isEmpty && (
            <div class="empty">
              <Icon name="insights" />
              <h2>{words.insights.none}</h2>
              <p>{words.insights.noneNext}</p>
            </div>
          )}
          {!isEmpty && <Figures total={value.total} />}
          {!isEmpty && <Plots days={value.by_day} />}
          {!isEmpty && <Topics told={value} />}
          <Usage documents={value.documents} />
        </div>
      )}
    </>
  );
}
