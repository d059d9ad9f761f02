"""The fields of OpenAI's chat request, as structs that check them.

Only here does "chunk" mean a part of a stream. What is not named here is accepted,
ignored and counted.

Source:
    The OpenAI API description 2.3.0, ``CreateChatCompletionRequest``.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from app.api.filtering import RequestFilter
from app.messages import JSON, Role

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Short = Annotated[str, Meta(max_length=512)]
Tokens = Annotated[int, Meta(ge=1, le=2**31)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]


class FunctionCall(Struct, frozen=True):
    """What a function is called with."""

    name: str
    arguments: str


class CustomCall(Struct, frozen=True):
    """What a custom tool is called with."""

    name: str
    input: str


class ToolCall(Struct, frozen=True):
    """A call the model made in an earlier turn."""

    id: str
    type: Literal["function", "custom"] = "function"
    function: FunctionCall | None = None
    custom: CustomCall | None = None


class RequestMessage(Struct, frozen=True):
    """One message of the conversation."""

    role: Role
    content: str | list[JSON] | None = None
    tool_calls: Annotated[list[ToolCall], Meta(max_length=128)] | None = None
    tool_call_id: Short | None = None
    name: Short | None = None


class Function(Struct, frozen=True):
    """A function the model may call."""

    name: Name
    description: str | None = None
    parameters: JSON | None = None


class Tool(Struct, frozen=True):
    """A tool the model may call."""

    type: Literal["function", "custom"]
    function: Function | None = None
    custom: JSON | None = None


class JSONSchema(Struct, frozen=True):
    """The schema an answer must follow."""

    name: Name
    schema: JSON | None = None
    strict: bool | None = None


class ResponseFormat(Struct, frozen=True):
    """What kind of text the answer is."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JSONSchema | None = None


class StreamOptions(Struct, frozen=True):
    """What a stream carries."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class Page(Struct, frozen=True, forbid_unknown_fields=True):
    """The page on which a visitor asks."""

    url: Annotated[str, Meta(max_length=2000)] | None = None
    title: Annotated[str, Meta(max_length=300)] | None = None


class Rag(Struct, frozen=True, forbid_unknown_fields=True):
    """Our own object: what a caller may say about retrieval."""

    enabled: bool = True
    top_k: Annotated[int, Meta(ge=1, le=50)] | None = None
    filter: RequestFilter | None = None
    include_sources: Literal["markdown"] | None = None
    conversation_id: Short | None = None
    replaces: Short | None = None
    page: Page | None = None


class ChatRequest(Struct, frozen=True, kw_only=True):
    """A request for a chat completion. A field that is null counts as not given."""

    model: Annotated[str, Meta(min_length=1, max_length=256)]
    messages: Annotated[list[RequestMessage], Meta(min_length=1, max_length=2000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    rag: Rag = Rag()
    n: Annotated[int, Meta(ge=1, le=128)] = 1
    max_tokens: Tokens | None = None
    max_completion_tokens: Tokens | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(ge=0, le=1)] | None = None
    frequency_penalty: Penalty | None = None
    presence_penalty: Penalty | None = None
    logit_bias: dict[str, Annotated[float, Meta(ge=-100, le=100)]] | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    stop: str | Annotated[list[str], Meta(min_length=1, max_length=4)] | None = None
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)] | None = None
    tools: Annotated[list[Tool], Meta(max_length=128)] | None = None
    tool_choice: str | JSON | None = None
    parallel_tool_calls: bool | None = None
    functions: Annotated[list[Function], Meta(max_length=128)] | None = None
    function_call: str | JSON | None = None
    response_format: ResponseFormat | None = None
    metadata: (
        Annotated[
            dict[
                Annotated[str, Meta(max_length=64)],
                Annotated[str, Meta(max_length=512)],
            ],
            Meta(max_length=16),
        ]
        | None
    ) = None
    store: bool | None = None
    user: Short | None = None
    safety_identifier: Short | None = None
    prompt_cache_key: Short | None = None
    prompt_cache_options: JSON | None = None
    service_tier: Short | None = None
    reasoning_effort: Short | None = None
    verbosity: Short | None = None
    prediction: JSON | None = None
    modalities: list[str] | None = None
    audio: JSON | None = None
    moderation: Any = None
    web_search_options: JSON | None = None


OURS = frozenset(
    ("model", "messages", "stream", "stream_options", "rag", "metadata", "store")
)
"""Fields that are not passed on to the upstream."""

KNOWN = frozenset(ChatRequest.__struct_fields__)

OFTEN_SENT = frozenset(
    (
        "best_of", "cache_prompt", "chat_id", "chat_template_kwargs", "extra_body",
        "features", "files", "id", "include_reasoning", "keep_alive", "min_p",
        "model_item", "num_ctx", "options", "params", "plugins", "provider",
        "reasoning", "repeat_penalty", "repetition_penalty", "session_id",
        "stream_response", "thinking", "tool_ids", "top_a", "top_k", "transforms",
        "variables", "web_search",
    )
)  # fmt: skip
"""Unknown fields that clients are known to send; the metric names only these."""
