// Server-sent events of a chat, as they come over the wire. A connection that ends
// without the last frame was cut, however quietly.

import { Failure, lost } from "./failure";
import type { Chunk } from "./types";

/** Yield the chunks of an answer; throws a Failure if it does not reach its end. */
export async function* readFrames(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<Chunk> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) throw new Failure({ message: "", code: "interrupted" });
      rest += decoder.decode(value, { stream: true });
      const frames = rest.split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        if (frame === "data: [DONE]") return;
        const chunk = chunkOf(frame);
        if (chunk) yield chunk;
      }
    }
  } catch (error) {
    throw lost(error);
  } finally {
    reader.cancel().catch(() => {});
  }
}

function chunkOf(frame: string): Chunk | null {
  if (!frame.startsWith("data: ")) return null; // ": ping" keeps the line open.
  const chunk = JSON.parse(frame.slice("data: ".length)) as Chunk;
  if (chunk.error) {
    throw new Failure({ message: chunk.error.message, code: chunk.error.code });
  }
  return chunk;
}
