// A file on its way to the service, with how much of it is there: fetch cannot tell that.

import { Failure } from "./failure";

export interface Sending {
  method: "PUT";
  address: string;
  headers: Record<string, string>;
  body: Blob;
  signal?: AbortSignal | undefined;
  /** Told the share that was sent, in [0, 1]. */
  onProgress?: ((share: number) => void) | undefined;
}

/** Send a file and return what the service answered. Throws a Failure, or an abort. */
export function upload<T>(sending: Sending): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stopped = () => new DOMException("stopped", "AbortError");
    if (sending.signal?.aborted) return reject(stopped());
    sending.signal?.addEventListener("abort", () => request.abort());
    request.open(sending.method, sending.address);
    for (const [name, value] of Object.entries(sending.headers)) {
      request.setRequestHeader(name, value);
    }
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) {
        sending.onProgress?.(event.loaded / event.total);
      }
    };
    request.onabort = () => reject(stopped());
    request.onerror = () => {
      const code = navigator.onLine ? "unreachable" : "offline";
      reject(new Failure({ message: "", code }));
    };
    request.onload = () => {
      try {
        resolve(answerOf<T>(request));
      } catch (error) {
        reject(error);
      }
    };
    request.send(sending.body);
  });
}

function answerOf<T>(request: XMLHttpRequest): T {
  const { status } = request;
  let body: unknown;
  try {
    body = JSON.parse(request.responseText);
  } catch {
    throw new Failure({ status, message: "", code: "unreadable" });
  }
  if (status >= 200 && status < 300) return body as T;
  const told = (body as { error?: { message?: string; code?: string } }).error;
  const wait = Number.parseFloat(request.getResponseHeader("retry-after") ?? "");
  throw new Failure({
    status,
    message: told?.message ?? "",
    code: told?.code ?? "unreadable",
    wait: Number.isFinite(wait) ? wait : null,
  });
}
