"""Finds the tables of a page by their ruling lines or by their gaps. Pure functions."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from ingest.readers.page import Line, Ruling, Table, Word, spaced

_NEAR = 3.0
_MOST_RULINGS = 2000


class _Frame(Struct, frozen=True):
    """A grid of ruling lines: its column edges, its row edges (both rising)."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    rulings: tuple[Ruling, ...]


def tables_out(found: Sequence[Line], rulings: Sequence[Ruling]) -> list[Line | Table]:
    """Replace the lines of tables by the tables.

    Args:
        found: Lines of one page in reading order.
        rulings: Ruling lines of the page, in any order.

    Returns:
        Lines and tables in reading order; a table stands where its first word was.
    """
    items: list[Line | Table] = list(found)
    if len(rulings) <= _MOST_RULINGS:
        for frame in _frames(rulings):
            items = _ruled_out(items, frame)
    return _gapped_out(items)


def _frames(rulings: Sequence[Ruling]) -> list[_Frame]:
    """Group rulings that touch, and keep the groups with inner edges both ways."""
    frames = []
    for group in _touching(_merged(rulings)):
        across = [ruling for ruling in group if not ruling.upright]
        upright = [ruling for ruling in group if ruling.upright]
        ends_x = [x for ruling in across for x in (ruling.start, ruling.end)]
        ends_y = [y for ruling in upright for y in (ruling.start, ruling.end)]
        xs = _edges([*(ruling.at for ruling in upright), *ends_x])
        ys = _edges([*(ruling.at for ruling in across), *ends_y])
        if upright and len(xs) > 2 and len(ys) > 2:
            frames.append(_Frame(xs, ys, tuple(group)))
    return frames


def _merged(rulings: Sequence[Ruling]) -> list[Ruling]:
    """Join pieces of one line, so that a border drawn cell by cell is one ruling."""
    joined: list[Ruling] = []
    for ruling in sorted(rulings, key=lambda r: (r.upright, round(r.at), r.start)):
        last = joined[-1] if joined else None
        if (
            last
            and last.upright == ruling.upright
            and abs(last.at - ruling.at) <= 1.5
            and ruling.start <= last.end + _NEAR
        ):
            end = max(last.end, ruling.end)
            joined[-1] = Ruling(last.upright, last.at, last.start, end)
        else:
            joined.append(ruling)
    return [ruling for ruling in joined if ruling.end - ruling.start > _NEAR]


def _touching(rulings: Sequence[Ruling]) -> list[list[Ruling]]:
    across = [ruling for ruling in rulings if not ruling.upright]
    upright = [ruling for ruling in rulings if ruling.upright]
    groups: list[list[Ruling]] = []
    for one in across:
        crossed = [other for other in upright if _cross(one, other)]
        together = [one, *crossed]
        apart = []
        for group in groups:
            if any(other in group for other in crossed):
                together += [ruling for ruling in group if ruling not in together]
            else:
                apart.append(group)
        groups = [*apart, together]
    return groups


def _cross(across: Ruling, upright: Ruling) -> bool:
    return (
        across.start - _NEAR <= upright.at <= across.end + _NEAR
        and upright.start - _NEAR <= across.at <= upright.end + _NEAR
    )


def _edges(places: Iterable[float]) -> tuple[float, ...]:
    edges: list[float] = []
    for place in sorted(places):
        if not edges or place - edges[-1] > _NEAR:
            edges.append(place)
    return tuple(edges)


def _ruled_out(items: list[Line | Table], frame: _Frame) -> list[Line | Table]:
    cells: dict[tuple[int, int], list[Word]] = {}
    rest: list[Line | Table] = []
    place = None
    for item in items:
        if isinstance(item, Table) or not any(_inside(w, frame) for w in item.words):
            rest.append(item)
            continue
        place = len(rest) if place is None else place
        for word in item.words:
            if _inside(word, frame):
                cells.setdefault(_cell(word, frame), []).append(word)
        if outside := tuple(w for w in item.words if not _inside(w, frame)):
            rest.append(Line(outside))
    texts = {cell: spaced(words) for cell, words in cells.items()}
    table = _table(texts, top=frame.ys[-1], bottom=frame.ys[0])
    if place is None or table is None:
        return items
    return [*rest[:place], table, *rest[place:]]


def _inside(word: Word, frame: _Frame) -> bool:
    x, y = _centre(word)
    return frame.xs[0] < x < frame.xs[-1] and frame.ys[0] < y < frame.ys[-1]


def _centre(word: Word) -> tuple[float, float]:
    return (word.left + word.right) / 2, (word.bottom + word.top) / 2


def _cell(word: Word, frame: _Frame) -> tuple[int, int]:
    """Return row (from the top) and column of a word; a merged cell is its first."""
    x, y = _centre(word)
    column = sum(edge < x for edge in frame.xs) - 1
    row = sum(edge < y for edge in frame.ys) - 1
    while column > 0 and not _ruled(frame, upright=True, at=frame.xs[column], over=y):
        column -= 1
    middle = (frame.xs[column] + frame.xs[column + 1]) / 2
    last = len(frame.ys) - 2
    while row < last and not _ruled(
        frame, upright=False, at=frame.ys[row + 1], over=middle
    ):
        row += 1
    return last - row, column


def _ruled(frame: _Frame, *, upright: bool, at: float, over: float) -> bool:
    return any(
        ruling.upright == upright
        and abs(ruling.at - at) <= _NEAR
        and ruling.start - _NEAR <= over <= ruling.end + _NEAR
        for ruling in frame.rulings
    )


def _table(
    cells: dict[tuple[int, int], str], *, top: float, bottom: float
) -> Table | None:
    """Return the cells as a table without empty rows and columns, if it is one."""
    rows = sorted({row for row, _ in cells})
    columns = sorted({column for _, column in cells})
    table = tuple(
        tuple(cells.get((row, column), "") for column in columns) for row in rows
    )
    full = sum(sum(bool(cell) for cell in row) > 1 for row in table)
    return Table(table, top, bottom) if full > 1 else None


def _gapped_out(items: list[Line | Table]) -> list[Line | Table]:
    """Replace runs of lines with gaps in the same places by tables."""
    result: list[Line | Table] = []
    run: list[Line] = []
    for item in items:
        if isinstance(item, Line) and _belongs(run, item):
            run.append(item)
            continue
        result += _run_out(run)
        run = []
        if isinstance(item, Line) and _belongs(run, item):
            run.append(item)
        else:
            result.append(item)
    return result + _run_out(run)


def _belongs(run: list[Line], line: Line) -> bool:
    if line.mono:
        return False
    if not run:
        return len(_segments(line)) > 1
    step = run[-1].bottom - line.bottom
    if not 0 < step < 4 * line.size:
        return False
    columns = _columns([*run, line])
    if len(columns) < 2:
        return False
    if len(_segments(line)) > 1:
        return True
    # A line with one segment goes on in a cell, close under the line before.
    return step < 1.6 * line.size and line.left > columns[0][1]


def _run_out(run: list[Line]) -> list[Line | Table]:
    whole = [line for line in run if len(_segments(line)) > 1]
    columns = _columns(run)
    # Two lines may be alike by chance; columns of prose are no table.
    words = sum(len(line.words) for line in run)
    if len(whole) < 3 or len(columns) < 2 or words > 9 * len(columns) * len(run):
        return [*run]
    cells: dict[tuple[int, int], str] = {}
    row = -1
    for line in run:
        segments = _segments(line)
        placed = [(_column(columns, segment), segment) for segment in segments]
        row += not (row >= 0 and placed[0][0] > 0 and len(segments) < len(columns))
        for column, segment in placed:
            text = f"{cells.get((row, column), '')} {spaced(segment)}"
            cells[row, column] = text.strip()
    table = _table(cells, top=run[0].top, bottom=run[-1].bottom)
    return [*run] if table is None else [table]


def _segments(line: Line) -> list[tuple[Word, ...]]:
    """Cut a line where words are further apart than any space between words."""
    segments: list[list[Word]] = [[line.words[0]]]
    for one, other in pairwise(line.words):
        if other.left - one.right > 1.3 * line.size:
            segments.append([])
        segments[-1].append(other)
    return [tuple(segment) for segment in segments]


def _columns(run: Sequence[Line]) -> list[tuple[float, float]]:
    """Return the (left, right) of what lies between gaps that all lines share."""
    spans = sorted(
        (segment[0].left, segment[-1].right)
        for line in run
        for segment in _segments(line)
    )
    columns: list[tuple[float, float]] = []
    for left, right in spans:
        if columns and left < columns[-1][1] + 2.0:
            columns[-1] = columns[-1][0], max(columns[-1][1], right)
        else:
            columns.append((left, right))
    return columns


def _column(columns: list[tuple[float, float]], segment: Sequence[Word]) -> int:
    return sum(left <= segment[0].left + 1 for left, _ in columns) - 1
