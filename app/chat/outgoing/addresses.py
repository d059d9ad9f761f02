"""Which addresses an answer may lead to. Pure.

Those that stand in what the model was given, to the letter, and those of hosts that a
setting names. An address of our own making could carry anything out.
"""

import html
import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from msgspec import Struct

from ingest.documents import Hit

_WRITTEN = re.compile(r"(?:https?://|www\.|mailto:)[^\s<>\"'`|\\]{1,2000}")
_TARGET = re.compile(r"\]\([ ]?<?([^\s<>()]{1,2000})")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ROOTS = ("https://", "http://")

_AFTER = "?!.,:;*_~'\")>|`]"
"""What may stand right behind an address in a sentence and belongs to that."""

_MOST_AFTER = 4
_CUT = re.compile(r"[?#]")
_PATH = re.compile(
    r"(?:(?!.*//)/(?:[a-z0-9/.%@:+,;=&-]|_+(?=[a-z0-9]|\Z)|(?<=/)~(?=[a-z0-9]|\Z))*)?\Z",
    re.ASCII | re.IGNORECASE,
)
"""What may follow the name of an open host: no query, and nothing that could end an
emphasis around it, behind which a reader would find another address."""

_FOREIGN = re.compile(r"[\s\[\]<>\"`\\|{}^\ufffd]")
"""What an address does not hold, but what is written to look like one may."""


class Addresses(Struct, frozen=True, kw_only=True):
    """Addresses that may be links.

    Attributes:
        exact: Those that may stand as they are.
        hosts: Hosts of which every page may, without query and fragment, and every
            image.
        ordered: `exact`, sorted.
    """

    exact: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    ordered: tuple[str, ...] = ()

    def begins(self, text: str) -> bool:
        """Return whether `text` is an address that may stand, or begins one."""
        at = bisect_left(self.ordered, text)
        if at < len(self.ordered) and self.ordered[at].startswith(text):
            return True
        return self.may_show(text) or self.allows(text) or self.allows(trimmed(text))

    def allows(self, text: str) -> bool:
        """Return whether `text` may be a link as it stands."""
        return text in self.exact or self.shows(text)

    def shows(self, text: str) -> bool:
        """Return whether `text` may be an image: it is of a host that is named."""
        return any(
            text.startswith(root) and _PATH.match(text, len(root))
            for root in self._roots()
        )

    def kept(self, text: str) -> int:
        """Return how much of `text`, from its start, may stand: all, a part, or 0.

        What stands behind an address in a sentence stays; of an address that differs
        only behind a ``?`` or ``#``, that is cut off.
        """
        if self.allows(text) or self.allows(trimmed(text)):
            return len(text)
        return self.base(text)

    def base(self, text: str) -> int:
        """Return how long `text` is without query and fragment, if so it may stand."""
        cut = _CUT.search(text)
        return cut.start() if cut and self.allows(text[: cut.start()]) else 0

    def may_show(self, text: str) -> bool:
        """Return whether `text` may be an image, or begins the address of one."""
        return self.shows(text) or any(r.startswith(text) for r in self._roots())

    def _roots(self) -> list[str]:
        return [root + host for host in self.hosts for root in _ROOTS]


def addresses(
    hits: Sequence[Hit] = (), texts: Iterable[str] = (), hosts: str = ""
) -> Addresses:
    """Return the addresses that an answer may lead to.

    Args:
        hits: Sources offered; their own addresses and those in them.
        texts: What else the model was given, such as the caller's messages.
        hosts: Hosts, separated by commas.
    """
    found: set[str] = set()
    for hit in hits:
        found.update(_written(hit.chunk.text), _targets(hit.chunk.text))
        found.update(_written(hit.chunk.url))
    for text in texts:
        found.update(_written(text))
    found |= {_CUT.split(one)[0] for one in found}
    found = {one for one in found if one and not _FOREIGN.search(one)}
    return Addresses(
        exact=frozenset(found),
        hosts=frozenset(filter(None, (h.strip().lower() for h in hosts.split(",")))),
        ordered=tuple(sorted(found)),
    )


def trimmed(text: str) -> str:
    """Return an address without what stands behind it in a sentence."""
    short = text.rstrip(_AFTER)
    return short if len(text) - len(short) <= _MOST_AFTER else text


def _written(text: str) -> set[str]:
    """Return the addresses that stand in a text, each as it may be read."""
    found: set[str] = set()
    for match in _WRITTEN.finditer(text):
        for one in (match.group(), html.unescape(match.group())):
            ends = [one, one.partition("]")[0], one.partition(")")[0]]
            found.update(ends, (end.rstrip(_AFTER) for end in ends))
    return found


def _targets(text: str) -> set[str]:
    """Return what the links of a document lead to, if it is a place beside it."""
    found = {html.unescape(match.group(1)) for match in _TARGET.finditer(text)}
    return {one for one in found if not _SCHEME.match(one) and one[:2] != "//"}
