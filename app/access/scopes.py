"""What a key may be allowed to do, in words. Pure."""

from typing import Literal, get_args

Scope = Literal[
    "chat",
    "chat:system",
    "retrieve",
    "ingest",
    "conversations",
    "feedback",
    "insights",
    "admin",
    "session",
]
"""What a principal may do; a route names those of which it wants one.

``chat:system`` allows a system message of the caller's own. ``session`` is what a
widget's key has instead of every other: it opens short sessions for visitors.
"""

SCOPES: tuple[Scope, ...] = get_args(Scope)

PUBLIC: tuple[Scope, ...] = ()
"""What a route declares that anybody may call."""

ANY: tuple[Scope, ...] = SCOPES
"""What a route declares that every principal may call."""
