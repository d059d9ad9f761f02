import { useEffect, useState } from "preact/hooks";
import type { Failure } from "../service/failure";
import type { ChatWords } from "../words";
import { isTelling, kindOf } from "./failures";
import { Again, Warning } from "./icons";

interface Props {
  failure: Failure;
  words: ChatWords;
  hasKey?: boolean | undefined;
  /** How to try again; without it there is nothing to press. */
  onAgain?: (() => void) | undefined;
}

/** What went wrong, in a sentence, and the next step. */
export function FailureNote({ failure, words, hasKey, onAgain }: Props) {
  const left = useSecondsLeft(failure);
  const label = left > 0 ? words.retryIn(left) : words.retry;
  return (
    <div class="failure" role="alert">
      <Warning />
      <div>
        <p>{words.failures[kindOf(failure, hasKey)]}</p>
        {isTelling(failure) && (
          <p class="faint" dir="auto">
            {words.details(failure.message)}
          </p>
        )}
      </div>
      {onAgain && (
        <button type="button" class="button" disabled={left > 0} onClick={onAgain}>
          <Again />
          {/* A number that changes each second is not read out. */}
          <span aria-live="off">{label}</span>
        </button>
      )}
    </div>
  );
}

/** Count the seconds down that the service asked to wait. */
function useSecondsLeft(failure: Failure): number {
  const [left, setLeft] = useState(Math.ceil(failure.wait ?? 0));
  useEffect(() => {
    const end = Date.now() + (failure.wait ?? 0) * 1000;
    const count = () => setLeft(Math.max(Math.ceil((end - Date.now()) / 1000), 0));
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [failure]);
  return left;
}
