"""Colours as web pages and office files write them, and how far two are apart. Pure."""

import colorsys
import re
from functools import lru_cache

Colour = tuple[float, float, float]
"""Red, green and blue, each in [0, 1]."""

BLACK: Colour = (0.0, 0.0, 0.0)
WHITE: Colour = (1.0, 1.0, 1.0)

LEAST_CONTRAST = 1.2
"""Below this ratio nobody reads text: pale grey (#ebebeb) on white has it. Text that is
meant to be read has 4.5, says WCAG."""

_NAMES = {
    "black": "000000", "white": "ffffff", "red": "ff0000", "lime": "00ff00",
    "blue": "0000ff", "yellow": "ffff00", "aqua": "00ffff", "cyan": "00ffff",
    "fuchsia": "ff00ff", "magenta": "ff00ff", "silver": "c0c0c0", "gray": "808080",
    "grey": "808080", "maroon": "800000", "olive": "808000", "green": "008000",
    "purple": "800080", "teal": "008080", "navy": "000080", "orange": "ffa500",
    "snow": "fffafa", "ivory": "fffff0", "ghostwhite": "f8f8ff", "azure": "f0ffff",
    "floralwhite": "fffaf0", "mintcream": "f5fffa", "whitesmoke": "f5f5f5",
    "aliceblue": "f0f8ff", "honeydew": "f0fff0", "seashell": "fff5ee",
    "oldlace": "fdf5e6", "linen": "faf0e6", "cornsilk": "fff8dc", "beige": "f5f5dc",
    "lightyellow": "ffffe0", "lightcyan": "e0ffff", "lavenderblush": "fff0f5",
    "lavender": "e6e6fa", "gainsboro": "dcdcdc", "lightgray": "d3d3d3",
    "lightgrey": "d3d3d3", "darkgray": "a9a9a9", "darkgrey": "a9a9a9",
    "dimgray": "696969", "dimgrey": "696969", "darkblue": "00008b",
    "midnightblue": "191970", "darkgreen": "006400", "darkred": "8b0000",
    "tomato": "ff6347", "gold": "ffd700", "pink": "ffc0cb", "brown": "a52a2a",
    "crimson": "dc143c", "indigo": "4b0082", "lightblue": "add8e6",
    "skyblue": "87ceeb", "steelblue": "4682b4", "royalblue": "4169e1",
    "slategray": "708090", "slategrey": "708090",
}  # fmt: skip
_HEX = re.compile(r"#?([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,80})\)")
_NUMBER = re.compile(r"(-?(?:\d+\.?\d*|\.\d+))(%?)")
_TRANSPARENT = 0.05


@lru_cache(maxsize=1024)
def colour_of(text: str) -> tuple[Colour | None, bool]:
    """Return a colour as CSS writes it, and whether it is as good as transparent.

    The colour is None where it is not known: a variable, a gradient, a rare name.
    """
    text = text.strip().lower()
    if text == "transparent":
        return None, True
    text = _NAMES.get(text, text)
    if found := _HEX.fullmatch(text):
        digits = found[1] if len(found[1]) > 4 else "".join(c * 2 for c in found[1])
        parts = [int(digits[n : n + 2], 16) / 255 for n in range(0, len(digits), 2)]
        return (parts[0], parts[1], parts[2]), parts[3:] != [] and parts[
            3
        ] < _TRANSPARENT
    if found := _FUNCTION.fullmatch(text):
        return _computed(found[1], found[2])
    return None, False


def _computed(function: str, arguments: str) -> tuple[Colour | None, bool]:
    """Return what ``rgb()`` or ``hsl()`` makes of its arguments."""
    found = [(float(n), bool(percent)) for n, percent in _NUMBER.findall(arguments)]
    if len(found) < 3:
        return None, False
    values = [_clamped(n / 100 if percent else n / 255) for n, percent in found[:3]]
    clear = len(found) > 3 and found[3][0] / (100 if found[3][1] else 1) < _TRANSPARENT
    if function == "hsl":
        hue, light = found[0][0] % 360 / 360, _clamped(found[2][0] / 100)
        values = list(colorsys.hls_to_rgb(hue, light, _clamped(found[1][0] / 100)))
    return (values[0], values[1], values[2]), clear


def _clamped(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def contrast(one: Colour, other: Colour) -> float:
    """Return how well one colour is told from another: 1 not at all, 21 black on white.

    Source:
        WCAG 2.2, "contrast ratio" and "relative luminance".
    """
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=4096)
def alike(one: Colour, other: Colour) -> bool:
    """Tell whether text of one colour cannot be read on the other.

    Colours of one brightness and different hue can.
    """
    near = sum(abs(a - b) for a, b in zip(one, other, strict=True)) < 0.4
    return near and contrast(one, other) < LEAST_CONTRAST


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
