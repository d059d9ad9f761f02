// The desk as a whole: who is at it, what is told to them, and the section they look at.

import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { TypedKey } from "../../service/keys";
import { Service } from "../../service/service";
import type { PageSettings } from "../../service/types";
import type { DeskWords } from "../../words/desk";
import { Answer } from "../answer/Answer";
import { Documents } from "../documents/Documents";
import { Editions } from "../editions/Editions";
import { Insights } from "../insights/Insights";
import { Keys } from "../keys/Keys";
import { Door } from "./Door";
import { DeskContext, type Desk as DeskParts } from "./desk_context";
import type { Formats } from "./formats";
import { Icon } from "./Icon";
import { Navigation } from "./Navigation";
import { usePlace } from "./place";

interface Given {
  page: PageSettings;
  words: DeskWords;
  formats: Formats;
}

/** How long a thing that was said stays to be read, in milliseconds. */
const SAID = 6_000;

const SECTIONS = {
  documents: Documents,
  answer: Answer,
  insights: Insights,
  editions: Editions,
  keys: Keys,
};

export function Desk({ page, words, formats }: Given) {
  const key = useMemo(() => new TypedKey(), []);
  const service = useMemo(() => new Service("", key), [key]);
  const [said, say] = useSaid();
  const [generation, setGeneration] = useState(0);
  const [hasKey, setHasKey] = useState(key.has());
  const [door, setDoor] = useState({
    isOpen: page.access === "keys" && !key.has(),
    isRefused: false,
  });
  const askForKey = useCallback((isRefused: boolean) => {
    setDoor({ isOpen: true, isRefused });
  }, []);
  const enter = useCallback(
    (text: string) => {
      key.set(text);
      setHasKey(true);
      setDoor({ isOpen: false, isRefused: false });
      setGeneration((before) => before + 1);
    },
    [key],
  );
  const forget = () => {
    key.forget();
    // What was shown with the key goes with it.
    location.reload();
  };
  const desk: DeskParts = useMemo(
    () => ({
      service,
      words,
      formats,
      page,
      generation,
      hasKey,
      say,
      askForKey,
      enter,
    }),
    [service, words, formats, page, generation, hasKey, say, askForKey, enter],
  );
  const isShown = generation > 0 || hasKey || page.access === "open";

  return (
    <DeskContext.Provider value={desk}>
      <button type="button" class="skip" onClick={skip}>
        {words.frame.skip}
      </button>
      <div class="desk">
        <Navigation onForget={hasKey ? forget : null} />
        <main id="main" tabIndex={-1}>
          <OfflineNote words={words} />
          {isShown && <Section />}
        </main>
      </div>
      <Door {...door} onClose={() => setDoor({ isOpen: false, isRefused: false })} />
      <div class="said" role="status">
        {said && (
          <p key={said.at}>
            <Icon name="indexed" />
            <span dir="auto">{said.text}</span>
          </p>
        )}
      </div>
    </DeskContext.Provider>
  );
}

function Section() {
  const { section, question } = usePlace();
  const seen = useRef(section);
  useEffect(() => {
    if (seen.current === section) return;
    seen.current = section;
    // The next press of a key starts where the person has gone.
    document.getElementById("main")?.focus({ preventScroll: true });
    scrollTo({ top: 0 });
  }, [section]);
  const Shown = SECTIONS[section];
  return <Shown question={question} />;
}

function OfflineNote({ words }: { words: DeskWords }) {
  const [isOnline, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return (
    <div role="status">
      {!isOnline && (
        <p class="offline">
          <Icon name="offline" />
          {words.frame.offline}
        </p>
      )}
    </div>
  );
}

function useSaid() {
  const [said, setSaid] = useState<{ text: string; at: number } | null>(null);
  const say = useCallback((text: string) => setSaid({ text, at: Date.now() }), []);
  useEffect(() => {
    if (!said) return;
    const timer = setTimeout(() => setSaid(null), SAID);
    return () => clearTimeout(timer);
  }, [said]);
  return [said, say] as const;
}

/** The address tells the section; a link into the page would change it. */
function skip(): void {
  document.getElementById("main")?.focus();
}
