// The dialog of the panel: beside the page where there is room, in front of it on a phone.

const PHONE = "(max-width: 599px), (max-height: 479px)";

export class PanelDialog {
  readonly element = document.createElement("dialog");
  /** Takes the focus when the panel opens. */
  entrance: HTMLElement | null = null;
  /** Asked first when somebody wants out; true if that closed something inside. */
  closeInner: () => boolean = () => false;
  private readonly narrow = matchMedia(PHONE);
  private readonly leaving = new AbortController();

  /**
   * @param frame Where it stands, before the button.
   * @param name What it is called by those who do not see it.
   * @param close Closes the panel.
   */
  constructor(frame: HTMLElement, name: string, close: () => void) {
    const { element, leaving } = this;
    const { signal } = leaving;
    element.className = "panel";
    element.setAttribute("aria-label", name);
    const out = (event: Event) => {
      event.preventDefault();
      if (!this.closeInner()) close();
    };
    element.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.isComposing) out(event);
    });
    // A phone's way back, which is no key.
    element.addEventListener("cancel", out);
    this.narrow.addEventListener("change", () => this.turn(), { signal });
    window.visualViewport?.addEventListener("resize", () => this.fit(), { signal });
    frame.prepend(element);
  }

  get isShown(): boolean {
    return this.element.open;
  }

  show(wanted: { focus: boolean }): void {
    if (!this.isShown) this.put();
    if (wanted.focus) this.entrance?.focus();
  }

  hide(): void {
    this.element.close();
  }

  destroy(): void {
    this.leaving.abort();
    this.element.remove();
  }

  private put(): void {
    this.fit();
    if (this.narrow.matches) this.element.showModal();
    // `show` would take the focus, which nobody may want it to.
    else this.element.setAttribute("open", "");
  }

  /** Stand as the screen, which was turned or drawn wider, has it now. */
  private turn(): void {
    if (!this.isShown) return;
    const root = this.element.getRootNode() as ShadowRoot;
    const held = root.activeElement as HTMLElement | null;
    this.element.close();
    this.put();
    held?.focus();
  }

  /** Leave room for the keyboard of a phone, which covers what is behind it. */
  private fit(): void {
    const seen = window.visualViewport;
    if (seen) this.element.style.setProperty("--seen", `${seen.height}px`);
  }
}
