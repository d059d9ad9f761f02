// What went wrong with a call, in one class.

/** A call that brought no answer. */
export class Failure extends Error {
  /** The HTTP status; 0 where the service was not reached. */
  readonly status: number;
  /** The service's own word for it, or "offline", "unreachable", "interrupted". */
  readonly code: string;
  /** Seconds to wait before trying again, if the service said. */
  readonly wait: number | null;

  constructor(told: {
    message: string;
    status?: number;
    code?: string | null;
    wait?: number | null;
  }) {
    super(told.message);
    this.name = "Failure";
    this.status = told.status ?? 0;
    this.code = told.code ?? "";
    this.wait = told.wait ?? null;
  }
}

/** Read a refusal of the service; one of a proxy before it has another form. */
export async function failureOf(reply: Response): Promise<Failure> {
  const wait = Number.parseFloat(reply.headers.get("retry-after") ?? "");
  const told = {
    status: reply.status,
    wait: Number.isFinite(wait) ? wait : null,
  };
  try {
    const { error } = await reply.json();
    return new Failure({ ...told, message: String(error.message), code: error.code });
  } catch {
    return new Failure({ ...told, message: "", code: "unreadable" });
  }
}

/** Say why nothing came back at all. An abort is handed on as it is. */
export function lost(error: unknown): Error {
  if (error instanceof Failure) return error;
  if (error instanceof DOMException && error.name === "AbortError") return error;
  return new Failure({
    message: error instanceof Error ? error.message : String(error),
    code: navigator.onLine ? "unreachable" : "offline",
  });
}

/** Whether somebody stopped it on purpose. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}
