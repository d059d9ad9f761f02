// The widget on a page: a custom element with a closed root at the end of the document,
// a button in it, and behind the button the panel.

import type { PageSettings } from "../service/types";
import { type Language, languageFor } from "../words/language";
import { type Attributes, isColour } from "./attributes";
import { Button } from "./button";
import { shell } from "./element";
import { KeptVisit } from "./kept_visit";
import { load } from "./loading";
import { place } from "./place";
import type { Panel, Tell } from "./seam";
import { settingsOf } from "./settings";

/** Tell the host's page, by an event of its document that its window hears too. */
const tell: Tell = (name, detail) => {
  document.dispatchEvent(
    new CustomEvent(`frontdesk:${name}`, { bubbles: true, detail: { ...detail } }),
  );
};

export class Embedding {
  private readonly visit: KeptVisit;
  private readonly shell = shell();
  private readonly settings: Promise<PageSettings | null>;
  private button: Button | null = null;
  private panel: Promise<Panel> | null = null;
  private isOpen = false;
  private isGone = false;
  /** What had the focus before it moved into the panel. */
  private before: HTMLElement | null = null;

  constructor(
    private readonly base: string,
    private readonly attributes: Attributes,
  ) {
    this.visit = new KeptVisit(base, attributes.key);
    this.settings = settingsOf(base);
  }

  /** Stand at the end of the page. */
  async appear(): Promise<void> {
    // The colour of the button is one of the settings; better late than in two colours.
    const settings = await this.settings;
    if (this.isGone) return;
    const language = this.language(settings);
    this.dress(settings, language);
    if (this.attributes.button === "on") this.offer(language);
    // Outside of the body: pages count the children of theirs, and replace it whole.
    document.documentElement.append(this.shell.element);
    const wasOpen = this.visit.isOpen && matchMedia("(min-width: 600px)").matches;
    if (wasOpen || this.attributes.openOnLoad === "on") this.unfold({ focus: false });
  }

  open(): void {
    this.unfold({ focus: true });
  }

  async ask(text: string): Promise<void> {
    if (!text.trim()) return this.open();
    (await this.unfold({ focus: true }))?.ask(text.trim());
  }

  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = this.visit.isOpen = false;
    const held = this.shell.root.activeElement !== null;
    this.button?.stand("closed");
    (await this.panel)?.hide();
    if (held) this.giveFocusBack();
    tell("close", {});
  }

  async destroy(): Promise<void> {
    this.isGone = true;
    this.shell.element.remove();
    (await this.panel?.catch(() => null))?.destroy();
  }

  private async unfold(wanted: { focus: boolean }): Promise<Panel | null> {
    if (this.isGone) return null;
    if (wanted.focus && !this.isOpen) this.before = focused(this.shell.element);
    const wasOpen = this.isOpen;
    this.isOpen = true;
    this.button?.stand("loading");
    try {
      const panel = await this.fetched();
      // Somebody may have closed it, or left, while it was on its way.
      if (!this.isOpen || this.isGone) return null;
      this.visit.isOpen = true;
      this.button?.stand("open");
      panel.show(wanted);
      if (!wasOpen) tell("open", {});
      return panel;
    } catch (error) {
      this.isOpen = false;
      console.warn("frontdesk: the panel could not be loaded", error);
      this.button?.stand("lost");
      tell("error", { code: "panel_not_loaded", status: 0 });
      return null;
    }
  }

  /** Return the panel, which is fetched once; a failed try is not remembered. */
  private fetched(): Promise<Panel> {
    this.panel ??= this.mounted().catch((error) => {
      this.panel = null;
      throw error;
    });
    return this.panel;
  }

  private async mounted(): Promise<Panel> {
    const [{ mount }, settings] = await Promise.all([load(this.base), this.settings]);
    const { title, greeting, key } = this.attributes;
    return mount({
      frame: this.shell.frame,
      root: this.shell.root,
      base: this.base,
      key,
      settings,
      visit: this.visit,
      language: this.language(settings).code,
      title: title || settings?.name || "frontdesk",
      greeting: greeting || settings?.greeting || "",
      page: () => place(this.attributes.context),
      tell,
      close: () => this.close(),
      unseen: () => this.button?.stand("unseen"),
    });
  }

  private offer(language: Language): void {
    this.button = new Button(language.code, {
      press: () => (this.isOpen ? this.close() : this.open()),
      // Fetched while a hand is on its way, so that it opens at once.
      near: () => load(this.base).catch(() => {}),
    });
    this.shell.frame.append(...this.button.elements);
  }

  private dress(settings: PageSettings | null, language: Language): void {
    const { frame } = this.shell;
    const colour = this.attributes.colour || (settings?.colour ?? "");
    if (isColour(colour)) frame.style.setProperty("--brand", colour);
    frame.style.setProperty("--layer", String(this.attributes.zIndex));
    frame.lang = language.code;
    frame.dir = language.direction;
    if (this.attributes.theme !== "auto") frame.dataset.theme = this.attributes.theme;
    frame.dataset.side = side(this.attributes.position, language);
    frame.dataset.button = this.attributes.button;
  }

  private language(settings: PageSettings | null): Language {
    const said = [this.attributes.language, settings?.language ?? ""];
    return languageFor([
      ...said,
      document.documentElement.lang,
      ...navigator.languages,
    ]);
  }

  private giveFocusBack(): void {
    const to = this.before?.isConnected ? this.before : null;
    this.before = null;
    if (to) to.focus();
    else this.button?.focus();
  }
}

/** Return what has the focus, if it is the page's and not ours. */
function focused(ours: HTMLElement): HTMLElement | null {
  const active = document.activeElement;
  const isTheirs = active instanceof HTMLElement && active !== ours;
  return isTheirs && active !== document.body ? active : null;
}

function side(position: Attributes["position"], language: Language): "left" | "right" {
  const [, where] = position.split("-");
  if (where === "left" || where === "right") return where;
  return (where === "start") === (language.direction === "ltr") ? "left" : "right";
}
