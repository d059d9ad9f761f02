"""What a tenant's people ask most and are answered, told to others who ask there.

A question is somebody's own words. It is told on only if several people put it in the
same words, and only to those who see all that its askers saw: an answer's subject may
be something that others must not even hear of.
"""

import time
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import exists, func, or_, select

from app.database.engine import Database
from app.database.tables import feedback, keys, turns
from app.insights.grouping import folded
from ingest.documents import Principal, Sight

MOST = 6
"""Questions that are told."""

ASKERS = 3
"""Different people who must have asked a question in the same words."""

DAYS = 30
"""How far back is looked."""

_LONGEST = 200
"""Characters of a question that is told on; longer ones tell a story."""

_NEWEST = 5000
"""Answered questions that are looked at."""

_SECONDS = 60.0
"""How long what was found is told again."""

_SIGHTS = 1000
"""Sights for which it is remembered."""

_labels = msgspec.json.Decoder(list[str])


class _Asked(Struct, frozen=True):
    """What is read of a turn: its question, who asked it, and what they saw."""

    question: str
    session: str
    user: str
    conversation_id: str | None
    key_id: str
    labels: str | None


class MostAsked:
    """Tells what is asked most."""

    def __init__(self, database: Database, *, unkeyed: Sequence[str]) -> None:
        """Read from `database`.

        Args:
            database: Keeps turns and keys.
            unkeyed: Labels of whoever asks while there are no keys.
        """
        self._database = database
        self._unkeyed = frozenset(unkeyed)
        self._told: OrderedDict[Sight, tuple[float, tuple[str, ...]]] = OrderedDict()

    async def told(self, principal: Principal, *, now: float = 0.0) -> tuple[str, ...]:
        """Return at most `MOST` questions, those that most people ask first.

        Args:
            principal: Who is told. Only questions of their tenant, from askers who
                held no label that they do not.
            now: Seconds since the epoch; 0 takes the clock.

        Raises:
            DatabaseUnavailable: They cannot be read now.
        """
        now = now or time.time()
        sight = principal.sight
        if sight in self._told and 0 <= now - self._told[sight][0] < _SECONDS:
            return self._told[sight][1]
        rows = await self._read(principal, now)
        found = _most(row for row in rows if self._may_tell(principal, row))
        self._told[sight] = (now, found)
        self._told.move_to_end(sight)
        if len(self._told) > _SIGHTS:
            self._told.popitem(last=False)
        return found

    def _may_tell(self, principal: Principal, row: _Asked) -> bool:
        if row.labels is not None:
            return set(_labels.decode(row.labels)) <= set(principal.labels)
        # A key that nobody knows: neither does anybody know what its holder saw.
        return not row.key_id and self._unkeyed <= set(principal.labels)

    async def _read(self, principal: Principal, now: float) -> Sequence[_Asked]:
        disliked = exists().where(
            feedback.c.turn_id == turns.c.id, feedback.c.rating < 0
        )
        asked = (
            select(
                turns.c.question,
                turns.c.session,
                turns.c.user,
                turns.c.conversation_id,
                turns.c.key_id,
                keys.c.labels,
            )
            .select_from(turns.outerjoin(keys, keys.c.id == turns.c.key_id))
            .where(
                turns.c.tenant == principal.tenant,
                turns.c.created >= now - DAYS * 86_400,
                turns.c.answered.is_(True),
                turns.c.question != "",
                func.length(turns.c.question) <= _LONGEST,
                # What follows another question means little alone.
                or_(turns.c.position.is_(None), turns.c.position == 0),
                ~disliked,
            )
            .order_by(turns.c.created.desc(), turns.c.id)
            .limit(_NEWEST)
        )
        async with self._database.reading(much=True) as connection:
            return [_Asked(*row) for row in await connection.execute(asked)]


def _most(rows: Iterable[_Asked]) -> tuple[str, ...]:
    askers: dict[str, set[str]] = {}
    wordings: dict[str, Counter[str]] = {}
    for row in rows:
        text = " ".join(row.question.split())
        if not text.isprintable() or not any(map(str.isalpha, text)):
            continue
        wording = folded(text)
        askers.setdefault(wording, set()).add(_asker(row))
        wordings.setdefault(wording, Counter())[text] += 1
    enough = [wording for wording in askers if len(askers[wording]) >= ASKERS]
    best = sorted(enough, key=lambda wording: (-len(askers[wording]), wording))[:MOST]
    return tuple(wordings[wording].most_common(1)[0][0] for wording in best)


def _asker(row: _Asked) -> str:
    """Return who asked, as far as anybody can tell them from others."""
    names = {
        "session": row.session,
        "user": row.user,
        "conversation": row.conversation_id,
        "key": row.key_id,
    }
    return next((f"{kind}:{name}" for kind, name in names.items() if name), "")
