"""Takes out of a text what a person does not see. Pure functions.

Characters without a shape of their own can carry orders to a model past the eyes of
whoever reads the document. What a script needs to be written stays: joiners between
letters that they shape, and in emoji.
"""

import re
import unicodedata
from functools import lru_cache

CUT = "[…]"
"""Stands where a long run of encoded bytes was."""

_LONGEST_RUN = 200
_FEWEST_SIGNS = 12
_RUN = re.compile(
    rf"[A-Za-z0-9+/_-]{{{_LONGEST_RUN + 1},}}={{0,2}}"
    r"|(?:[A-Za-z0-9+/]{60,76}\r?\n){3,}[A-Za-z0-9+/]{0,76}={0,2}"
)
_LINE_ENDS = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
_LINE_END_CHARACTERS = frozenset("\r\v\f\x85\u2028\u2029")
_KEPT_CONTROLS = frozenset("\n\t")
# Format characters with a shape: signs of numbers and verses that enclose digits.
_SHAPED = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2"
)
# Letters, marks and symbols without a shape: fillers and an empty Braille cell.
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_SOFT_HYPHEN = "\u00ad"
_JOINERS = frozenset("\u200c\u200d")
_ZERO_WIDTH_JOINER = "\u200d"
_EMOJI_STYLE = frozenset("\ufe0e\ufe0f")
_KEYCAPS = frozenset("0123456789#*")
_KEYCAP = "\u20e3"
_SELECTORS = ((0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# Scripts whose letters change their shape beside a joiner: Arabic to Mandaic and
# Arabic Extended; the scripts of India to Sinhala; Myanmar; Khmer and Mongolian;
# those of Indonesia and their neighbours; Arabic presentation forms; the scripts
# of India beyond the basic plane.
_JOINING = (
    (0x0600, 0x08FF),
    (0x0900, 0x0DFF),
    (0x1000, 0x109F),
    (0x1780, 0x18AF),
    (0x1A20, 0x1CFF),
    (0xA840, 0xABFF),
    (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFE),
    (0x10A00, 0x11FFF),
)


def visible(text: str) -> str:
    """Return what a person sees of `text`; doing it twice changes nothing.

    Line ends become line feeds; controls, format and private characters, fillers
    and stray variation selectors go; runs of encoded bytes above 200 characters
    become `CUT`.
    """
    if not _is_plain(text):
        text = "".join(_shown(_LINE_ENDS.sub("\n", text)))
    return _RUN.sub(_shortened, text)


def hidden_characters(text: str) -> int:
    """Return how many characters `visible` takes out because nobody sees them.

    Line ends and soft hyphens are not counted, for every editor writes them.
    """
    if _is_plain(text):
        return 0
    text = _LINE_ENDS.sub("\n", text)
    kept = sum(1 for _ in _shown(text))
    return len(text) - kept - text.count(_SOFT_HYPHEN)


def _is_plain(text: str) -> bool:
    """Tell whether a text holds nothing that could be taken out."""
    return not any(map(_is_special, set(text)))


@lru_cache(maxsize=1 << 14)
def _is_special(c: str) -> bool:
    """Say whether a character is taken out or rewritten, everywhere or somewhere."""
    return (
        _is_dropped(c) or c in _JOINERS or _is_selector(c) or c in _LINE_END_CHARACTERS
    )


def _shown(text: str) -> list[str]:
    """Return the characters that stay."""
    dropped = {c for c in set(text) if _is_dropped(c)}
    candidates = [c for c in text if c not in dropped]
    kept: list[str] = []
    last = len(candidates) - 1
    for place, c in enumerate(candidates):
        after = candidates[place + 1] if place < last else ""
        if c in _JOINERS:
            stays = _joins(c, kept, after)
        elif _is_selector(c):
            stays = _selects(c, kept[-1] if kept else "", after)
        else:
            stays = True
        if stays:
            kept.append(c)
    return kept


def _is_dropped(c: str) -> bool:
    """Tell whether a character goes wherever it stands."""
    if c.isprintable():
        return c in _SHAPELESS
    if c in _KEPT_CONTROLS or c in _JOINERS or c in _SHAPED:
        return False
    return unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _joins(joiner: str, before: list[str], after: str) -> bool:
    """Tell whether a joiner stands where a script or an emoji needs it."""
    styled = bool(before) and before[-1] in _EMOJI_STYLE
    previous = before[-2:-1] if styled else before[-1:]
    if not previous or not after:
        return False
    if joiner == _ZERO_WIDTH_JOINER and _is_emoji(previous[0]) and _is_emoji(after):
        return True
    return not styled and _is_joining(previous[0]) and _is_joining(after)


def _selects(selector: str, before: str, after: str) -> bool:
    """Tell whether a variation selector changes what a person sees."""
    if not before:
        return False
    if selector in _EMOJI_STYLE:
        return _is_emoji(before) or (before in _KEYCAPS and after == _KEYCAP)
    # The free variation selectors of Mongolian.
    return ord(selector) < 0x1810 and 0x1820 <= ord(before) <= 0x18AF


def _is_selector(c: str) -> bool:
    return any(first <= ord(c) <= last for first, last in _SELECTORS)


def _is_joining(c: str) -> bool:
    """Tell whether a character is a letter or mark of a script with joiners."""
    inside = any(first <= ord(c) <= last for first, last in _JOINING)
    return inside and unicodedata.category(c)[0] in "LM" and not _is_selector(c)


def _is_emoji(c: str) -> bool:
    """Tell whether a character may be part of an emoji."""
    return c in "©®‼⁉™〰〽" or (
        unicodedata.category(c) in ("So", "Sk", "Sm") and ord(c) >= 0x2190
    )


def _shortened(run: re.Match[str]) -> str:
    """Return `CUT` for a run that looks encoded, else the run."""
    signs = set(run[0])
    mixed = any(map(str.isdigit, signs)) or any(map(str.isupper, signs))
    return CUT if mixed and len(signs) >= _FEWEST_SIGNS else run[0]
