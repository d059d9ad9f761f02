import {
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";
import type { Conversation } from "../conversation/conversation";
import { Composer } from "../parts/Composer";
import type { Doings } from "../parts/ExchangeView";
import { SourceView } from "../parts/SourceView";
import type { Service } from "../service/service";
import type { Place } from "../service/types";
import type { PanelDialog } from "./dialog";
import { Head } from "./Head";
import { Log } from "./Log";
import type { Surroundings } from "./seam";
import type { PanelWords } from "./words";

export interface TalkProps {
  surroundings: Surroundings;
  service: Service;
  conversation: Conversation;
  words: PanelWords;
  dialog: PanelDialog;
  ask: (question: string) => Promise<void>;
  askAgain: (key: number, question?: string) => Promise<void>;
}

/** All of the panel: its head, what was said, and where the next question is written. */
export function Talk(props: TalkProps) {
  const { surroundings, service, conversation, words, dialog, ask, askAgain } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const opener = useRef<HTMLElement | null>(null);
  useChanges(conversation);
  const open = useCallback(
    (wanted: Place) => {
      opener.current = surroundings.root.activeElement as HTMLElement | null;
      setPlace(wanted);
    },
    [surroundings],
  );
  const close = useCallback(() => {
    setPlace(null);
    // What opened it can take the focus again once it is there again.
    requestAnimationFrame(() => (opener.current ?? field.current)?.focus());
  }, []);
  useLayoutEffect(() => {
    dialog.entrance = field.current;
    dialog.closeInner = () => {
      if (place) close();
      return place !== null;
    };
  }, [dialog, place, close]);
  const [editing, edit] = useState<number | null>(null);
  const doings = useMemo<Doings>(
    () => ({
      ask: (question) => void ask(question),
      askAgain: (key, question) => void askAgain(key, question),
      open,
      edit: (key) => {
        edit(key);
        if (key === null) field.current?.focus();
      },
      saidUpTo: (key) => {
        const at = conversation.exchanges.findIndex((one) => one.key === key);
        return conversation.exchanges.slice(0, at + 1);
      },
      rated: (id, rating) => surroundings.tell("feedback", { id, rating }),
      handedOff: (question, kind) => surroundings.tell("handoff", { question, kind }),
    }),
    [conversation, surroundings, open, ask, askAgain],
  );
  return (
    <>
      {!place && (
        <Head
          surroundings={surroundings}
          words={words}
          onNew={
            conversation.exchanges.length ? () => begin(props, field.current) : null
          }
        />
      )}
      <div class="talk" hidden={place !== null}>
        <Log {...props} doings={doings} editing={editing} />
        <Connection words={words} />
        <Composer
          words={words.chat}
          field={field}
          isRunning={conversation.isRunning}
          onAsk={doings.ask}
          onStop={() => conversation.stop()}
        />
      </div>
      {place && (
        <SourceView
          service={service}
          place={place}
          words={words.chat}
          links={false}
          onClose={close}
        />
      )}
    </>
  );
}

/** Begin a new conversation; the one before stays with the service. */
function begin({ conversation }: TalkProps, field: HTMLElement | null): void {
  conversation.show("", []);
  field?.focus();
}

function Connection({ words }: { words: PanelWords }) {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    window.addEventListener("online", look);
    window.addEventListener("offline", look);
    return () => {
      window.removeEventListener("online", look);
      window.removeEventListener("offline", look);
    };
  }, []);
  return (
    <p class="connection" role="status">
      {isOnline ? "" : words.chat.offline}
    </p>
  );
}

/** Draw again when the conversation changes. */
function useChanges(conversation: Conversation): void {
  const [, setCount] = useState(0);
  useEffect(
    () => conversation.subscribe(() => setCount((count) => count + 1)) as () => void,
    [conversation],
  );
}
