// Questions that were not answered, or not well, put together where they ask alike.

import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";
import { roadOf } from "../frame/place";
import { Time } from "../frame/Time";
import type { Insights, Topic } from "../types";

/** A document this near to a topic, as a cosine, is about it. */
const ABOUT = 0.5;

export function Topics({ told }: { told: Insights }) {
  const { words, formats } = useDesk();
  const { insights } = words;
  const { topics, topics_total, unrecorded, left_out } = told;
  return (
    <section aria-labelledby="topics">
      <h2 id="topics">{insights.topics}</h2>
      <p class="faint">{topics.length ? insights.topicsLead : insights.noTopics}</p>
      <ul class="topics">
        {topics.map((topic) => (
          <li key={topic.question} class="panel">
            <OneTopic topic={topic} />
          </li>
        ))}
      </ul>
      {topics_total > topics.length && (
        <p class="faint">
          {insights.topicsMore(
            formats.number(topics.length),
            formats.number(topics_total),
          )}
        </p>
      )}
      {unrecorded > 0 && (
        <p class="faint">{insights.unrecorded(formats.number(unrecorded))}</p>
      )}
      {left_out > 0 && (
        <p class="faint">{insights.leftOut(formats.number(left_out))}</p>
      )}
    </section>
  );
}

function OneTopic({ topic }: { topic: Topic }) {
  const { words, formats } = useDesk();
  const { insights } = words;
  const { nearest } = topic;
  return (
    <>
      <div class="line">
        <span class="times">{insights.times_(formats.number(topic.count))}</span>
        <h3 dir="auto">{topic.question}</h3>
        <a class="button" href={roadOf(topic.question)}>
          <Icon name="answer" />
          {insights.road}
          <span class="unseen">{topic.question}</span>
        </a>
      </div>
      <p class="line faint">
        {topic.unanswered > 0 && (
          <span class="mark waiting">
            <Icon name="failed" />
            {insights.unanswered(formats.number(topic.unanswered))}
          </span>
        )}
        {topic.down_voted > 0 && (
          <span class="mark failed">
            <Icon name="thumbDown" />
            {insights.downVoted(formats.number(topic.down_voted))}
          </span>
        )}
        <span>
          {insights.lastAsked} <Time seconds={topic.last_asked} />
        </span>
      </p>
      <p class="nearest">
        {nearest ? (
          <>
            {insights.nearest}: <strong dir="auto">{nearest.title}</strong>
            {nearest.similarity !== null && ` (${formats.score(nearest.similarity)})`}
            {nearest.similarity !== null && (
              <span class="faint">
                {" "}
                {nearest.similarity >= ABOUT ? insights.near : insights.far}
              </span>
            )}
          </>
        ) : (
          insights.nearestNone
        )}
      </p>
      <details>
        <summary>{insights.examples(formats.number(topic.examples.length))}</summary>
        <ul class="examples">
          {topic.examples.map((example) => (
            <li key={example.id}>
              <q dir="auto">{example.question}</q> <Time seconds={example.asked} />
              {example.comment && (
                <p class="comment" dir="auto">
                  {insights.comment}: {example.comment}
                </p>
              )}
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}
