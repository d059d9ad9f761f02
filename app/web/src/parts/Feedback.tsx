import { useEffect, useRef, useState } from "preact/hooks";
import { Failure } from "../service/failure";
import type { Service } from "../service/service";
import type { ChatWords } from "../words";
import { kindOf } from "./failures";
import { ThumbDown, ThumbUp } from "./icons";

export type Rating = "up" | "down";

interface Props {
  service: Service;
  /** Id of the completion, "chatcmpl-…". */
  messageId: string;
  words: ChatWords;
  /** Told of what the service has taken. */
  onRated?: ((messageId: string, rating: Rating | null) => void) | undefined;
}

/** A thumb, and why; pressed again, it is taken back. */
export function Feedback({ service, messageId, words, onRated }: Props) {
  const [rating, setRating] = useState<Rating | null>(null);
  const [said, say] = useState("");
  const [isAsking, setAsking] = useState(false);
  const give = async (next: Rating | null, comment = "") => {
    const before = rating;
    setRating(next);
    setAsking(next !== null && !comment);
    say(next && comment ? words.thanks : "");
    try {
      await (next
        ? service.call("/v1/feedback", {
            method: "POST",
            body: {
              message_id: messageId,
              rating: next,
              ...(comment ? { comment } : {}),
            },
          })
        : service.call(`/v1/feedback/${encodeURIComponent(messageId)}`, {
            method: "DELETE",
          }));
      onRated?.(messageId, next);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      setRating(before);
      setAsking(false);
      say(words.failures[kindOf(error)]);
    }
  };
  return (
    <>
      <Thumb {...{ of: "up", rating, give, words }} />
      <Thumb {...{ of: "down", rating, give, words }} />
      {isAsking && rating && (
        <Comment
          words={words}
          onSend={(comment) => give(rating, comment)}
          onUndo={() => give(null)}
          onClose={() => setAsking(false)}
        />
      )}
      <span class="said" role="status">
        {said}
      </span>
    </>
  );
}

interface ThumbProps {
  of: Rating;
  rating: Rating | null;
  give: (rating: Rating | null) => void;
  words: ChatWords;
}

function Thumb({ of, rating, give, words }: ThumbProps) {
  const label = of === "up" ? words.good : words.bad;
  const isGiven = rating === of;
  return (
    <button
      type="button"
      class="icon-button"
      title={label}
      aria-label={label}
      aria-pressed={isGiven}
      onClick={() => give(isGiven ? null : of)}
    >
      {of === "up" ? <ThumbUp /> : <ThumbDown />}
    </button>
  );
}

interface CommentProps {
  words: ChatWords;
  onSend: (comment: string) => void;
  onUndo: () => void;
  onClose: () => void;
}

function Comment({ words, onSend, onUndo, onClose }: CommentProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const thumb = useRef<HTMLElement | null>(null);
  useEffect(() => {
    const root = area.current?.getRootNode() as Document | ShadowRoot | undefined;
    thumb.current = (root?.activeElement as HTMLElement | null) ?? null;
    area.current?.focus();
  }, []);
  /** Go on where one came from, before this is gone and the focus with it. */
  const leave = (how: () => void) => {
    thumb.current?.focus();
    how();
  };
  const send = () => {
    const comment = area.current?.value.trim() ?? "";
    leave(() => (comment ? onSend(comment) : onClose()));
  };
  return (
    <form
      class="comment"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        leave(onClose);
      }}
    >
      <textarea
        ref={area}
        rows={2}
        maxLength={2000}
        dir="auto"
        aria-label={words.comment}
        placeholder={words.comment}
      />
      <div class="row">
        <button type="submit" class="button strong">
          {words.sendComment}
        </button>
        <button type="button" class="button" onClick={() => leave(onUndo)}>
          {words.undo}
        </button>
      </div>
    </form>
  );
}
