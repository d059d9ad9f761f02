"""The chunk that nearly all of a stream consists of: one choice, text, nothing else.

Read into these types it costs a third of what it costs as a dictionary. Whatever
does not fit, such as a tool call, a finish reason, probabilities or an error, is no
plain chunk, and is read the long way.
"""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from app.upstream.repair import MAX_CHOICES


class PlainDelta(Struct, forbid_unknown_fields=True, gc=False):
    """Text to add; other fields are absent, or empty as some servers send them.

    Attributes:
        content: The text; not "".
    """

    content: Annotated[str, Meta(min_length=1)]
    role: str | None = None
    refusal: None = None
    tool_calls: None = None
    function_call: None = None
    reasoning: None = None
    reasoning_content: None = None


class PlainChoice(Struct, gc=False):
    """A choice that goes on. Its other fields are not ours to pass on.

    Attributes:
        index: Which one, from 0.
        delta: What it says.
    """

    index: Annotated[int, Meta(ge=0, lt=MAX_CHOICES)]
    delta: PlainDelta
    logprobs: None = None
    finish_reason: None = None


class PlainChunk(Struct, gc=False):
    """A chunk of one choice.

    Attributes:
        choices: The one.
        system_fingerprint: As the upstream tells it.
        service_tier: The same.
    """

    choices: tuple[PlainChoice]
    system_fingerprint: str | None = None
    service_tier: str | None = None
    usage: None = None
    error: None = None
    detail: None = None


decode_plain = msgspec.json.Decoder(PlainChunk).decode
"""Reads a plain chunk; raises `msgspec.DecodeError` if it is none."""
