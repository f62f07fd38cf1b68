"""Plots as SVG, made here: lines and stacked bars with axes, in the colours of the page, without any script.

What a plot shows stands in a table beside it, too; the SVG is for eyes alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup

WIDTH: Final = 720
HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 36, 40
_TICKS: Final = 5
_LABELS: Final = 6
TONES: Final = ("one", "two", "three", "four")
"""Classes of the colours of lines and bars, in their order."""


@dataclass(frozen=True)
class Plotted:
    """What is drawn.

    Args:
        title: what the plot shows.
        unit: what the upright axis counts, as `people`.
        at: the moments, oldest first.
        series: values by name, one for each moment; None where there is none.
        stacked: whether bars are drawn, one upon another; else lines.
    """

    title: str
    unit: str
    at: Sequence[datetime]
    series: Mapping[str, Sequence[float | None]]
    stacked: bool = False


def svg_of(plotted: Plotted, zone: tzinfo) -> Markup:
    """A plot as SVG; nothing where there is nothing to draw.

    Args:
        plotted: what is drawn.
        zone: the time zone of its days.
    """
    if not plotted.at:
        return Markup()
    most = _most(plotted)
    step = _step(most)
    top = step * max(1, ceil(most / step))
    inner = [*_grid(plotted, step, top), *_days(plotted, zone)]
    inner += _bars(plotted, top) if plotted.stacked else _lines(plotted, top)
    body = Markup("").join(inner)
    return Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}" focusable="false">{}</svg>').format(
        WIDTH, HEIGHT, f"{plotted.title}; the table beside it holds the numbers", body
    )


def _most(plotted: Plotted) -> float:
    if plotted.stacked:
        columns = zip(*plotted.series.values(), strict=True)
        return max((sum(value or 0 for value in column) for column in columns), default=0)
    return max((value for values in plotted.series.values() for value in values if value is not None), default=0)


def _step(most: float) -> float:
    """A round number of which about five make the whole."""
    if most <= 0:
        return 1
    raw = most / _TICKS
    power = 10 ** floor(log10(raw))
    return float(next(power * each for each in (1, 2, 5, 10) if power * each >= raw))


def _x(plotted: Plotted, index: int) -> float:
    """Lines stand where their moment is; bars stand side by side."""
    room = WIDTH - _LEFT - _RIGHT
    if plotted.stacked:
        return _LEFT + room * (index + 0.5) / len(plotted.at)
    first, last = plotted.at[0].timestamp(), plotted.at[-1].timestamp()
    if last == first:
        return _LEFT + room / 2
    return _LEFT + room * (plotted.at[index].timestamp() - first) / (last - first)


def _y(value: float, top: float) -> float:
    return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top


def _grid(plotted: Plotted, step: float, top: float) -> list[Markup]:
    line = Markup('<line class="grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"></line>')
    label = Markup('<text class="tick end" x="{}" y="{:.1f}">{}</text>')
    drawn = []
    for index in range(round(top / step) + 1):
        y = _y(index * step, top)
        drawn += [line.format(_LEFT, WIDTH - _RIGHT, y, y), label.format(_LEFT - 8, y + 4, _short(index * step))]
    return [*drawn, Markup('<text class="tick" x="0" y="16">{}</text>').format(plotted.unit)]


def _days(plotted: Plotted, zone: tzinfo) -> list[Markup]:
    label = Markup('<text class="tick middle" x="{:.1f}" y="{}">{}</text>')
    every = max(1, ceil(len(plotted.at) / _LABELS))
    shown: list[tuple[float, str]] = []
    for index in range(0, len(plotted.at), every):
        x, day = _x(plotted, index), f"{plotted.at[index].astimezone(zone):%-d %b %Y}"
        if not shown or (x - shown[-1][0] > WIDTH / (_LABELS + 2) and day != shown[-1][1]):
            shown.append((x, day))
    return [label.format(min(max(x, _LEFT + 20), WIDTH - _RIGHT - 34), HEIGHT - 18, day) for x, day in shown]


def _lines(plotted: Plotted, top: float) -> list[Markup]:
    drawn = []
    for tone, values in zip(TONES, plotted.series.values(), strict=False):
        points = [(_x(plotted, index), _y(value, top)) for index, value in enumerate(values) if value is not None]
        told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn.append(Markup('<polyline class="line {}" points="{}"></polyline>').format(tone, told))
        if len(points) <= 60:
            dot = Markup('<circle class="dot {}" cx="{:.1f}" cy="{:.1f}" r="3"></circle>')
            drawn += [dot.format(tone, x, y) for x, y in points]
    return drawn


def _bars(plotted: Plotted, top: float) -> list[Markup]:
    width = min(48.0, max(1.0, 0.8 * (WIDTH - _LEFT - _RIGHT) / len(plotted.at)))
    rect = Markup('<rect class="part {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"></rect>')
    drawn = []
    for index in range(len(plotted.at)):
        below = 0.0
        for tone, values in zip(TONES, plotted.series.values(), strict=False):
            value = values[index] or 0
            if value:
                y = _y(below + value, top)
                drawn.append(rect.format(tone, _x(plotted, index) - width / 2, y, width, _y(below, top) - y))
            below += value
    return drawn


def _short(value: float) -> str:
    """A number on an axis: `1,500`, `2.5`, `40k`."""
    if value >= 10_000:
        return f"{value / 1000:,.0f}k"
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def legend_of(plotted: Plotted) -> list[tuple[str, str]]:
    """The class and the name of each series, for the words beside the plot."""
    return [(tone, name) for tone, name in zip(TONES, plotted.series, strict=False)]
