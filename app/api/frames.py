"""An answer's pieces become the frames of a stream that keeps the contract. Pure.

    role -> content* -> annotations? -> finish   of each choice, interleaved
    then the usage, if wanted, and [DONE]

Finish reasons are held back until every choice is over: an answer that breaks off
must not look complete, and the last one carries what is known only then.
"""

import time
from typing import Any

import msgspec

from app.api.answering import Answer
from app.api.carriers import annotations, extras, listed, usage_json
from app.api.errors import error_body
from app.errors import UpstreamInterrupted
from app.messages import JSON, Piece, Question

DONE = b"data: [DONE]\n\n"
PING = b": ping\n\n"

_encode = msgspec.json.Encoder().encode


def failure(error: Exception) -> bytes:
    """Return the frames that end a stream with `error`."""
    return b"data: " + _encode(error_body(error)) + b"\n\n" + DONE


class Frames:
    """Writes the frames of one answer."""

    def __init__(self, question: Question, answer: Answer, *, address: str) -> None:
        """Start before the first frame.

        Args:
            question: What was asked.
            answer: What answers it.
            address: Address of this service, for links.
        """
        self._question = question
        self._answer = answer
        self._address = address
        identity: JSON = {
            "id": answer.id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": answer.model,
        }
        self._head = b"data: " + _encode(identity)[:-1] + b',"choices":['
        usage = b',"usage":null' if question.include_usage else b""
        self._usual_end = usage + b"}\n\n"
        self._end = b"]" + self._usual_end
        self._plain_end = b'},"logprobs":null,"finish_reason":null}' + self._end
        self._plain: dict[int, bytes] = {}
        self._reasons: dict[int, str] = {}

    def take(self, piece: Piece) -> bytes:
        """Return the frames of the next piece; there may be none."""
        begun = b""
        if piece.index not in self._plain:
            begun = self._begin(piece.index)
        if piece.finish_reason:
            self._reasons[piece.index] = piece.finish_reason
        if piece.rest or piece.logprobs:
            return begun + self._general(piece)
        if not piece.content:
            return begun
        content = _encode(piece.content)
        return begun + self._plain[piece.index] + content + self._plain_end

    def close(self) -> bytes:
        """Return the frames after the last piece.

        Raises:
            UpstreamInterrupted: A choice has begun and not ended, or there is none.
        """
        if not self._reasons or self._reasons.keys() != self._plain.keys():
            raise UpstreamInterrupted("the answer ended without a reason")
        frames = [self._cited(index) for index in self._reasons]
        *reasons, last = self._reasons.items()
        frames += [self._finish(index, reason, {}) for index, reason in reasons]
        more = extras(self._question, self._answer, self._address)
        frames.append(self._finish(*last, more))
        if self._question.include_usage:
            usage = _encode(usage_json(self._answer.usage))
            frames.append(self._head + b'],"usage":' + usage + b"}\n\n")
        return b"".join((*frames, DONE))

    def _begin(self, index: int) -> bytes:
        start = self._head + b'{"index":%d,"delta":{' % index
        self._plain[index] = start + b'"content":'
        return start + b'"role":"assistant","content":""' + self._plain_end

    def _general(self, piece: Piece) -> bytes:
        delta = {k: v for k, v in piece.rest.items() if k != "annotations"}
        if piece.content:
            delta = {"content": piece.content, **delta}
        return self._choice(piece.index, delta, piece.logprobs)

    def _cited(self, index: int) -> bytes:
        citations = self._answer.citations(index)
        if not citations:
            return b""
        text = listed(self._question, citations, self._address)
        cited = annotations(citations, self._address)
        return self._choice(index, {"content": text, "annotations": cited}, None)

    def _choice(self, index: int, delta: JSON, logprobs: JSON | None) -> bytes:
        choice = {
            "index": index,
            "delta": delta,
            "logprobs": logprobs,
            "finish_reason": None,
        }
        return self._head + _encode(choice) + self._end

    def _finish(self, index: int, reason: str, more: dict[str, Any]) -> bytes:
        choice = {
            "index": index,
            "delta": {},
            "logprobs": None,
            "finish_reason": reason,
        }
        added = b"," + _encode(more)[1:-1] if more else b""
        return self._head + _encode(choice) + b"]" + added + self._usual_end
