"""Plots as SVG: groups of bars, and lines over numbers, for the pages of this folder."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

COLOURS = ("#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377")  # Paul Tol's bright scheme
WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 84
LEGEND_COLUMN, LEGEND_ROWS = 240, 2
_STYLE = "text{font:12px sans-serif;fill:#222}.title{font-size:14px;font-weight:bold}"


class _Axis:
    """Values from 0, or on a logarithmic axis from the power of ten below the least."""

    def __init__(self, values: Sequence[float], *, logarithmic: bool) -> None:
        self._log = logarithmic
        if logarithmic:
            low, high = min(value for value in values if value > 0), max(values)
            first, last = int(math.log10(low) // 1), int(-(-math.log10(high) // 1))
            last += first == last
            self._low, self._high = float(first), float(last)
            self.ticks = [math.pow(10, power) for power in range(first, last + 1)]
        else:
            step = _step(max(values) or 1.0)
            count = int(-(-max(values) // step)) or 1
            self._low, self._high = 0.0, step * count
            self.ticks = [step * number for number in range(count + 1)]

    def share(self, value: float) -> float:
        """Where `value` is, from 0 to 1."""
        place = math.log10(max(value, math.pow(10, self._low))) if self._log else value
        return (place - self._low) / (self._high - self._low)


def _step(highest: float) -> float:
    """1, 2 or 5 times a power of ten, for about five ticks."""
    power = math.pow(10, math.log10(highest / 5) // 1)
    return next((power * factor for factor in (1, 2, 5) if power * factor * 5 >= highest), power * 10)


def bars(
    path: Path,
    title: str,
    unit: str,
    groups: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    log: bool = False,
) -> None:
    """Write a plot with a group of bars for each of `groups`; `series`: name → its value in each group."""
    axis = _Axis([value for values in series.values() for value in values], logarithmic=log)
    room = (WIDTH - LEFT - RIGHT) / len(groups)
    width = room * 0.8 / len(series)
    marks = []
    for number, (name, values) in enumerate(series.items()):
        for group, value in enumerate(values):
            left, top = LEFT + room * (group + 0.1) + width * number, _height(axis.share(value))
            marks.append(
                f'<rect x="{left:.1f}" y="{top:.1f}" width="{width * 0.92:.1f}" height="{HEIGHT - BOTTOM - top:.1f}" '
                f'fill="{COLOURS[number % len(COLOURS)]}"><title>{escape(name)}, {escape(groups[group])}: {value:.4g}'
                f'</title></rect><text x="{left + width * 0.46:.1f}" y="{top - 3:.1f}" text-anchor="middle" '
                f'font-size="9" style="font-size:9px">{_short(value)}</text>'
            )
    names = [_text(LEFT + room * (group + 0.5), name) for group, name in enumerate(groups)]
    _write(path, title, unit, axis, [*marks, *names], list(series))


def lines(
    path: Path,
    title: str,
    unit: str,
    numbers: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    log: bool = False,
) -> None:
    """Write a plot with a line for each of `series` over `numbers`, which are on a logarithmic axis."""
    axis = _Axis([value for values in series.values() for value in values], logarithmic=log)
    low, high = math.log10(min(numbers)), math.log10(max(numbers))

    def left(number: float) -> float:
        share = (math.log10(number) - low) / (high - low) if high > low else 0.5
        return LEFT + 30 + (WIDTH - LEFT - RIGHT - 60) * share

    marks = []
    for index, values in enumerate(series.values()):
        points = [(left(x), _height(axis.share(y))) for x, y in zip(numbers, values, strict=True)]
        colour = COLOURS[index % len(COLOURS)]
        path_of_points = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        marks.append(f'<polyline points="{path_of_points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        marks += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    names = [_text(left(number), f"{number:,.0f}") for number in numbers]
    _write(path, title, unit, axis, [*marks, *names], list(series))


def _height(share: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share


def _text(x: float, text: str) -> str:
    return f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{escape(text)}</text>'


def _write(path: Path, title: str, unit: str, axis: _Axis, marks: Sequence[str], legend: Sequence[str]) -> None:
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="title" x="{LEFT}" y="20">{escape(title)} ({escape(unit)})</text>',
        *_grid(axis),
        *marks,
        *_legend(legend),
        "</svg>\n",
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def _grid(axis: _Axis) -> Iterator[str]:
    for tick in axis.ticks:
        y = _height(axis.share(tick))
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'


def _legend(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names):
        x, y = 12 + LEGEND_COLUMN * (number // LEGEND_ROWS), HEIGHT - 40 + 20 * (number % LEGEND_ROWS)
        yield f'<rect x="{x}" y="{y - 10}" width="12" height="12" fill="{COLOURS[number % len(COLOURS)]}"/>'
        yield f'<text x="{x + 18}" y="{y}">{escape(name)}</text>'


def _short(value: float) -> str:
    """Three digits, and all those before the decimal point."""
    return f"{value:.3g}" if value < 999.5 else f"{value:.0f}"
