import { useEffect, useState } from "preact/hooks";
import { Failure } from "../service/failure";
import type { Service } from "../service/service";
import type { List } from "../service/types";
import type { Surroundings } from "./seam";
import type { PanelWords } from "./words";

interface Props {
  surroundings: Surroundings;
  service: Service;
  words: PanelWords;
  onAsk: (question: string) => void;
}

/** What is said before anything is asked, and questions to begin with. */
export function Greeting({ surroundings, service, words, onAsk }: Props) {
  const questions = useQuestions(surroundings, service);
  return (
    <div class="greeting">
      <p class="hello" dir="auto">
        {surroundings.greeting || words.chat.greeting}
      </p>
      <p class="faint">{words.chat.greetingHint}</p>
      {questions.length > 0 && (
        <ul aria-label={words.chat.suggestions}>
          {questions.map((question) => (
            <li key={question}>
              <button type="button" dir="auto" onClick={() => onAsk(question)}>
                {question}
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const NONE: readonly string[] = [];

/** Return those that are set; without any, those that are asked most, once they came. */
function useQuestions(surroundings: Surroundings, service: Service): readonly string[] {
  const set = surroundings.settings?.questions ?? NONE;
  const [asked, setAsked] = useState(NONE);
  useEffect(() => {
    if (set.length) return;
    service
      .call<List<string>>("/v1/suggestions")
      .then(({ data }) => setAsked(data))
      .catch((error: unknown) => {
        // A panel without suggestions is one all the same.
        if (!(error instanceof Failure)) throw error;
      });
  }, [service, set]);
  return set.length ? set : asked;
}
