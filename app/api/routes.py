"""What to tell callers who ask for a path that does not exist. Pure."""

from collections.abc import Collection

_CHAT = "/v1/chat/completions"
_CHAT_ONLY = frozenset(("/v1/completions", "/v1/responses", "/v1/assistants"))


def advice_for(path: str, routes: Collection[str]) -> str:
    """Say that there is no `path`, and which of `routes` was probably meant.

    Args:
        path: The path that was asked for.
        routes: Paths that exist; those with parameters are not guessed at.
    """
    shown = path if len(path) <= 200 else f"{path[:200]}…"
    if (meant := _corrected(path)) in _CHAT_ONLY:
        return f"There is no {shown} here: this service answers chat at {_CHAT}."
    # A base address with or without /v1 is the commonest slip.
    for guess in (meant, f"/v1{meant}"):
        if guess in routes and guess != path:
            return f"There is no {shown} here; did you mean {guess}?"
    return f"There is no {shown} here."


def _corrected(path: str) -> str:
    parts = [part for part in path.split("/") if part]
    while parts[:2] == ["v1", "v1"]:
        parts.pop(0)
    if parts[:1] in (["api"], ["openai"]):
        parts.pop(0)
    return "/" + "/".join(parts)
