import { useId, useRef, useState } from "preact/hooks";
import type { Source } from "../service/types";
import type { ChatWords } from "../words";
import { pathOf } from "./places";

interface Props {
  number: number;
  source: Source;
  words: ChatWords;
  onOpen: (source: Source) => void;
}

const SNIPPET = 220;

/** The number of a source in a text; pointed at, it shows what stands there. */
export function Citation({ number, source, words, onOpen }: Props) {
  const id = useId();
  const [isShown, show] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const hide = () => show(false);
  return (
    <>
      <button
        ref={button}
        type="button"
        class="cite"
        aria-label={words.source(number, source.title)}
        aria-describedby={isShown ? id : undefined}
        onClick={() => {
          hide();
          onOpen(source);
        }}
        onPointerEnter={(event) => event.pointerType === "mouse" && show(true)}
        onPointerLeave={hide}
        onFocus={(event) => event.currentTarget.matches(":focus-visible") && show(true)}
        onBlur={hide}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !isShown) return;
          event.stopPropagation();
          hide();
        }}
      >
        {number}
      </button>
      {isShown && <Preview id={id} source={source} at={button} words={words} />}
    </>
  );
}

interface PreviewProps {
  id: string;
  source: Source;
  at: { current: HTMLElement | null };
  words: ChatWords;
}

/** Lies above everything, so that nothing around the number cuts it off. */
function Preview({ id, source, at, words }: PreviewProps) {
  const place = (card: HTMLSpanElement | null) => {
    const from = at.current?.getBoundingClientRect();
    if (!card || !from) return;
    card.showPopover();
    const { offsetWidth: width, offsetHeight: height } = card;
    const left = Math.min(from.left, window.innerWidth - width - 12);
    const above = from.top - height - 8;
    card.style.left = `${Math.max(left, 12)}px`;
    card.style.top = `${above > 12 ? above : from.bottom + 8}px`;
  };
  const page = source.page === null ? "" : words.page(source.page);
  const where = [pathOf(source), page].filter(Boolean).join(" · ");
  return (
    <span ref={place} id={id} class="preview" role="tooltip" popover="manual">
      <strong dir="auto">{source.title}</strong>
      <span class="preview-path" dir="auto">
        {where}
      </span>
      <span dir="auto">{beginning(source.snippet)}</span>
    </span>
  );
}

function beginning(text: string): string {
  return text.length > SNIPPET ? `${text.slice(0, SNIPPET).trimEnd()}…` : text;
}
