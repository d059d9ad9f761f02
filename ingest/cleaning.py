"""Takes out of a text what a person does not see. Pure functions.

Characters without a shape of their own can carry orders to a model past the eyes of
whoever reads the document. What a script needs to be written stays: joiners between
letters that they shape, and in emoji.
"""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from ingest.hidden import HiddenKind

CUT = "[…]"
"""Stands where a long run of encoded bytes was."""

_LONGEST_RUN = 200
_FEWEST_SIGNS = 12
_SHORTEST_LINE = 60
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
    "\U000110bd\U000110cd"
)
# Pictures and Han that a later edition of Unicode than Python's may know.
_RESERVED = ((0x1F000, 0x1FBFF), (0x20000, 0x2FFFD), (0x30000, 0x3FFFD))
# Letters and marks without a shape: fillers of Hangul and Khmer, a joiner of marks.
_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
_EMPTY_BRAILLE = "\u2800"
_VOWEL_SEPARATOR = "\u180e"
_SOFT_HYPHEN = "\u00ad"
_JOINERS = frozenset("\u200c\u200d")
_ZERO_WIDTH_JOINER = "\u200d"
_VIRAMA = 9
"""The combining class of the marks that silence a vowel."""

_EMOJI_STYLE = frozenset("\ufe0e\ufe0f")
_KEYCAPS = frozenset("0123456789#*")
_KEYCAP = "\u20e3"
_SELECTORS = ((0x180B, 0x180D), (0x180F, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF))
# What Python calls printable of all that is taken out, everywhere or somewhere.
_PRINTABLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]"
)
# Of the 240 forms that a Han character could have, no registered one is beyond the
# first 32; the others could spell letters.
_LAST_FORM = 0xE011F
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFD))
# The only tag letters with a shape: the flags of England, Scotland and Wales.
_FLAG = re.compile(
    "(\U0001f3f4\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067"
    "|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)\U000e007f)"
)
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e"
                        "\u2066\u2067\u2068\u2069")  # fmt: skip
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Scripts without spaces between words, where these say how a line may break.
_BREAKS = frozenset("\u200b\u2060\ufeff")
_UNSPACED = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u9fff\ua980-\ua9df]")
# Scripts whose letters change their shape beside a joiner: Arabic to Mandaic and
# Arabic Extended; the scripts of India to Sinhala; Myanmar; Khmer and Mongolian;
# those of Indonesia and their neighbours; Arabic presentation forms; the scripts
# of India beyond the basic plane.
_JOINING = (
    (0x0600, 0x08FF), (0x0900, 0x0DFF), (0x1000, 0x109F), (0x1780, 0x18AF),
    (0x1A20, 0x1CFF), (0xA840, 0xABFF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFE),
    (0x10A00, 0x11FFF),
)  # fmt: skip


def visible(text: str) -> str:
    """Return what a person sees of `text`; doing it twice changes nothing.

    Line ends become line feeds; controls, format and private characters, fillers
    and stray variation selectors go; runs of encoded bytes above 200 characters
    become `CUT`.
    """
    return without_encoded(seen(text))


def seen(text: str) -> str:
    """Return the characters of `text` that a person sees, encoded ones included."""
    if _is_plain(text):
        return text
    text = _LINE_ENDS.sub("\n", text)
    if "\U000e007f" not in text:
        return "".join(_shown(text))
    return "".join(
        part if place % 2 else "".join(_shown(part))
        for place, part in enumerate(_FLAG.split(text))
    )


def without_encoded(text: str) -> str:
    """Return `text` with `CUT` for its runs of encoded bytes."""
    return _RUN.sub(_shortened, text) if _has_long_word(text) else text


def encoded_runs(text: str) -> int:
    """Return how many runs of encoded bytes are cut out of `text`."""
    if not _has_long_word(text):
        return 0
    return sum(_shortened(run) == CUT for run in _RUN.finditer(text))


def _has_long_word(text: str) -> bool:
    """Tell whether a text may hold encoded bytes; most do not, which is soon told."""
    place = 0
    while place + _SHORTEST_LINE <= len(text):
        end = place + _SHORTEST_LINE
        gap = text.rfind(" ", place, end)
        gap = text.rfind("\n", place, end) if gap < 0 else gap
        if gap < 0:
            return True
        place = gap + 1
    return False


def hidden_kinds(text: str) -> dict[HiddenKind, int]:
    """Return how many characters `seen` takes out, by kind.

    Line ends and soft hyphens are not counted, for every editor writes them.
    """
    if _is_plain(text):
        return {}
    text = _LINE_ENDS.sub("\n", text)
    gone = Counter(text)
    gone.subtract(seen(text))
    del gone[_SOFT_HYPHEN]
    directed = _RIGHT_TO_LEFT.search(text) is not None
    unspaced = _UNSPACED.search(text) is not None
    kinds: Counter[HiddenKind] = Counter()
    for c, count in gone.items():
        if count and ((c in _DIRECTIONS and directed) or (c in _BREAKS and unspaced)):
            kinds["script_marks"] += count
        elif count:
            kinds[_kind(c)] += count
    return dict(kinds)


def _kind(c: str) -> HiddenKind:
    """Return the kind of a character that was taken out."""
    if 0xE0000 <= ord(c) <= 0xE007F:
        return "tag_letters"
    if _is_selector(c):
        return "variation_selectors"
    if c in _DIRECTIONS:
        return "direction_controls"
    category = unicodedata.category(c)
    if category == "Co":
        # Bullets and icons of symbol fonts, as PDF and Word write them.
        return (
            "font_symbols" if 0xF000 <= ord(c) <= 0xF0FF else "private_use_characters"
        )
    return "control_characters" if category == "Cc" else "zero_width_characters"


def _is_plain(text: str) -> bool:
    """Tell whether a text holds nothing that could be taken out."""
    if text.replace("\n", "").isprintable():
        return text.isascii() or not _PRINTABLE.search(text)
    return not any(map(_is_special, set(text)))


@lru_cache(maxsize=1 << 14)
def _is_special(c: str) -> bool:
    """Say whether a character is taken out or rewritten, everywhere or somewhere."""
    return (
        _is_dropped(c)
        or c in _JOINERS
        or c in (_VOWEL_SEPARATOR, _EMPTY_BRAILLE)
        or _is_selector(c)
        or c in _LINE_END_CHARACTERS
    )


def _shown(text: str) -> list[str]:
    """Return the characters that stay."""
    dropped = {c for c in set(text) if _is_dropped(c)}
    candidates = [c for c in text if c not in dropped]
    # Of several joiners the first may do something.
    pairs = zip(["", *candidates], candidates, strict=False)
    candidates = [c for b, c in pairs if not (c in _JOINERS and b in _JOINERS)]
    kept: list[str] = []
    last = len(candidates) - 1
    for place, c in enumerate(candidates):
        after = candidates[place + 1] if place < last else ""
        if not _is_special(c) or _stays(c, kept, after):
            kept.append(c)
    return kept


def _stays(c: str, before: list[str], after: str) -> bool:
    """Tell whether a character that is shown in some places is shown here."""
    if c in _JOINERS:
        return _joins(c, before, after)
    previous = before[-1] if before else ""
    if c == _VOWEL_SEPARATOR:
        return _is_mongolian(previous) and _is_mongolian(after)
    if c == _EMPTY_BRAILLE:
        return "\u2800" < previous <= "\u28ff"
    return not _is_selector(c) or _selects(c, previous, after)


def _is_dropped(c: str) -> bool:
    """Tell whether a character goes wherever it stands."""
    if c.isprintable():
        return c in _SHAPELESS
    if c in _KEPT_CONTROLS or c in _JOINERS or c in _SHAPED or c == _VOWEL_SEPARATOR:
        return False
    category = unicodedata.category(c)
    if category == "Cn":
        return not any(first <= ord(c) <= last for first, last in _RESERVED)
    return category in ("Cc", "Cf", "Cs", "Co")


def _joins(joiner: str, before: list[str], after: str) -> bool:
    """Tell whether a joiner stands where a script or an emoji needs it."""
    styled = bool(before) and before[-1] in _EMOJI_STYLE
    previous = before[-2:-1] if styled else before[-1:]
    if not previous:
        return False
    if (
        joiner == _ZERO_WIDTH_JOINER
        and _is_emoji(previous[0])
        and after
        and _is_emoji(after)
    ):
        return True
    if styled or not _is_joining(previous[0]):
        return False
    return _is_joining(after) or _ends_joined(joiner, previous[0])


def _ends_joined(joiner: str, before: str) -> bool:
    """Tell whether a joiner shapes the last letter of a word.

    A virama before one is a letter of its own in Malayalam and Bengali, and an Arabic
    letter keeps the form that it has in the middle of a word.
    """
    if unicodedata.combining(before) == _VIRAMA:
        return True
    return joiner == _ZERO_WIDTH_JOINER and "\u0620" <= before <= "\u06ff"


def _selects(selector: str, before: str, after: str) -> bool:
    """Tell whether a variation selector changes what a person sees."""
    if not before:
        return False
    if selector in _EMOJI_STYLE:
        return _is_emoji(before) or (before in _KEYCAPS and after == _KEYCAP)
    if ord(selector) > 0xE00FF:
        return ord(selector) <= _LAST_FORM and _is_han(before)
    # The free variation selectors of Mongolian.
    return ord(selector) < 0x1810 and _is_mongolian(before)


def _is_han(c: str) -> bool:
    return any(first <= ord(c) <= last for first, last in _HAN)


def _is_mongolian(c: str) -> bool:
    return "\u1820" <= c <= "\u18aa"


def _is_selector(c: str) -> bool:
    return any(first <= ord(c) <= last for first, last in _SELECTORS)


def _is_joining(c: str) -> bool:
    """Tell whether a character is a letter or mark of a script with joiners."""
    inside = bool(c) and any(first <= ord(c) <= last for first, last in _JOINING)
    return inside and unicodedata.category(c)[0] in "LM" and not _is_selector(c)


def _is_emoji(c: str) -> bool:
    """Tell whether a character may be part of an emoji."""
    return c in "©®‼⁉™〰〽" or (
        unicodedata.category(c) in ("So", "Sk", "Sm", "Cn") and ord(c) >= 0x2190
    )


def _shortened(run: re.Match[str]) -> str:
    """Return `CUT` for a run that looks encoded, else the run."""
    signs = set(run[0])
    mixed = any(map(str.isdigit, signs)) or any(map(str.isupper, signs))
    return CUT if mixed and len(signs) >= _FEWEST_SIGNS else run[0]
