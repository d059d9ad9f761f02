"""What is counted of whom, in this process; time is passed in, and nothing waits.

A minute begins with the first request in it and is `MINUTE` seconds long; a day is one
of UTC. What a running answer may still take is held until it is settled, renewed or
its lease is over; what is held counts against every window that passes meanwhile.
"""

from collections.abc import Sequence

from msgspec import Struct, field

from app.access.limits import (
    DAY,
    MINUTE,
    Amount,
    LimitName,
    Refusal,
    Standing,
    Subject,
    Verdict,
)

_NOTHING = Amount()
_MANY = 1024
"""Books below which none is looked for that could be thrown away."""


class _Window(Struct):
    """What was counted since the first request of a minute."""

    since: float = float("-inf")
    count: int = 0

    def left(self, now: float) -> float:
        """Return the seconds it lasts; 0 if it is over, or began in the future."""
        passed = now - self.since
        return MINUTE - passed if 0 <= passed < MINUTE else 0.0

    def counted(self, now: float) -> int:
        return self.count if self.left(now) else 0

    def add(self, count: int, now: float) -> None:
        if not self.left(now):
            self.since, self.count = now, 0
        self.count += count

    def standing(self, limit: int, taken: int, now: float) -> Standing:
        return Standing(
            limit=limit, remaining=max(limit - taken, 0), reset=self.left(now)
        )


class _Hold(Struct):
    """What one running answer may take, and when that ends by itself."""

    until: float
    amount: Amount


class _Book(Struct):
    """What is counted of one subject."""

    requests: _Window = field(default_factory=_Window)
    tokens: _Window = field(default_factory=_Window)
    day: int = 0
    day_tokens: int = 0
    day_money: int = 0
    holds: dict[str, _Hold] = field(default_factory=dict)
    held: Amount = _NOTHING

    def catch_up(self, now: float) -> None:
        """Forget what is over: the day before, and leases that ran out."""
        if (day := int(now // DAY)) != self.day:
            self.day, self.day_tokens, self.day_money = day, 0, 0
        # The next to run out is the first: whoever renews goes to the end.
        while self.holds:
            first = next(iter(self.holds))
            if self.holds[first].until > now:
                return
            self.release(first)

    def hold(self, holder: str, amount: Amount, until: float) -> None:
        old = self.holds.pop(holder, None)
        whole = old.amount + amount if old else amount
        self.holds[holder] = _Hold(until, whole)
        self.held += amount

    def release(self, holder: str) -> None:
        if hold := self.holds.pop(holder, None):
            self.held -= hold.amount

    def is_idle(self, now: float) -> bool:
        self.catch_up(now)
        open_ = self.holds or self.requests.left(now) or self.tokens.left(now)
        return not (open_ or self.day_tokens or self.day_money)


class Books:
    """The books of every subject that was seen lately."""

    def __init__(self, lease: float) -> None:
        """Hold what is reserved for `lease` seconds, unless it is renewed."""
        self._lease = lease
        self._books: dict[str, _Book] = {}
        self._many = _MANY

    def reserve(
        self,
        subjects: Sequence[Subject],
        amount: Amount,
        holder: str,
        now: float,
    ) -> Verdict:
        """Grant `amount` to all of `subjects`, or to none of them.

        What is given back later is held under `holder`, more of it with each call.
        """
        opened = [(subject, self._opened(subject, now)) for subject in subjects]
        refusal = next(filter(None, (_over(*o, amount, now) for o in opened)), None)
        if refusal is None:
            for subject, book in opened:
                _enter(subject, book, amount, now)
                if amount.lasts:
                    book.hold(holder, amount, now + self._lease)
        return Verdict(
            refusal=refusal,
            requests=_tightest([_requests(*o, now) for o in opened]),
            tokens=_tightest([_tokens(*o, now) for o in opened]),
        )

    def settle(
        self,
        subjects: Sequence[Subject],
        holder: str,
        taken: Amount,
        now: float,
    ) -> None:
        """Give back what is held under `holder`, and count what was really taken."""
        for subject in subjects:
            book = self._opened(subject, now)
            book.release(holder)
            if taken.tokens:
                book.tokens.add(taken.tokens, now)
            book.day_tokens += taken.tokens
            book.day_money += taken.money

    def renew(
        self,
        subjects: Sequence[Subject],
        holder: str,
        held: Amount,
        now: float,
    ) -> None:
        """Hold what is held under `holder` for another lease, even if one ran out."""
        for subject in subjects:
            book = self._opened(subject, now)
            book.release(holder)
            book.hold(holder, held, now + self._lease)

    def _opened(self, subject: Subject, now: float) -> _Book:
        book = self._books.get(subject.place)
        if book is None:
            self._throw_away(now)
            book = self._books[subject.place] = _Book()
        book.catch_up(now)
        return book

    def _throw_away(self, now: float) -> None:
        if len(self._books) < self._many:
            return
        self._books = {p: b for p, b in self._books.items() if not b.is_idle(now)}
        # Looked through again when there are twice as many: a constant time for each.
        self._many = max(_MANY, 2 * len(self._books))


def _over(subject: Subject, book: _Book, amount: Amount, now: float) -> Refusal | None:
    """Return which limit of `subject` leaves no room for `amount`, if one does."""
    limits, held = subject.limits, book.held
    midnight = (book.day + 1) * DAY - now
    minute = book.tokens.counted(now) + held.tokens
    checks: tuple[tuple[LimitName, int, int, int, float], ...] = (
        ("money_per_day", subject.money, book.day_money + held.money,
         amount.money, midnight),
        ("tokens_per_day", limits.tokens_per_day, book.day_tokens + held.tokens,
         amount.tokens, midnight),
        ("streams", limits.streams, held.streams, amount.streams, 0.0),
        ("tokens_per_minute", limits.tokens_per_minute, minute,
         amount.tokens, book.tokens.left(now)),
        ("requests_per_minute", limits.requests_per_minute,
         book.requests.counted(now), amount.requests, book.requests.left(now)),
    )  # fmt: skip
    for name, limit, taken, more, wait in checks:
        if limit and more and taken + more > limit:
            return Refusal(limit=name, subject=subject, wait=wait)
    return None


def _enter(subject: Subject, book: _Book, amount: Amount, now: float) -> None:
    if amount.requests and subject.limits.requests_per_minute:
        book.requests.add(amount.requests, now)
    if amount.tokens and subject.limits.tokens_per_minute:
        # The minute begins now; the tokens are held, and counted when settled.
        book.tokens.add(0, now)


def _requests(subject: Subject, book: _Book, now: float) -> Standing | None:
    limit = subject.limits.requests_per_minute
    taken = book.requests.counted(now)
    return book.requests.standing(limit, taken, now) if limit else None


def _tokens(subject: Subject, book: _Book, now: float) -> Standing | None:
    limit = subject.limits.tokens_per_minute
    taken = book.tokens.counted(now) + book.held.tokens
    return book.tokens.standing(limit, taken, now) if limit else None


def _tightest(standings: Sequence[Standing | None]) -> Standing | None:
    known = [standing for standing in standings if standing is not None]
    return min(known, key=lambda s: s.remaining, default=None)
