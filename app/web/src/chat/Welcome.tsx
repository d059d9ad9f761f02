import { useEffect, useState } from "preact/hooks";
import { Forward } from "../parts/icons";
import { Failure, isAbort } from "../service/failure";
import type { Service } from "../service/service";
import type { List, PageSettings } from "../service/types";
import type { ChatWords } from "../words";

interface Props {
  settings: PageSettings;
  service: Service;
  words: ChatWords;
  onAsk: (question: string) => void;
}

const MOST = 6;

/** What is shown before anything was asked. */
export function Welcome({ settings, service, words, onAsk }: Props) {
  const questions = useSuggestions(settings.questions, service);
  return (
    <section class="welcome">
      <h2 dir="auto">{settings.greeting || words.greeting}</h2>
      <p>{words.greetingHint}</p>
      {questions.length > 0 && (
        <ul aria-label={words.suggestions}>
          {questions.slice(0, MOST).map((question, at) => (
            <li key={at}>
              <button type="button" onClick={() => onAsk(question)}>
                <span dir="auto">{question}</span>
                <Forward />
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Return the questions that are set, or those asked most; none is no loss. */
function useSuggestions(set: readonly string[], service: Service): readonly string[] {
  const [asked, setAsked] = useState<readonly string[]>([]);
  const isSet = set.length > 0;
  useEffect(() => {
    if (isSet) return;
    const reading = new AbortController();
    service
      .call<List<string>>("/v1/suggestions", { signal: reading.signal })
      .then(({ data }) => setAsked(data))
      .catch((error: unknown) => {
        if (!(error instanceof Failure) && !isAbort(error)) throw error;
      });
    return () => reading.abort();
  }, [isSet, service]);
  return isSet ? set : asked;
}
