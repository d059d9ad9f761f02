import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Conversation } from "../conversation/conversation";
import { Composer } from "../parts/Composer";
import type { Doings } from "../parts/ExchangeView";
import { FailureNote } from "../parts/FailureNote";
import { SourceView } from "../parts/SourceView";
import type { TypedKey } from "../service/keys";
import type { Service } from "../service/service";
import type { PageSettings, Place } from "../service/types";
import { conversationInAddress, goTo } from "./address";
import { Banner } from "./Banner";
import { Conversations } from "./Conversations";
import { Header } from "./Header";
import { KeyForm } from "./KeyForm";
import { usePageKeys } from "./keyboard";
import { useLook } from "./look";
import { useOpening } from "./opening";
import { Panel } from "./Panel";
import { remember, remembered } from "./preferences";
import { useReach } from "./reachability";
import { Thread } from "./Thread";
import { Welcome } from "./Welcome";
import { useMedia, useOf } from "./watching";

interface Props {
  settings: PageSettings;
  service: Service;
  typed: TypedKey;
}

/** The whole page: what was asked and answered, with sources and earlier talks beside. */
export function ChatPage({ settings, service, typed }: Props) {
  const look = useLook(settings);
  const { words } = look;
  const conversation = useMemo(
    () => new Conversation(service, () => ({ keeps: true })),
    [service],
  );
  const field = useRef<HTMLTextAreaElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const opener = useRef<Element | null>(null);
  const [editing, setEditing] = useState<number | null>(null);
  const [hasKey, setHasKey] = useState(typed.has());
  const [needsKey, setNeedsKey] = useState(settings.access === "keys" && !hasKey);
  const isWide = useMedia("(min-width: 60rem)");
  const [list, setList] = useState({
    isOpen: isWide && remembered("list") === "open",
    isAsked: false,
  });
  const [reach, noticed] = useReach(service);
  const [opening, openAgain] = useOpening(conversation, service, !needsKey);
  const isEmpty = useOf(conversation, (one) => one.exchanges.length === 0);
  const isRunning = useOf(conversation, (one) => one.isRunning);
  const isKept = useOf(conversation, (one) => one.isKept);
  const current = useOf(conversation, (one) => one.id);
  useEffect(() => typed.onRefused(() => setNeedsKey(true)), [typed]);

  const closeSource = useCallback(() => {
    setPlace(null);
    const from = opener.current;
    if (from instanceof HTMLElement && from.isConnected) from.focus();
    else field.current?.focus();
  }, []);
  const edit = useCallback((key: number | null) => {
    setEditing(key);
    if (key === null) field.current?.focus();
  }, []);
  const doings = useMemo<Doings>(
    () => ({
      ask(question) {
        field.current?.focus();
        void conversation.ask(question);
      },
      askAgain: (key, question) => void conversation.askAgain(key, question),
      open(next) {
        opener.current = document.activeElement;
        setPlace(next);
      },
      edit,
      saidUpTo: (key) => conversation.exchanges.filter((one) => one.key <= key),
    }),
    [conversation, edit],
  );
  const editLast = () => {
    const last = conversation.exchanges.at(-1);
    if (last && !conversation.isRunning) setEditing(last.key);
  };
  const showList = (isOpen: boolean) => {
    setList({ isOpen, isAsked: isOpen });
    if (isWide) remember("list", isOpen ? "open" : "");
  };
  const begin = () => {
    if (conversationInAddress()) goTo("");
    openAgain();
    conversation.show("", []);
    setPlace(null);
    setEditing(null);
    if (!isWide) setList({ isOpen: false, isAsked: false });
    field.current?.focus();
  };
  const useOtherKey = () => {
    typed.forget();
    setHasKey(false);
    begin();
    setNeedsKey(true);
  };
  const onAccepted = () => {
    setHasKey(true);
    setNeedsKey(false);
    const last = conversation.exchanges.at(-1);
    if (last?.answer.failure?.status === 401) void conversation.askAgain(last.key);
    field.current?.focus();
  };
  usePageKeys({
    field,
    onEscape: () => {
      if (place) closeSource();
      else if (conversation.isRunning) conversation.stop();
      else return false;
      return true;
    },
  });

  const isFresh = isEmpty && !opening;
  return (
    <>
      {/* A link would put its own fragment where the conversation is named. */}
      <button type="button" class="skip button" onClick={() => field.current?.focus()}>
        {words.skip}
      </button>
      <Header
        settings={settings}
        look={look}
        words={words}
        isListOpen={list.isOpen}
        onList={() => showList(!list.isOpen)}
        onNew={begin}
        onOtherKey={settings.access === "keys" || hasKey ? useOtherKey : null}
      />
      <div class="room">
        {list.isOpen && (
          <Panel
            side="start"
            isOver={!isWide}
            label={words.conversations}
            onClose={() => showList(false)}
          >
            <Conversations
              key={String(hasKey)}
              service={service}
              words={words}
              current={current}
              takesFocus={list.isAsked}
              onNew={begin}
              onChosen={() => !isWide && setList({ isOpen: false, isAsked: false })}
              onRemoved={(id) => id === conversation.id && begin()}
              onClose={() => showList(false)}
            />
          </Panel>
        )}
        <main class={isFresh && !needsKey ? "fresh" : ""}>
          <Banner reach={reach} words={words} />
          {isFresh && !needsKey && (
            <Welcome
              settings={settings}
              service={service}
              words={words}
              onAsk={doings.ask}
            />
          )}
          {opening && (
            <div class="column opening">
              {opening === "reading" ? (
                <p class="faint" role="status">
                  {words.loading}
                </p>
              ) : (
                <FailureNote failure={opening} words={words} onAgain={openAgain} />
              )}
            </div>
          )}
          {!isEmpty && (
            <Thread
              conversation={conversation}
              service={service}
              words={words}
              doings={doings}
              editing={editing}
              handoff={settings.handoff}
              hasKey={hasKey}
              onFailure={noticed}
            />
          )}
          <div class="column foot">
            {needsKey && (
              <KeyForm
                typed={typed}
                service={service}
                words={words}
                isRefused={hasKey}
                onAccepted={onAccepted}
              />
            )}
            <Composer
              words={words}
              field={field}
              isRunning={isRunning}
              isHeld={needsKey || opening === "reading"}
              onAsk={doings.ask}
              onStop={() => conversation.stop()}
              onEditLast={editLast}
            />
            {!isKept && (
              <p class="faint" role="status">
                {words.notKept}
              </p>
            )}
          </div>
        </main>
        {place && (
          <Panel
            side="end"
            isOver={!isWide}
            label={words.openSource}
            onClose={closeSource}
          >
            <SourceView
              service={service}
              place={place}
              words={words}
              links={!hasKey}
              onClose={closeSource}
            />
          </Panel>
        )}
      </div>
    </>
  );
}
