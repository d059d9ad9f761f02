import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ChatWords } from "../words";
import { copied } from "./copying";
import { Outside, Person } from "./icons";
import { handoffAddress, takesPacket } from "./packet";

/** How a person is reached. */
export type HandoffKind = "mail" | "page";

interface Props {
  /** PAGE setting: an https: or mailto: address. */
  setting: string;
  question: string;
  /** What will be sent, written when it is wanted. */
  packet: () => string;
  words: ChatWords;
  /** Told that somebody goes there. */
  onLeave?: ((kind: HandoffKind) => void) | undefined;
}

/** The way to a person; what they will read is shown before anything leaves. */
export function Handoff({ setting, question, packet, words, onLeave }: Props) {
  const [message, setMessage] = useState<string | null>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    setMessage(null);
    opener.current?.focus();
  };
  return (
    <div class="handoff">
      <button
        ref={opener}
        type="button"
        class="button strong"
        aria-expanded={message !== null}
        onClick={() => setMessage(message === null ? packet() : null)}
      >
        <Person />
        {words.handoff}
      </button>
      {message !== null && (
        <Message
          {...{ setting, question, message, setMessage, words, close, onLeave }}
        />
      )}
    </div>
  );
}

interface MessageProps {
  setting: string;
  question: string;
  message: string;
  setMessage: (message: string) => void;
  words: ChatWords;
  close: () => void;
  onLeave: Props["onLeave"];
}

function Message({ setting, question, message, words, ...props }: MessageProps) {
  const id = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  const subject = words.packetSubject;
  const address = handoffAddress(setting, { question, packet: message, subject });
  const isMail = address.startsWith("mailto:");
  const taken = takesPacket(setting);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset draws a box of its own
    <div
      class="handoff-message"
      role="group"
      aria-label={words.handoffTitle}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        props.close();
      }}
    >
      <p class="faint" id={id}>
        {words.handoffHint} {!taken && words.handoffCopyHint}
      </p>
      <textarea
        ref={area}
        rows={7}
        dir="auto"
        aria-label={words.handoffMessage}
        aria-describedby={id}
        value={message}
        onInput={(event) => props.setMessage(event.currentTarget.value)}
      />
      <div class="row">
        {address && (
          <a
            class="button strong"
            href={address}
            target={isMail ? undefined : "_blank"}
            rel="noopener noreferrer"
            onClick={() => {
              if (!taken) void copied(message);
              props.onLeave?.(isMail ? "mail" : "page");
            }}
          >
            {isMail ? words.handoffMail : words.handoffOpen}
            <Outside />
          </a>
        )}
        <button type="button" class="button" onClick={props.close}>
          {words.cancel}
        </button>
      </div>
    </div>
  );
}
