"""Settings of the service, read once at start."""

import difflib
from collections.abc import Mapping
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from app.budgets import (
    KeyLimits,
    LimitsSettings,
    PriceSettings,
    RedisSettings,
    SessionLimits,
    TenantLimits,
    price_table,
)
from app.desks import DeskSettings
from app.listening import ServerSettings
from app.looks import HandoffSettings, PageSettings
from ingest.errors import SettingsError
from ingest.settings import (
    ChunkSettings,
    EmbeddingSettings,
    IndexSettings,
    ReadSettings,
    load,
)


class AccessSettings(Struct, frozen=True, kw_only=True):
    """Who a caller is (``ACCESS_…``).

    Attributes:
        tenant: The tenant whose documents callers see as long as there are no keys.
        labels: Access labels that they hold, separated by commas.
        pepper: Secret that stored keys are hashed under; "" hashes without one.
            With another one, every key there was is unknown.
        failures: Wrong keys a minute that are heard from one address before it has
            to wait; 0 hears any number.
    """

    tenant: Annotated[str, Meta(min_length=1)] = "default"
    labels: Annotated[str, Meta(min_length=1)] = "public"
    pepper: str = ""
    failures: Annotated[int, Meta(ge=0)] = 30


class DatabaseSettings(Struct, frozen=True, kw_only=True):
    """Where keys, conversations and turns are kept (``DATABASE_…``).

    Attributes:
        url: ``sqlite:///`` and the path of a file, or ``postgresql://`` and so on.
        pool: Connections to a server, beside two for reports.
        timeout: Seconds to wait for one of them, and as many for what is done with it.
    """

    url: Annotated[str, Meta(min_length=1)] = "sqlite:///data/frontdesk.db"
    pool: Annotated[int, Meta(ge=1, le=100)] = 10
    timeout: Annotated[float, Meta(gt=0)] = 2.0


class ConversationsSettings(Struct, frozen=True, kw_only=True):
    """What is kept of what was asked and answered (``CONVERSATIONS_…``).

    Attributes:
        record: What is kept of a question outside of any conversation: its text and
            figures, figures only, or nothing. Its answer never is.
        retention_days: Days after which a conversation that nobody continued, and
            a question outside of any, are deleted; 0 keeps them.
        spool: Folder for turns that the database did not take, until it does; ""
            keeps none.
    """

    record: Literal["questions", "figures", "off"] = "questions"
    retention_days: Annotated[int, Meta(ge=0, le=36500)] = 365
    spool: str = "data/spool"


class RetrievalSettings(Struct, frozen=True, kw_only=True):
    """How hits are found (``RETRIEVAL_…``).

    Attributes:
        fetch: How deep each of the two rankings is read.
        keep: Most chunks offered to the model.
        per_document: Most chunks of one document before others get their turn.
        min_confidence: Below this confidence the answer is "I do not know".
        on_error: What chat does when the index cannot be searched: refuse with
            503, or answer without sources and say so.
    """

    fetch: Annotated[int, Meta(ge=1, le=1000)] = 100
    keep: Annotated[int, Meta(ge=1, le=50)] = 6
    per_document: Annotated[int, Meta(ge=1)] = 2
    min_confidence: Annotated[float, Meta(ge=0, le=1)] = 0.5
    on_error: Literal["refuse", "answer_without_sources"] = "refuse"


class QuestionSettings(Struct, frozen=True, kw_only=True):
    """How a follow-up is understood (``QUESTION_…``).

    Attributes:
        rewrite: Whether the upstream is asked beside the first search what a
            follow-up means in full.
        rewrite_timeout: Seconds from the question on in which it may say so.
    """

    rewrite: Literal["off", "upstream"] = "off"
    rewrite_timeout: Annotated[float, Meta(gt=0)] = 0.8


class RerankSettings(Struct, frozen=True, kw_only=True):
    """Whether and how the first hits are rescored (``RERANK_…``).

    Attributes:
        model: A folder of a cross-encoder, or the name of one in the local cache;
            "" keeps the order of the index.
        timeout: Seconds rescoring may take; out of time, the order stands.
        depth: First hits that are rescored.
        threads: CPU threads of the model; 0 takes what the machine has.
    """

    model: str = ""
    timeout: Annotated[float, Meta(gt=0)] = 1.0
    depth: Annotated[int, Meta(ge=1, le=200)] = 20
    threads: Annotated[int, Meta(ge=0)] = 0


class ChatSettings(Struct, frozen=True, kw_only=True):
    """How answers are written (``CHAT_…``).

    Attributes:
        model: Model asked for at the upstream; "" asks for what the caller named.
        context_window: Tokens the model can read and write; 0 asks the upstream,
            then a table of known names.
        answer_tokens: Tokens kept free for the answer when the caller names none.
        system_role: Role our instructions are sent in; "auto" is "developer" for
            reasoning models and "system" for the rest.
        instructions: Sentences added to our instructions, such as a tone.
        link_hosts: Hosts that answers may lead to and show images of, separated by
            commas; addresses that stand in a source need none.
        max_n: Most answers to one question.
        first_byte_timeout: Seconds until the upstream's first byte.
        gap_timeout: Seconds between two pieces of a stream.
        total_timeout: Seconds of a whole answer.
        max_answer_bytes: Bytes of the longest answer.
    """

    model: str = ""
    context_window: Annotated[int, Meta(ge=0)] = 0
    answer_tokens: Annotated[int, Meta(ge=16)] = 1024
    system_role: Literal["auto", "system", "developer", "user"] = "auto"
    instructions: str = ""
    link_hosts: str = ""
    max_n: Annotated[int, Meta(ge=1, le=128)] = 4
    first_byte_timeout: Annotated[float, Meta(gt=0)] = 60.0
    gap_timeout: Annotated[float, Meta(gt=0)] = 30.0
    total_timeout: Annotated[float, Meta(gt=0)] = 600.0
    max_answer_bytes: Annotated[int, Meta(ge=1024)] = 2 * 1024 * 1024


class UpstreamSettings(Struct, frozen=True, kw_only=True):
    """The completions API that writes answers.

    Attributes:
        base_url: ``OPENAI_BASE_URL``: one address or several, separated by commas,
            in order of preference; "" answers with extracts. A user and a password
            in one, percent-encoded, are sent in place of its key.
        api_key: ``OPENAI_API_KEY``: one key for all, or as many as addresses,
            separated by commas.
        on_down: ``ON_UPSTREAM_DOWN``: what to answer when none can be reached.
        tiktoken_cache_dir: ``TIKTOKEN_CACHE_DIR``: folder with tiktoken's rank
            files, for exact counts; "" estimates. Nothing is downloaded into it.
    """

    base_url: Annotated[str, Meta(pattern=r"^(\s*https?://[^,\s]+\s*(,|$))*$")] = ""
    api_key: str = ""
    on_down: Literal["error", "extract"] = "error"
    tiktoken_cache_dir: str = ""


class LogSettings(Struct, frozen=True, kw_only=True):
    """What is written to the log (``LOG_…``).

    Attributes:
        level: Least severe level that is written.
    """

    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting of the service."""

    index: IndexSettings = IndexSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    chunk: ChunkSettings = ChunkSettings()
    read: ReadSettings = ReadSettings()
    server: ServerSettings = ServerSettings()
    page: PageSettings = PageSettings()
    handoff: HandoffSettings = HandoffSettings()
    access: AccessSettings = AccessSettings()
    database: DatabaseSettings = DatabaseSettings()
    conversations: ConversationsSettings = ConversationsSettings()
    key_limit: KeyLimits = KeyLimits()
    tenant_limit: TenantLimits = TenantLimits()
    session_limit: SessionLimits = SessionLimits()
    limits: LimitsSettings = LimitsSettings()
    redis: RedisSettings = RedisSettings()
    price: PriceSettings = PriceSettings()
    retrieval: RetrievalSettings = RetrievalSettings()
    question: QuestionSettings = QuestionSettings()
    rerank: RerankSettings = RerankSettings()
    chat: ChatSettings = ChatSettings()
    desk: DeskSettings = DeskSettings()
    log: LogSettings = LogSettings()
    upstream: UpstreamSettings = UpstreamSettings()


UPSTREAM_VARIABLES = {
    "OPENAI_BASE_URL": "base_url",
    "OPENAI_API_KEY": "api_key",
    "ON_UPSTREAM_DOWN": "on_down",
    "TIKTOKEN_CACHE_DIR": "tiktoken_cache_dir",
}
"""The upstream keeps the names that OpenAI's own client reads."""


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read every setting from `environ`.

    Raises:
        SettingsError: A variable is malformed, unknown under a prefix of ours, so
            close to a name of ours that it must be a slip of the pen, or needs
            another that is not set.
    """
    _refuse_misspelled(environ)
    groups = {
        field.name: load(field.type, f"{field.name.upper()}_", environ)
        for field in msgspec.structs.fields(Settings)
        if field.name != "upstream"
    }
    settings = Settings(upstream=_load_upstream(environ), **groups)
    if settings.question.rewrite == "upstream" and not settings.upstream.base_url:
        raise SettingsError("QUESTION_REWRITE: upstream needs OPENAI_BASE_URL")
    price_table(settings.price)
    return settings


def variables() -> dict[str, object]:
    """Return every variable's name with its default, in the order of the structs."""
    found: dict[str, object] = {}
    for group in msgspec.structs.fields(Settings):
        names = {field: name for name, field in UPSTREAM_VARIABLES.items()}
        for field in msgspec.structs.fields(group.type):
            own = f"{group.name}_{field.name}".upper()
            name = names[field.name] if group.name == "upstream" else own
            found[name] = field.default
    return found


def _load_upstream(environ: Mapping[str, str]) -> UpstreamSettings:
    given = {
        field: environ[n] for n, field in UPSTREAM_VARIABLES.items() if n in environ
    }
    try:
        return msgspec.convert(given, UpstreamSettings, strict=False)
    except msgspec.ValidationError as error:
        names = {field: name for name, field in UPSTREAM_VARIABLES.items()}
        message, _, field = str(error).partition(" - at `$.")
        raise SettingsError(f"{names[field.rstrip('`')]}: {message}") from error


def _refuse_misspelled(environ: Mapping[str, str]) -> None:
    known = variables()
    for name in environ:
        if name in known:
            continue
        close = difflib.get_close_matches(name, known, n=1, cutoff=0.9)
        if close:
            raise SettingsError(f"unknown variable {name}; did you mean {close[0]}?")
