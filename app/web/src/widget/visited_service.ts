// The service, as a foreign page calls it. Where the page is not let in, visitors are
// told so in a word, and whoever keeps the page reads the reason in the console.

import { Failure } from "../service/failure";
import { Service } from "../service/service";

type Call = Parameters<Service["reply"]>[1];

export class VisitedService extends Service {
  private hasComplained = false;

  override async reply(path: string, call?: Call): Promise<Response> {
    try {
      return await super.reply(path, call);
    } catch (error) {
      throw await this.told(error);
    }
  }

  /**
   * Tell why a call brought nothing. A browser says to a page that is not let in only that
   * something failed; whether what every page may read can be read tells the two apart.
   */
  private async told(error: unknown): Promise<unknown> {
    if (!(error instanceof Failure)) return error;
    if (error.code === "unreachable" && (await this.isThere())) {
      return this.closed(`it takes no questions from ${location.origin}`, error);
    }
    if (error.status === 401 || error.status === 403) {
      return this.closed(error.message, error);
    }
    return error;
  }

  private closed(reason: string, { code, status }: Failure): Failure {
    if (!this.hasComplained) {
      console.warn(
        `frontdesk: the service at ${this.base} does not let this page in: ${reason} ` +
          "Make a key for it with: frontdesk keys create --name site --widget " +
          `--origin ${location.origin}`,
      );
    }
    this.hasComplained = true;
    const isTold = status !== 0;
    return new Failure({
      message: "",
      code: isTold ? code : "origin_not_allowed",
      status: isTold ? status : 403,
    });
  }

  private async isThere(): Promise<boolean> {
    try {
      return (await fetch(`${this.base}/v1/page`, { credentials: "omit" })).ok;
    } catch {
      return false;
    }
  }
}
