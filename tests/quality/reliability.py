"""Draws how often questions have an answer, by the confidence told. An SVG."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

_SIDE = 320
_MARGIN = 48
_BINS = 5
_COLOURS = ("#1f5fa8", "#c2571a", "#3b7d3b")

Points = tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]
"""Whether each question has an answer, and the logit of its confidence."""


def draw(sets: Mapping[str, Points], path: Path) -> None:
    """Write the reliability plot of `sets`, at even odds, to `path`.

    Questions are put in five bins of equal size by their confidence; both kinds
    count alike. A bar is the 95 % interval of a bin's share.
    """
    parts = [_frame()]
    for number, (name, (answerable, logits)) in enumerate(sets.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        parts.append(_series(answerable, logits, colour, 5 * number))
        y = _MARGIN + 20 + 18 * number
        parts.append(
            f'<circle cx="{_MARGIN + 14}" cy="{y - 4}" r="4" fill="{colour}"/>'
            f'<text x="{_MARGIN + 24}" y="{y}">{name}</text>'
        )
    size = _SIDE + 2 * _MARGIN
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" '
        f'width="{size}" height="{size}" font-family="sans-serif" font-size="12">\n'
        f"<title>Reliability of the confidence</title>\n"
        + "\n".join(parts)
        + "\n</svg>\n",
        encoding="utf-8",
    )


def _series(
    answerable: npt.NDArray[np.bool_],
    logits: npt.NDArray[np.float64],
    colour: str,
    aside: int,
) -> str:
    """Return the points of a set; `aside` pixels keep the bars of two sets apart."""
    sure = 1 / (1 + np.exp(-logits))
    weights = np.where(answerable, 0.5 / answerable.sum(), 0.5 / (~answerable).sum())
    order = np.argsort(sure, kind="stable")
    parts = []
    for own in np.array_split(order, _BINS):
        weight = weights[own].sum()
        told = float((weights[own] * sure[own]).sum() / weight)
        share = float(weights[own][answerable[own]].sum() / weight)
        # Wilson's interval, of as many questions as the weights are worth.
        count = weight**2 / (weights[own] ** 2).sum()
        centre = (share + 1.92 / count) / (1 + 3.84 / count)
        half = 1.96 * np.sqrt(share * (1 - share) / count + 0.96 / count**2)
        half = half / (1 + 3.84 / count)
        x = _x(told) + aside
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_y(centre - half):.1f}" '
            f'y2="{_y(centre + half):.1f}" stroke="{colour}" stroke-width="1.5"/>'
            f'<circle cx="{x:.1f}" cy="{_y(share):.1f}" r="4" fill="{colour}"/>'
        )
    return "\n".join(parts)


def _frame() -> str:
    """Return a white square with its axes and the diagonal of perfect calibration."""
    size = _SIDE + 2 * _MARGIN
    ticks = "".join(
        f'<text x="{_x(t)}" y="{_y(0) + 18}" text-anchor="middle">{t:g}</text>'
        f'<text x="{_x(0) - 8}" y="{_y(t) + 4}" text-anchor="end">{t:g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    )
    middle = _MARGIN + _SIDE / 2
    return (
        f'<rect width="{size}" height="{size}" fill="#fff"/>'
        f'<rect x="{_MARGIN}" y="{_MARGIN}" width="{_SIDE}" height="{_SIDE}" '
        f'fill="none" stroke="#888"/>'
        f'<line x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}" stroke="#bbb" '
        f'stroke-dasharray="4 4"/>{ticks}'
        f'<text x="{middle}" y="{size - 10}" text-anchor="middle">'
        f"confidence told, at even odds</text>"
        f'<text transform="translate(14 {middle}) rotate(-90)" text-anchor="middle">'
        f"share with an answer</text>"
    )


def _x(share: float) -> float:
    return _MARGIN + _SIDE * share


def _y(share: float) -> float:
    return _MARGIN + _SIDE * (1 - share)
