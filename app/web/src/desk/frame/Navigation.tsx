// Where one can go: a column beside the page, or a bar below it on a phone.

import { useState } from "preact/hooks";
import { remember, remembered } from "../../chat/preferences";
import { useDesk } from "./desk_context";
import { Icon } from "./Icon";
import { SECTIONS, usePlace } from "./place";

export function Navigation({ onForget }: { onForget: (() => void) | null }) {
  const { words, page } = useDesk();
  const { section } = usePlace();
  return (
    <header class="side">
      <div class="brand">
        <img src={page.logo ?? "/assets/icon.svg"} alt="" width="32" height="32" />
        <span>
          <strong dir="auto">{page.name}</strong>
          <small>{words.frame.desk}</small>
        </span>
      </div>
      <nav aria-label={words.frame.sections}>
        <ul>
          {SECTIONS.map((name) => (
            <li key={name}>
              <a href={`#${name}`} aria-current={name === section ? "page" : undefined}>
                <Icon name={name} />
                <span class="long">{words.frame.names[name]}</span>
                <span class="short" aria-hidden="true">
                  {words.frame.shortNames[name]}
                </span>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div class="aside">
        <a class="quiet" href="/">
          <Icon name="chat" />
          <span>{words.frame.chatPage}</span>
        </a>
        <Scheme />
        {onForget && (
          <button type="button" class="quiet" onClick={onForget}>
            <Icon name="lock" />
            <span>{words.frame.forgetKey}</span>
          </button>
        )}
      </div>
    </header>
  );
}

/** Light or dark, kept by the browser; as the system wishes until somebody says. */
function Scheme() {
  const { words } = useDesk();
  const [isDark, setDark] = useState(isDarkNow);
  const change = () => {
    const theme = isDark ? "light" : "dark";
    document.documentElement.dataset.theme = theme;
    remember("theme", theme);
    setDark(!isDark);
  };
  return (
    <button type="button" class="quiet" onClick={change}>
      <Icon name={isDark ? "sun" : "moon"} />
      <span>{isDark ? words.frame.light : words.frame.dark}</span>
    </button>
  );
}

function isDarkNow(): boolean {
  const kept = remembered("theme");
  if (kept === "dark" || kept === "light") {
    document.documentElement.dataset.theme = kept;
    return kept === "dark";
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}
