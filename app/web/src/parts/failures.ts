// Which sentence tells a failure. Pure.

import type { Failure } from "../service/failure";
import type { ChatWords } from "../words";

export type FailureKind = keyof ChatWords["failures"];

const BY_CODE: Record<string, FailureKind> = {
  offline: "offline",
  unreachable: "unreachable",
  interrupted: "interrupted",
  upstream_stream_interrupted: "interrupted",
  upstream_stream_timeout: "interrupted",
  answer_too_long: "interrupted",
  context_length_exceeded: "tooLong",
  request_too_large: "tooLong",
  string_above_max_length: "tooLong",
  conversation_not_found: "conversationGone",
  insufficient_quota: "spent",
  overloaded: "busy",
  request_in_progress: "busy",
  retrieval_unavailable: "documentsAway",
  database_unavailable: "databaseAway",
  shutting_down: "stopping",
};

const BY_STATUS: Record<number, FailureKind> = {
  400: "invalid",
  403: "forbidden",
  404: "gone",
  408: "unreachable",
  413: "tooLong",
  422: "invalid",
  429: "busy",
  502: "modelAway",
  503: "busy",
  504: "modelAway",
};

/** Return which sentence tells `failure`, by its code and then its status. */
export function kindOf(failure: Failure, hasKey = false): FailureKind {
  if (failure.status === 401) return hasKey ? "keyRefused" : "keyNeeded";
  if (Object.hasOwn(BY_CODE, failure.code)) return BY_CODE[failure.code] ?? "other";
  if (failure.code.startsWith("upstream_") && failure.status !== 429)
    return "modelAway";
  return BY_STATUS[failure.status] ?? "other";
}

/** Whether what the service itself said helps a person beyond our sentence. */
export function isTelling(failure: Failure): boolean {
  return [400, 403, 413, 422].includes(failure.status) && failure.message !== "";
}
