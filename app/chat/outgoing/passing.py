"""What of an answer may leave unread: it would leave just so if it was read. Pure.

Reading costs a step for each character, and most of most answers is harmless at sight.
"""

import re

_LEADS = frozenset("[]wW")
"""Behind one of these, what is plain need not be."""

_LEAD_ON = frozenset("(.")
"""Plain characters, but behind one of those."""

_PLAIN = re.compile(
    r"[^\[\]!<`~\n\r:/\\&]"
    r"(?:[^\[\]!<`~\n\r:/\\&.]|(?<![wW])\.|(?<=[A-Za-z0-9])/|[:!&<](?= ))*"
)
# What follows decides whether it is a link.
_BRACKETS = re.compile(r"\[[0-9A-Za-z ,]{1,30}\](?=[^(&\\])")
_CODE = re.compile(r"`[^`|\n\r]{1,30}`(?=[^`])")


def leads(tail: str) -> bool:
    """Return whether plain text behind `tail` need not be plain."""
    return tail[-1:] in _LEADS


def plain(text: str, at: int, tail: str) -> int:
    """Return where plain text ends that begins at `at`, behind `tail`; `at` if none."""
    if text[at] in _LEAD_ON and tail[-1:] in _LEADS:
        return at
    found = _PLAIN.match(text, at)
    return found.end() if found else at


def bracketed(text: str, at: int) -> int:
    """Return where words in brackets end that are no link; `at` if there are none."""
    found = _BRACKETS.match(text, at)
    return found.end() if found else at


def code(text: str, at: int) -> int:
    """Return where short code in a line ends that begins at `at`; `at` if none."""
    found = _CODE.match(text, at)
    return found.end() if found else at
