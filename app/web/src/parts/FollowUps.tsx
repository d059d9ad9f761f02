import { useId } from "preact/hooks";
import type { ChatWords } from "../words";
import { Forward } from "./icons";

interface Props {
  questions: readonly string[];
  words: ChatWords;
  onAsk: (question: string) => void;
}

/** Questions that the documents around the answer can take. */
export function FollowUps({ questions, words, onAsk }: Props) {
  const id = useId();
  if (!questions.length) return null;
  return (
    <nav class="follow-ups" aria-labelledby={id}>
      <h3 id={id}>{words.followUps}</h3>
      <ul>
        {questions.map((question, at) => (
          <li key={at}>
            <button type="button" onClick={() => onAsk(question)}>
              <span dir="auto">{question}</span>
              <Forward />
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
