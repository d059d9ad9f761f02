"""The nouns of a conversation: what is asked, what is answered, what is cited.

    Question --retrieve--> hits --build_prompt--> Prompt --upstream--> Answer

This module imports nothing of ours but the nouns of the index.
"""

from typing import Any, Literal

from msgspec import Struct

from ingest.documents import Hit

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]

JSON = dict[str, Any]
"""A JSON object that passes through us without being looked at."""


class Message(Struct, frozen=True, kw_only=True):
    """One thing said.

    Attributes:
        role: Who said it.
        content: Text, parts as the caller sent them, or None beside tool calls.
        rest: Every other field of the message, unchanged: ``tool_calls``,
            ``tool_call_id``, ``name`` and what else the caller sent.
    """

    role: Role
    content: str | tuple[JSON, ...] | None = None
    rest: JSON = {}

    @property
    def text(self) -> str:
        """What is said in words: the text parts, joined by line breaks."""
        if isinstance(self.content, str):
            return self.content
        parts = self.content or ()
        return "\n".join(p["text"] for p in parts if p.get("type") == "text")

    def as_json(self) -> JSON:
        """Return the message as the API writes it."""
        content = (
            list(self.content) if isinstance(self.content, tuple) else self.content
        )
        return {"role": self.role, "content": content, **self.rest}


class Filter(Struct, frozen=True, kw_only=True):
    """Which documents may answer, within what the principal may see.

    All of it must hold; what is empty does not narrow.

    Attributes:
        path: Only documents whose path starts with one of these.
        label: Only chunks with one of these labels.
        language: Only chunks in one of these ISO 639-1 codes.
        document: Only these document ids.
        version: Only documents that declare one of these product versions, or a
            narrower one.
        since: Only documents of this ISO day or later.
        until: Only documents of this ISO day or earlier.
    """

    path: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    document: tuple[str, ...] = ()
    version: tuple[str, ...] = ()
    since: str = ""
    until: str = ""


class PageHint(Struct, frozen=True, kw_only=True):
    """The page on which a question is asked, as its visitor's browser tells it.

    Attributes:
        url: Its address, or "".
        title: Its title, or "".
    """

    url: str = ""
    title: str = ""


class RagOptions(Struct, frozen=True, kw_only=True):
    """What a caller may say about retrieval: the request's object ``rag``.

    Attributes:
        enabled: Search at all; False relays the conversation as it is.
        top_k: Most chunks offered to the model; None takes the setting.
        filter: Which documents may answer.
        include_sources: "markdown" appends a list of sources to the answer's text.
        page: The page on which it is asked: a hint for the search.
    """

    enabled: bool = True
    top_k: int | None = None
    filter: Filter = Filter()
    include_sources: Literal["markdown"] | None = None
    page: PageHint = PageHint()


class Question(Struct, frozen=True, kw_only=True):
    """A request for an answer, checked.

    Attributes:
        model: The model the caller named.
        messages: The conversation, ending with what is asked.
        stream: Answer in pieces.
        include_usage: Close the stream with a chunk of usage.
        rag: What the caller says about retrieval.
        parameters: What belongs to the upstream, unchanged: sampling, tools,
            response format and the like.
        conversation_id: The stored conversation it continues; "" for none.
        replaces: Id of the turn of it that is asked anew: that one and all after it
            stand no longer. "" for none.
        user: Who asks, as the caller calls them; "" for nobody in particular.
        digest: SHA-256 of the request, where a second try of it must be known.
        retried: The caller says that it has sent this before.
    """

    model: str
    messages: tuple[Message, ...]
    stream: bool = False
    include_usage: bool = False
    rag: RagOptions = RagOptions()
    parameters: JSON = {}
    conversation_id: str = ""
    replaces: str = ""
    user: str = ""
    digest: str = ""
    retried: bool = False

    @property
    def wants_json(self) -> bool:
        """The answer's text is JSON, so nothing may be added to or cut from it."""
        kind = (self.parameters.get("response_format") or {}).get("type", "text")
        return bool(kind != "text")


class Queries(Struct, frozen=True, kw_only=True):
    """What to search for on behalf of a question.

    Attributes:
        texts: Texts to embed, each with its share in the query's vector; shares
            sum to 1. Empty when nothing was asked in words.
        keywords: Texts whose terms are searched for, each with its weight, the
            question first; a term counts where it stands first.
        language: ISO 639-1 code of the question, or "" when unknown.
        follow_up: The question stands on an earlier turn.
        beside: Texts whose terms are searched for as well, each with its weight; an
            answer need not hold them.
    """

    texts: tuple[tuple[str, float], ...] = ()
    keywords: tuple[tuple[str, float], ...] = ()
    language: str = ""
    follow_up: bool = False
    beside: tuple[tuple[str, float], ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What is searched for, in words, the question first."""
        return tuple(text for text, _ in self.texts)


class Findings(Struct, frozen=True, kw_only=True):
    """What retrieval found for a question.

    Attributes:
        hits: Best first.
        confidence: How likely the hits hold an answer, in [0, 1].
        queries: What was searched for, in words.
        edition: Name of the edition that answered.
        degraded: Why the order is a weaker one than asked for, or None.
    """

    hits: tuple[Hit, ...]
    confidence: float
    queries: tuple[str, ...]
    edition: str
    degraded: str | None = None


class Citation(Struct, frozen=True, kw_only=True):
    """A marker in an answer and the place it points to.

    Attributes:
        number: Number of the source in the answer, from 1.
        hit: The chunk it points to.
        start: First code point of the marker in the answer's text.
        end: One past the last.
    """

    number: int
    hit: Hit
    start: int
    end: int


class Usage(Struct, frozen=True, kw_only=True):
    """Tokens of one answer.

    Attributes:
        prompt: Tokens really sent, sources included.
        completion: Tokens of the answer.
        sources: Share of `prompt` that the sources took.
        stuffed: What `prompt` would have been with the sources' documents whole.
        cached: Share of `prompt` the upstream had cached.
        reasoning: Share of `completion` that was thought and not said.
        rewrite: Taken beside these to rewrite the question, both ways.
        cost: What all of it costs, in billionths of the price table's currency; None
            where no price is known.
    """

    prompt: int = 0
    completion: int = 0
    sources: int = 0
    stuffed: int = 0
    cached: int = 0
    reasoning: int = 0
    rewrite: int = 0
    cost: int | None = None


class Piece(Struct, frozen=True, kw_only=True):
    """A part of one choice of an answer, as it arrives.

    Attributes:
        index: Which choice, from 0.
        content: Text to add, or "".
        rest: Other fields of the delta, repaired to the contract: ``tool_calls``,
            ``refusal``, ``reasoning_content`` and the like; empty for plain text.
        logprobs: As the upstream sent them.
        finish_reason: Set on a choice's last piece, and only there.
    """

    index: int = 0
    content: str = ""
    rest: JSON = {}
    logprobs: JSON | None = None
    finish_reason: str | None = None


class Choice(Struct, frozen=True, kw_only=True):
    """One whole answer of a completion.

    Attributes:
        index: Which choice, from 0.
        content: The text, or None beside tool calls.
        rest: Other fields of the message: ``tool_calls``, ``refusal``, ``audio``.
        logprobs: As the upstream sent them.
        finish_reason: Why it ended; one of the contract's values.
        citations: Markers in `content` and where they point.
    """

    index: int = 0
    content: str | None = None
    rest: JSON = {}
    logprobs: JSON | None = None
    finish_reason: str = "stop"
    citations: tuple[Citation, ...] = ()


class Completion(Struct, frozen=True, kw_only=True):
    """What the model, or an extract, returned as a whole.

    Attributes:
        choices: Answers by index.
        usage: Tokens, or None where the upstream did not say.
        rest: ``system_fingerprint`` and ``service_tier``, if given.
    """

    choices: tuple[Choice, ...]
    usage: Usage | None = None
    rest: JSON = {}
