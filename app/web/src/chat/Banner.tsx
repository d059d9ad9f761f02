import { Check, Warning } from "../parts/icons";
import type { ChatWords } from "../words";
import type { Reach } from "./reachability";

/** Tells that the service cannot be reached, and when it can again. */
export function Banner({ reach, words }: { reach: Reach; words: ChatWords }) {
  return (
    <div class={`banner ${reach}`} role="status">
      {reach !== "fine" && (
        <p>
          {reach === "back" ? <Check /> : <Warning />}
          {words[reach]}
        </p>
      )}
    </div>
  );
}
