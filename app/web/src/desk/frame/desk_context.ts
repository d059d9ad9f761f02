// What every part of the desk stands on: the service, the words, and how to say a thing.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Service } from "../../service/service";
import type { PageSettings } from "../../service/types";
import type { DeskWords } from "../../words/desk";
import type { Formats } from "./formats";

export interface Desk {
  service: Service;
  words: DeskWords;
  formats: Formats;
  page: PageSettings;
  /** Counts the keys that were entered: who failed for want of one tries again. */
  generation: number;
  /** Whether a key was entered. */
  hasKey: boolean;
  /** Tell a person that something is done; also a screen reader. */
  say: (text: string) => void;
  /** Ask for a key, because none was shown or it was refused. */
  askForKey: (isRefused: boolean) => void;
  /** Take a key from here on. */
  enter: (key: string) => void;
}

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("a part of the desk stands outside of it");
  return desk;
}
