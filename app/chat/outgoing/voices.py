"""One choice of an answer on its way out, and what is held back of it."""

from collections.abc import Sequence
from itertools import chain

from msgspec.structs import replace

from app.chat.citations import cited
from app.chat.outgoing.calls import CallFilter
from app.chat.outgoing.links import LinkFilter
from app.chat.outgoing.texts import Rules, TextFilter, leaving
from app.errors import UpstreamBroken
from app.messages import JSON, Choice, Citation, Piece
from ingest.documents import Hit

_LOADED = "images"
"""A field that some servers add; clients load what it names."""


class Voice:
    """One choice of a stream: its text so far, and what is held back of it.

    Attributes:
        waiting: Something is held back.
    """

    def __init__(self, rules: Rules) -> None:
        """Begin before the first piece."""
        self.waiting = False
        self._rules = rules
        self._texts = TextFilter(rules) if rules.is_prose else None
        self._calls = CallFilter(rules.tools)
        self._fields: dict[str, LinkFilter] = {}
        self._said: list[str] = []
        self._came = ""
        self._ready = ""
        self._logprobs: list[JSON] = []

    @property
    def text(self) -> str:
        """What left so far."""
        return "".join(self._said)

    def take(self, piece: Piece) -> Piece | None:
        """Return what may leave of a piece, or None if nothing may yet.

        Raises:
            UpstreamBroken: The choice is over, and was nothing but calls of tools that
                nobody declared.
        """
        texts = self._texts
        # Text alone, and nothing before it waits: most pieces are so.
        if texts and not (
            piece.rest
            or piece.finish_reason is not None
            or piece.logprobs
            or self._came
            or self._logprobs
        ):
            content = piece.content
            if texts.passes(content):
                self._said.append(content)
                return piece
            if content and not self._ready:
                return self._take_plain(piece, texts)
        left = self._take(piece, texts)
        fields = any(field.held for field in self._fields.values())
        self.waiting = bool(fields or self._logprobs or (texts and texts.held))
        return left

    def _take(self, piece: Piece, texts: TextFilter | None) -> Piece | None:
        if piece.rest:
            piece = replace(piece, rest=self._beside(piece.rest))
        if piece.finish_reason is not None:
            piece = self._closing(piece)
        if texts is None:
            self._said.append(piece.content)
            return piece if _says_something(piece) else None
        return self._take_text(piece, texts, texts.feed(piece.content))

    def _take_plain(self, piece: Piece, texts: TextFilter) -> Piece | None:
        """Return what may leave of text alone, if nothing before it waits."""
        left = texts.feed(piece.content)
        if left == piece.content and not texts.waiting:
            self._said.append(left)
            return piece
        said = self._take_text(piece, texts, left)
        self.waiting = texts.held > 0
        return said

    def release(self, index: int) -> Piece | None:
        """Return what is held back of choice `index`: it has waited long enough."""
        text, self._ready = self._ready, ""
        if self._texts:
            text += self._texts.release()
        fields = {name: held.released() for name, held in self._fields.items()}
        self._said.append(text)
        self._came, self._logprobs = "", []
        self.waiting = False
        rest = {name: left for name, left in fields.items() if left}
        piece = Piece(index=index, content=text, rest=rest)
        return piece if _says_something(piece) else None

    def _take_text(self, piece: Piece, texts: TextFilter, left: str) -> Piece | None:
        self._came += piece.content
        self._ready += left
        if piece.logprobs is not None:
            self._logprobs.append(piece.logprobs)
        if piece.finish_reason is not None:
            self._ready += texts.flush()
        # Probabilities belong to whole pieces, so these leave whole or not yet.
        elif self._logprobs and texts.waiting:
            return replace(piece, content="", logprobs=None) if piece.rest else None
        same = self._ready == self._came
        if same and not self._logprobs and self._ready == piece.content:
            said = piece
        else:
            logprobs = _joined(self._logprobs) if same else None
            said = replace(piece, content=self._ready, logprobs=logprobs)
        self._said.append(self._ready)
        if not texts.waiting:
            self._came = ""
        self._ready, self._logprobs = "", []
        return said if _says_something(said) else None

    def _beside(self, rest: JSON) -> JSON:
        """Return what may leave of the fields beside the text."""
        left = {}
        for name, value in self._calls.take(rest).items():
            text = isinstance(value, str)
            said = self._field(name).feed(value) if text else value
            if said not in ("", None) and name != _LOADED:
                left[name] = said
        return left

    def _field(self, name: str) -> LinkFilter:
        if name not in self._fields:
            self._fields[name] = LinkFilter(self._rules.addresses)
        return self._fields[name]

    def _closing(self, piece: Piece) -> Piece:
        """Return the last piece, with what was held back of fields, and its reason."""
        rest = dict(piece.rest)
        for name, field in self._fields.items():
            if left := field.flush():
                rest[name] = rest.get(name, "") + left
        _check_said(self._calls, self.text, self._came, piece.content, *self._fields)
        reason = self._calls.reason(piece.finish_reason or "stop")
        return replace(piece, rest=rest, finish_reason=reason)


def checked(choice: Choice, rules: Rules, hits: Sequence[Hit]) -> Choice:
    """Return what may leave of a whole choice, with its citations.

    Args:
        choice: The choice; one of our own making brings its citations.
        rules: What may leave.
        hits: Sources that were offered.

    Raises:
        UpstreamBroken: It is nothing but calls of tools that nobody declared.
    """
    calls = CallFilter(rules.tools)
    rest = {
        name: _filtered(value, rules) if isinstance(value, str) else value
        for name, value in calls.take_whole(choice.rest).items()
        if name != _LOADED
    }
    _check_said(
        calls, choice.content, *(v for v in rest.values() if isinstance(v, str))
    )
    reason = calls.reason(choice.finish_reason)
    choice = replace(choice, rest=rest, finish_reason=reason)
    if not choice.content or not rules.is_prose:
        return choice
    if choice.citations:
        rules = replace(rules, cites=False)
    text = leaving(choice.content, rules)
    same = text == choice.content
    citations = choice.citations
    if not citations and rules.cites:
        citations = cited(text, hits)
    elif not same:
        citations = _moved(choice.content, text, citations, rules)
    logprobs = choice.logprobs if same else None
    return replace(choice, content=text, logprobs=logprobs, citations=citations)


def _moved(
    text: str, left: str, citations: Sequence[Citation], rules: Rules
) -> tuple[Citation, ...]:
    """Return where citations of `text` stand in what is left of it."""
    moved = []
    for citation in citations:
        marker = text[citation.start : citation.end]
        before = leaving(text[: citation.start], rules)
        # As long is not the same: the marker behind may be another citation's.
        if left.startswith(before + marker):
            start, end = len(before), len(before) + len(marker)
            moved.append(replace(citation, start=start, end=end))
    return tuple(moved)


def _filtered(text: str, rules: Rules) -> str:
    links = LinkFilter(rules.addresses)
    return links.feed(text) + links.flush()


def _check_said(calls: CallFilter, *said: object) -> None:
    """Raise if calls were dropped and nothing else is said."""
    if calls.dropped and not calls.kept and not any(said):
        raise UpstreamBroken("the model called nothing but tools that nobody declared")


def _says_something(piece: Piece) -> bool:
    said = piece.content or piece.rest or piece.logprobs
    return bool(said) or piece.finish_reason is not None


def _joined(logprobs: Sequence[JSON]) -> JSON | None:
    """Return the probabilities of several pieces as those of one."""
    if not logprobs:
        return None
    names = dict.fromkeys(name for part in logprobs for name in part)
    lists = {n: [part[n] for part in logprobs if part.get(n)] for n in names}
    return {n: [*chain.from_iterable(found)] or None for n, found in lists.items()}
