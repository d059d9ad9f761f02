"""The bodies of a load test's requests, encoded before it begins. Pure, but for luck."""

import itertools
import secrets
from collections.abc import Sequence

import msgspec

from app.load.questions import marked
from app.messages import JSON

_NUMBER = f"frontdesk-bench-{secrets.token_hex(8)}"
"""Stands in a body where the number of a question goes."""


class Bodies:
    """The questions as requests, in turns."""

    def __init__(
        self, conversations: Sequence[Sequence[JSON]], rest: JSON, *, distinct: bool
    ) -> None:
        """Encode all questions.

        Args:
            conversations: The messages of each question.
            rest: Every other field of a request.
            distinct: Each question gets a number that no other has.
        """
        # From elsewhere in each run: a service may remember the questions of the last.
        self._numbers = itertools.count(secrets.randbelow(10**9)) if distinct else None
        self._encoded = [
            msgspec.json.encode(
                {**rest, "messages": marked(c, _NUMBER) if distinct else c}
            )
            for c in conversations
        ]

    def __len__(self) -> int:
        return len(self._encoded)

    def __getitem__(self, question: int) -> bytes:
        body = self._encoded[question]
        if self._numbers is None:
            return body
        return body.replace(_NUMBER.encode(), b"%d" % next(self._numbers), 1)
