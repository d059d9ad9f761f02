// What the script on the host's page and the panel, which comes later, are to each other.

import type { PageSettings } from "../service/types";
import type { KeptVisit } from "./kept_visit";

/** What a host page is told, by events of its document. Details hold no key. */
export interface Told {
  open: Record<string, never>;
  close: Record<string, never>;
  ask: { question: string };
  answer: { id: string; answered: boolean | null; finished: boolean; sources: number };
  feedback: { id: string; rating: "up" | "down" | null };
  handoff: { question: string; kind: "mail" | "page" };
  error: { code: string; status: number };
}

export type Tell = <Name extends keyof Told>(name: Name, detail: Told[Name]) => void;

/** What the panel stands in. */
export interface Surroundings {
  /** The frame inside the closed root that carries the theme. */
  frame: HTMLElement;
  /** The root itself, for the panel's styles. */
  root: ShadowRoot;
  /** Where the service is, without a slash at the end. */
  base: string;
  /** The widget's key, or "" where the service wants none. */
  key: string;
  /** How the service is set up; null if it could not be asked. */
  settings: PageSettings | null;
  visit: KeptVisit;
  language: string;
  title: string;
  greeting: string;
  /** The page the visitor is on now; undefined where it is not to be told. */
  page(): { url: string; title: string } | undefined;
  tell: Tell;
  close(): void;
  /** An answer came that nobody has seen. */
  unseen(): void;
}

/** The panel, as the script on the page drives it. */
export interface Panel {
  /** Show it, and move the focus into it if that is wanted. */
  show(wanted: { focus: boolean }): void;
  hide(): void;
  ask(text: string): void;
  destroy(): void;
}

export interface PanelModule {
  mount(surroundings: Surroundings): Panel;
}
