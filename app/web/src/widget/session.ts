// The session of a visitor: opened with the widget's key, gone on with from page to page,
// and renewed before it ends.

import { failureOf, lost } from "../service/failure";
import type { Credentials } from "../service/service";
import type { KeptVisit } from "./kept_visit";

interface SessionMade {
  token: string;
  session: string;
  expires_in: number;
}

/** A token is changed so long before its end, in milliseconds. */
const SOON = 60_000;

export class VisitorSession implements Credentials {
  private renewing: Promise<void> | null = null;

  /**
   * @param base Where the service is.
   * @param widgetKey Opens sessions, and nothing else.
   * @param visit Where the token is kept.
   * @param begun Told that another session has begun: what was kept in the one before
   *   is no longer there.
   */
  constructor(
    private readonly base: string,
    private readonly widgetKey: string,
    private readonly visit: KeptVisit,
    private readonly begun: () => void,
  ) {}

  async key(): Promise<string> {
    if (Date.now() >= this.visit.ends) await this.renew();
    return this.visit.token;
  }

  /** Change a token that is over; whether the session goes on is known after that. */
  async settle(): Promise<void> {
    const isOver = this.visit.token && Date.now() >= this.visit.ends;
    // What keeps it from going on is told by what is asked next.
    if (isOver) await this.renew().catch(() => {});
  }

  /** Ask for another token once: clocks may differ. */
  async refused(): Promise<boolean> {
    const before = this.visit.token;
    await this.renew();
    return this.visit.token !== before;
  }

  /** Renew the token; whoever else wants one meanwhile waits for the same. */
  private renew(): Promise<void> {
    this.renewing ??= this.opened().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async opened(): Promise<void> {
    const asked = Date.now();
    let reply = await this.ask(this.visit.token);
    if (reply.status === 400 && this.visit.token) {
      this.visit.end(); // Over for more than a day: begin another one.
      reply = await this.ask("");
    }
    if (!reply.ok) throw await failureOf(reply);
    const made = (await reply.json()) as SessionMade;
    const life = made.expires_in * 1000;
    const ends = asked + Math.max(life - SOON, life / 2);
    if (made.session !== this.visit.session) this.begun();
    this.visit.renew(made.token, made.session, ends);
  }

  private async ask(session: string): Promise<Response> {
    try {
      return await fetch(`${this.base}/v1/widget/sessions`, {
        method: "POST",
        credentials: "omit",
        headers: {
          authorization: `Bearer ${this.widgetKey}`,
          "content-type": "application/json",
        },
        body: JSON.stringify(session ? { session } : {}),
      });
    } catch (error) {
      throw lost(error);
    }
  }
}

/** For a service that wants no keys. */
export class NoKey implements Credentials {
  async key(): Promise<null> {
    return null;
  }

  async refused(): Promise<boolean> {
    return false;
  }

  async settle(): Promise<void> {}
}
