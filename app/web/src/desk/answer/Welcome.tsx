// What stands here before anything was asked: what there is to see, and where to begin.

import { useEffect, useState } from "preact/hooks";
import { Failure } from "../../service/failure";
import { useDesk } from "../frame/desk_context";
import { Icon } from "../frame/Icon";

export function Welcome({ onTry }: { onTry: (question: string) => void }) {
  const { words, page } = useDesk();
  const questions = useQuestions(page.questions);
  return (
    <div class="empty">
      <Icon name="answer" />
      <h2>{words.answer.empty}</h2>
      <p>{words.answer.emptyLead}</p>
      {questions.length > 0 && (
        <>
          <p class="faint">{words.answer.tryOne}</p>
          <ul class="try">
            {questions.slice(0, 4).map((question) => (
              <li key={question}>
                <button type="button" dir="auto" onClick={() => onTry(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

/** The setting's questions; without any, what is asked most, where that may be read. */
function useQuestions(set: readonly string[]): readonly string[] {
  const { service, hasKey } = useDesk();
  const [asked, setAsked] = useState<readonly string[]>([]);
  useEffect(() => {
    // A key of a desk may lack the scope for it, and it is no more than a hint.
    if (set.length || hasKey) return;
    const stop = new AbortController();
    service
      .call<{ data: string[] }>("/v1/suggestions", { signal: stop.signal })
      .then(({ data }) => setAsked(data))
      .catch((error: unknown) => {
        if (!(error instanceof Failure) && !stop.signal.aborted) throw error;
      });
    return () => stop.abort();
  }, [set, service, hasKey]);
  return set.length ? set : asked;
}
