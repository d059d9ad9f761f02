// Language and colours of the page: the service's settings, and what a person chose.

import { useLayoutEffect, useState } from "preact/hooks";
import type { PageSettings } from "../service/types";
import { type ChatWords, languageFor, wordsOf } from "../words";
import { remember, remembered } from "./preferences";

export type Theme = "" | "light" | "dark";

export interface Look {
  words: ChatWords;
  /** ISO 639-1. */
  language: string;
  /** "" follows the system. */
  theme: Theme;
  setLanguage: (language: string) => void;
  setTheme: (theme: Theme) => void;
}

/** Keep the document in the language and colours that hold. */
export function useLook(settings: PageSettings): Look {
  const [chosen, choose] = useState(remembered("language"));
  const [theme, setTheme] = useState(themeOf(remembered("theme")));
  const wishes = [chosen, settings.language].filter(Boolean);
  const language = languageFor(wishes.length ? wishes : navigator.languages);
  useLayoutEffect(() => {
    const root = document.documentElement;
    root.lang = language.code;
    root.dir = language.direction;
  }, [language.code, language.direction]);
  useLayoutEffect(() => {
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  }, [theme]);
  useLayoutEffect(() => {
    document.title = settings.name;
    if (/^#[0-9a-f]{6}$/i.test(settings.colour)) {
      document.documentElement.style.setProperty("--brand", settings.colour);
    }
  }, [settings]);
  return {
    words: wordsOf("chat", language.code),
    language: language.code,
    theme,
    setLanguage(next) {
      remember("language", next);
      choose(next);
    },
    setTheme(next) {
      remember("theme", next);
      setTheme(next);
    },
  };
}

function themeOf(text: string): Theme {
  return text === "light" || text === "dark" ? text : "";
}
