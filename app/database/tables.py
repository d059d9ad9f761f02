"""The tables. What is written here is compared with what the migrations build.

    keys      conversations --< turns --< feedback      replies

Times are seconds since the epoch. A lease is a time until which a process promises
to be at work on a row: one that is over belongs to a process that died.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

keys = Table(
    "keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("name", Text, nullable=False),
    # "secret" or "widget".
    Column("kind", Text, nullable=False),
    # SHA-256 of the key's text, or its HMAC under ACCESS_PEPPER, as hex digits.
    Column("digest", Text, nullable=False),
    # JSON arrays of words.
    Column("scopes", Text, nullable=False),
    Column("labels", Text, nullable=False),
    Column("origins", Text, nullable=False),
    # JSON object: limits of this key's own.
    Column("limits", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("expires", Double),
    Column("revoked", Double),
    # To the hour.
    Column("used", Double),
    # Id of the key that this one takes over from.
    Column("replaces", Text),
    Index(None, "tenant", "created"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    # Whom it is with, as the tenant calls them; "" for nobody in particular.
    Column("user", Text, nullable=False),
    # The visitor's session it belongs to; "" for none.
    Column("session", Text, nullable=False),
    Column("title", Text, nullable=False),
    # JSON object of texts.
    Column("metadata", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Index(None, "tenant", "created", "id"),
    Index(None, "tenant", "user"),
    Index(None, "updated"),
)

turns = Table(
    "turns",
    metadata,
    # The id of the completion, "chatcmpl-…".
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    # None for a question outside of any conversation.
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE")),
    # From 0 within a conversation.
    Column("position", Integer),
    Column("user", Text, nullable=False),
    Column("session", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    # running, complete, incomplete, failed, cancelled.
    Column("status", Text, nullable=False),
    Column("lease", Double),
    # SHA-256 of the request, by which a second try of it is known.
    Column("digest", Text, nullable=False),
    Column("model", Text, nullable=False),
    # Texts of the two messages; "" where they are not kept.
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    # JSON array: what was asked, where that is more than one text; else "".
    Column("message", Text, nullable=False),
    # JSON object: fields of the answer's message beside its text; else "".
    Column("said", Text, nullable=False),
    # JSON objects: hits offered and markers, and how the answer came; else "".
    Column("citations", Text, nullable=False),
    Column("rag", Text, nullable=False),
    # Code of the error it ended with, or "".
    Column("error", Text, nullable=False),
    # Whether the answer says more than that it does not know; None while running.
    Column("answered", Boolean),
    Column("confidence", Double),
    # JSON array: paths of the documents offered, best first.
    Column("documents", Text, nullable=False),
    Column("prompt_tokens", BigInteger, nullable=False),
    Column("completion_tokens", BigInteger, nullable=False),
    # In billionths of the price table's currency; None where no price is known.
    Column("cost", BigInteger),
    # Seconds from the request to the answer's end.
    Column("seconds", Double),
    Column("created", Double, nullable=False),
    # When another turn took its place in the conversation; None while it stands.
    Column("replaced", Double),
    UniqueConstraint("conversation_id", "position"),
    Index(None, "tenant", "created"),
    Index(None, "status", "lease"),
)

feedback = Table(
    "feedback",
    metadata,
    Column(
        "turn_id", Text, ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True
    ),
    # Who gave it: "key:", "session:" or "user:", and its name.
    Column("author", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    # 1 or -1.
    Column("rating", Integer, nullable=False),
    Column("comment", Text, nullable=False),
    Column("created", Double, nullable=False),
    Column("updated", Double, nullable=False),
    Index(None, "tenant", "updated"),
)

replies = Table(
    "replies",
    metadata,
    Column("tenant", Text, primary_key=True),
    # Session or key that asked: nobody finds the answers of others by their keys.
    Column("author", Text, primary_key=True),
    # What the caller sent as Idempotency-Key.
    Column("key", Text, primary_key=True),
    # SHA-256 of method, path and canonical body.
    Column("digest", Text, nullable=False),
    # None while the answer is being written.
    Column("status", Integer),
    # JSON array of pairs.
    Column("headers", Text, nullable=False),
    # None while the answer is being written, and until it is stored.
    Column("body", LargeBinary),
    Column("lease", Double),
    Column("expires", Double, nullable=False),
    Index(None, "expires"),
)
