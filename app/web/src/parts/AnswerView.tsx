import type { Answer } from "../conversation/conversation";
import { plainOf } from "../markdown/plain";
import type { ChatWords } from "../words";
import { AnswerText } from "./AnswerText";
import { CopyButton } from "./CopyButton";
import type { ExchangeProps } from "./ExchangeView";
import { FailureNote } from "./FailureNote";
import { Feedback } from "./Feedback";
import { FollowUps } from "./FollowUps";
import { Handoff } from "./Handoff";
import { Again, Forward, Markdown, Warning } from "./icons";
import { packetOf } from "./packet";
import { lineOf } from "./places";
import { citedIn, SourceChips } from "./SourceChips";
import { UnknownCard, withoutList } from "./UnknownCard";

/** An answer as it stands: coming, there, unknown, cut or failed. */
export function AnswerView(props: ExchangeProps) {
  const { exchange, words, doings, isLast } = props;
  const { answer } = exchange;
  const isOver = !isComing(answer);
  const isKnown = answer.rag.answered !== false;
  return (
    <div class="answer" aria-busy={!isOver}>
      {answer.status === "waiting" && (
        <p class="searching">
          <span class="dots" aria-hidden="true" />
          {words.searching}
        </p>
      )}
      {isKnown ? <Said {...props} /> : <NotKnown {...props} />}
      {answer.status === "stopped" && <p class="faint note">{words.stopped}</p>}
      <Shortcomings answer={answer} words={words} />
      {answer.failure && <Failed {...props} />}
      {isOver && answer.content && <Actions {...props} />}
      {isOver && isLast && (
        <FollowUps
          questions={answer.rag.follow_ups ?? []}
          words={words}
          onAsk={doings.ask}
        />
      )}
    </div>
  );
}

function isComing(answer: Answer): boolean {
  return answer.status === "waiting" || answer.status === "writing";
}

function Said({ exchange, words, doings }: ExchangeProps) {
  const { content, sources, status } = exchange.answer;
  if (!content) return null;
  return (
    <>
      <AnswerText
        text={content}
        sources={sources}
        isWriting={status === "writing"}
        words={words}
        onOpen={doings.open}
      />
      <SourceChips
        sources={sources}
        text={content}
        words={words}
        onOpen={doings.open}
      />
    </>
  );
}

function NotKnown({ exchange, words, doings, ...props }: ExchangeProps) {
  const { content, sources, rag } = exchange.answer;
  const nearest = rag.nearest ?? sources.slice(0, 3);
  const said = nearest.length ? withoutList(content) : content;
  return (
    <UnknownCard
      said={plainOf(said)}
      nearest={nearest}
      words={words}
      onOpen={doings.open}
    >
      {props.handoff && (
        <Handoff
          setting={props.handoff}
          question={exchange.question}
          packet={() => packetOf(doings.saidUpTo(exchange.key), words)}
          words={words}
          onLeave={(kind) => doings.handedOff?.(exchange.question, kind)}
        />
      )}
    </UnknownCard>
  );
}

function Shortcomings({ answer, words }: { answer: Answer; words: ChatWords }) {
  return (
    <>
      {answer.rag.degraded && (
        <p class="note faint">
          <Warning />
          {words.degraded}
        </p>
      )}
      {answer.rag.saved === false && (
        <p class="note faint">
          <Warning />
          {words.unsaved}
        </p>
      )}
    </>
  );
}

function Failed({ exchange, words, doings, hasKey, isRunning }: ExchangeProps) {
  const { failure, status } = exchange.answer;
  if (!failure) return null;
  const again = () => doings.askAgain(exchange.key);
  return (
    <>
      <FailureNote
        failure={failure}
        words={words}
        hasKey={hasKey}
        onAgain={isRunning ? undefined : again}
      />
      {status === "cut" && (
        <button
          type="button"
          class="button"
          disabled={isRunning}
          onClick={() => doings.ask(words.goOnQuestion)}
        >
          <Forward />
          {words.goOn}
        </button>
      )}
    </>
  );
}

function Actions({ exchange, words, service, doings, isRunning }: ExchangeProps) {
  const { answer, key } = exchange;
  return (
    <div class="actions">
      <CopyButton
        words={words}
        label={words.copy}
        text={() => plainOf(answer.content)}
      />
      <CopyButton
        words={words}
        label={words.copyMarkdown}
        text={() => markdownOf(answer, words)}
        icon={<Markdown />}
      />
      <button
        type="button"
        class="icon-button"
        disabled={isRunning}
        title={words.again}
        aria-label={words.again}
        onClick={() => doings.askAgain(key)}
      >
        <Again />
      </button>
      {answer.id && answer.rag.saved !== false && (
        <Feedback
          key={answer.id}
          service={service}
          messageId={answer.id}
          words={words}
          onRated={doings.rated}
        />
      )}
    </div>
  );
}

/** Write an answer with the list of what it cites. */
export function markdownOf(answer: Answer, words: ChatWords): string {
  const lines = citedIn(answer.content, answer.sources).map(
    (source) => `- [${source.number}] ${lineOf(source, words)}: ${source.url}`,
  );
  if (!lines.length) return answer.content;
  return `${answer.content.trimEnd()}\n\n${words.sources}:\n\n${lines.join("\n")}`;
}
