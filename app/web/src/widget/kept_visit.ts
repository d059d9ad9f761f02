// What is kept of a visit from one page of the host to the next, until the tab is closed.

/**
 * A session goes on for whoever shows its last token, and for nobody else, so that the
 * token itself is kept, in the host's sessionStorage. Scripts of the host can read it
 * there. They could as well open sessions with the key in the page, or read what is
 * typed; a token is worth one visitor's conversations, for a day, from this origin.
 */
interface Kept {
  token: string;
  /** When the token ends, by this browser's clock, in milliseconds. */
  ends: number;
  session: string;
  conversation: string;
  isOpen: boolean;
}

const NOTHING: Kept = {
  token: "",
  ends: 0,
  session: "",
  conversation: "",
  isOpen: false,
};

export class KeptVisit {
  private readonly name: string;
  private kept: Kept;

  /**
   * @param base Where the service is; another one has other visits.
   * @param key The widget's key, of which the secret part is left out.
   */
  constructor(base: string, key: string) {
    this.name = `frontdesk:${base}:${key.split("_")[1] ?? ""}`;
    this.kept = { ...NOTHING, ...read(this.name) };
  }

  get token(): string {
    return this.kept.token;
  }

  get ends(): number {
    return this.kept.ends;
  }

  get session(): string {
    return this.kept.session;
  }

  get conversation(): string {
    return this.kept.conversation;
  }

  set conversation(id: string) {
    this.put({ conversation: id });
  }

  get isOpen(): boolean {
    return this.kept.isOpen;
  }

  set isOpen(isOpen: boolean) {
    this.put({ isOpen });
  }

  /** Keep a token; another session has other conversations. */
  renew(token: string, session: string, ends: number): void {
    const conversation = session === this.kept.session ? this.kept.conversation : "";
    this.put({ token, session, ends, conversation });
  }

  /** Forget the session, which cannot be gone on with. */
  end(): void {
    this.put({ token: "", session: "", ends: 0, conversation: "" });
  }

  private put(changes: Partial<Kept>): void {
    this.kept = { ...this.kept, ...changes };
    try {
      sessionStorage.setItem(this.name, JSON.stringify(this.kept));
    } catch {
      // Where nothing may be stored, the visit is kept as long as the page.
    }
  }
}

function read(name: string): Partial<Kept> {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "{}") as Partial<Kept>;
  } catch {
    return {};
  }
}
