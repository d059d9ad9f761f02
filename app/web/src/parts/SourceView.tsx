import { useEffect, useRef, useState } from "preact/hooks";
import { Markdown } from "../markdown/Markdown";
import { Failure, isAbort } from "../service/failure";
import type { Service } from "../service/service";
import type { ContextChunk, OpenedSource, Place } from "../service/types";
import type { ChatWords } from "../words";
import { FailureNote } from "./FailureNote";
import { Close, Outside } from "./icons";
import { originalOf, pathOf, routeOf } from "./places";

interface Props {
  service: Service;
  place: Place;
  words: ChatWords;
  /** Whether the service's own page of the source can be linked: a link shows no key. */
  links: boolean;
  onClose: () => void;
}

type Opened = OpenedSource | Failure | null;

/** A document at the place that was cited, with the way back to the original. */
export function SourceView({ service, place, words, links, onClose }: Props) {
  const [opened, setOpened] = useState<Opened>(null);
  const [tries, setTries] = useState(0);
  const title = useRef<HTMLHeadingElement>(null);
  const route = routeOf(place);
  useEffect(() => {
    const reading = new AbortController();
    setOpened(null);
    title.current?.focus();
    service
      .call<OpenedSource>(route, { signal: reading.signal })
      .then(setOpened)
      .catch((error: unknown) => {
        if (error instanceof Failure) setOpened(error);
        else if (!isAbort(error)) throw error;
      });
    return () => reading.abort();
  }, [service, route, tries]);
  const source = opened instanceof Failure ? null : opened;
  const name = source?.document.title || place.title;
  const { heading_path, page } = source ?? place;
  const path = pathOf({ title: name, heading_path });
  return (
    <section class="source" aria-label={words.openSource}>
      <header>
        <div>
          <h2 ref={title} tabIndex={-1} dir="auto">
            {name}
          </h2>
          <p class="source-path" dir="auto">
            {path}
            {page !== null && <span class="source-page">{words.page(page)}</span>}
          </p>
        </div>
        <button
          type="button"
          class="icon-button"
          onClick={onClose}
          title={words.close}
          aria-label={words.close}
        >
          <Close />
        </button>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
      <div class="source-text" tabIndex={0} role="document" aria-busy={!opened}>
        {opened instanceof Failure && (
          <FailureNote
            failure={opened}
            words={words}
            onAgain={() => setTries(tries + 1)}
          />
        )}
        {!opened && <p class="faint">{words.openingSource}</p>}
        {source?.context.map((chunk, at) => (
          <Passage
            key={chunk.id}
            chunk={chunk}
            before={source.context[at - 1]}
            words={words}
          />
        ))}
      </div>
      {source && <Original source={source} route={route} words={words} links={links} />}
    </section>
  );
}

interface PassageProps {
  chunk: ContextChunk;
  before: ContextChunk | undefined;
  words: ChatWords;
}

function Passage({ chunk, before, words }: PassageProps) {
  const place = useRef<HTMLElement>(null);
  const isFirst = chunk.cited && !before?.cited;
  useEffect(() => {
    if (isFirst) place.current?.scrollIntoView({ block: "start" });
  }, [isFirst]);
  const heading = chunk.heading_path.at(-1);
  const isNew = heading && before && heading !== before.heading_path.at(-1);
  return (
    <>
      {isNew && (
        <p class="heading" dir="auto">
          <strong>{heading}</strong>
        </p>
      )}
      {isFirst ? (
        <section ref={place} class="cited text" aria-label={words.cited}>
          <Markdown text={chunk.text} />
        </section>
      ) : (
        <div class={chunk.cited ? "cited text" : "text"}>
          <Markdown text={chunk.text} />
        </div>
      )}
    </>
  );
}

interface OriginalProps {
  source: OpenedSource;
  route: string;
  words: ChatWords;
  links: boolean;
}

function Original({ source, route, words, links }: OriginalProps) {
  const original = originalOf(source.document.url);
  if (!original && !links) return null;
  const page = source.page === null ? "" : `#page=${source.page}`;
  return (
    <footer>
      <a
        class="button"
        href={original || route + page}
        target="_blank"
        rel="noopener noreferrer nofollow"
      >
        {original ? words.original : words.wholeSource}
        <Outside />
      </a>
    </footer>
  );
}
