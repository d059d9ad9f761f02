import { useId, useRef } from "preact/hooks";
import { Key, Sliders } from "../parts/icons";
import { type ChatWords, LANGUAGE_NAMES } from "../words";
import type { Look, Theme } from "./look";

interface Props {
  look: Look;
  words: ChatWords;
  onOtherKey: (() => void) | null;
}

/** Appearance, language and key. The browser closes it by Escape and by a click beside. */
export function Menu({ look, words, onOtherKey }: Props) {
  const id = useId();
  const menu = useRef<HTMLDivElement>(null);
  const themes: [Theme, string][] = [
    ["", words.system],
    ["light", words.light],
    ["dark", words.dark],
  ];
  return (
    <>
      <button
        type="button"
        class="icon-button"
        title={words.menu}
        aria-label={words.menu}
        popovertarget={id}
      >
        <Sliders />
      </button>
      <div
        ref={menu}
        id={id}
        class="menu"
        popover="auto"
        role="dialog"
        aria-label={words.menu}
      >
        <fieldset>
          <legend>{words.theme}</legend>
          <div class="choices">
            {themes.map(([theme, name]) => (
              <label key={theme}>
                <input
                  type="radio"
                  name="theme"
                  checked={look.theme === theme}
                  onChange={() => look.setTheme(theme)}
                />
                <span>{name}</span>
              </label>
            ))}
          </div>
        </fieldset>
        <label class="language">
          {words.language}
          <select
            value={look.language}
            onChange={(event) => look.setLanguage(event.currentTarget.value)}
          >
            {Object.entries(LANGUAGE_NAMES).map(([code, name]) => (
              <option key={code} value={code} lang={code}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {onOtherKey && (
          <button
            type="button"
            class="button"
            onClick={() => {
              menu.current?.hidePopover();
              onOtherKey();
            }}
          >
            <Key />
            {words.otherKey}
          </button>
        )}
      </div>
    </>
  );
}
