"""What the fake upstream reads and writes, as bytes. Pure, but for an id and a date."""

import itertools
import time
from collections.abc import Iterator

import msgspec
from msgspec import Struct

MODEL = "fake"
"""What ``/v1/models`` lists; requests may name any model."""

_WORDS = (
    b"The", b" answer", b" stands", b" in", b" the", b" first", b" source", b" [1]",
    b",", b" and", b" the", b" next", b" one", b" says", b" more", b" [2].",
)  # fmt: skip


class Script(Struct, frozen=True, kw_only=True):
    """How every request is answered.

    Attributes:
        first_byte: Milliseconds from the request to the head and the first piece.
        gap: Milliseconds between two pieces.
        pieces: Pieces of an answer, at least 1; each counts as one token.
    """

    first_byte: float
    gap: float
    pieces: int


class _Options(Struct):
    include_usage: bool = False


class Asked(Struct):
    """What a request asks, as far as it matters here.

    Attributes:
        messages: The conversation.
        model: Any name; it is repeated in the answer.
        stream: Whether the answer is streamed.
        stream_options: Whether its usage is told.
    """

    messages: list[msgspec.Raw]
    model: str = MODEL
    stream: bool | None = False
    stream_options: _Options | None = None


class Unreadable(ValueError):
    """The body is no chat request."""


_decode = msgspec.json.Decoder(Asked).decode
_numbers = itertools.count(1)


def read(body: bytes) -> Asked:
    """Read a chat request.

    Raises:
        Unreadable: It is none.
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Unreadable(f"not a chat request: {error}") from error


def frames(pieces: int, asked: Asked) -> Iterator[bytes]:
    """Yield what is written piece by piece; the first has the head before it."""
    options = asked.stream_options
    counted = options is not None and options.include_usage
    before = _identity(b"chat.completion.chunk", asked)
    after = b',"usage":null}\n\n' if counted else b"}\n\n"

    def frame(delta: bytes, finish: bytes) -> bytes:
        return _chunk(
            b'data: %b,"choices":[{"index":0,"delta":%b,"logprobs":null,'
            b'"finish_reason":%b}]%b' % (before, delta, finish, after)
        )

    first = b'{"role":"assistant","content":"%b"}' % _WORDS[0]
    last = frame(b"{}", b'"stop"')
    if counted:
        told = b'data: %b,"choices":[],"usage":%b}\n\n' % (
            before,
            _usage(pieces, asked),
        )
        last += _chunk(told)
    last += _chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"
    for piece in range(pieces):
        word = _WORDS[piece % len(_WORDS)]
        text = frame(first if not piece else b'{"content":"%b"}' % word, b"null")
        begin = _STREAM_HEAD if not piece else b""
        # The last piece and the end belong together: no gap is told between them.
        yield begin + text + (last if piece == pieces - 1 else b"")


def whole(pieces: int, asked: Asked) -> bytes:
    """Return a whole answer with its head."""
    text = b"".join(_WORDS[i % len(_WORDS)] for i in range(pieces))
    body = (
        b'%b,"choices":[{"index":0,"message":{"role":"assistant","content":"%b",'
        b'"refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":%b}'
        % (_identity(b"chat.completion", asked), text, _usage(pieces, asked))
    )
    return head(200, body)


def _usage(pieces: int, asked: Asked) -> bytes:
    # Four bytes a token are about what tokenizers make of English.
    sent = sum(len(bytes(message)) for message in asked.messages) // 4
    return b'{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}' % (
        sent, pieces, sent + pieces,
    )  # fmt: skip


def _identity(kind: bytes, asked: Asked) -> bytes:
    return b'{"id":"chatcmpl-fake%d","object":"%b","created":%d,"model":%b' % (
        next(_numbers), kind, int(time.time()), msgspec.json.encode(asked.model),
    )  # fmt: skip


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def refusal(message: str) -> bytes:
    """Return the body of an error."""
    error = {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }
    return msgspec.json.encode({"error": error})


_STATUS = {
    200: b"OK", 400: b"Bad Request", 404: b"Not Found", 405: b"Method Not Allowed",
    413: b"Content Too Large",
}  # fmt: skip

_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    b"cache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n"
)

MODELS = msgspec.json.encode(
    {
        "object": "list",
        "data": [
            {"id": MODEL, "object": "model", "created": 0, "owned_by": "frontdesk"}
        ],
    }
)


def head(status: int, body: bytes) -> bytes:
    """Return `body` with its head."""
    return (
        b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n"
        % (status, _STATUS[status], len(body))
    ) + body
