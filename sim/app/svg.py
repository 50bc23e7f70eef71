"""A small writer of charts as SVG: quick enough to draw anew many times a second."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Okabe and Ito (2008), as in sim.plots.style; importing that would load matplotlib for the colours.
BASELINE: Final = "#0072B2"
VARIANT: Final = "#C14A00"
INK: Final = "#1f2933"
SOFT: Final = "#52606d"
GRID: Final = "#e4e7eb"
PALETTE: Final = ("#56B4E9", "#F0E442", "#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00")

WIDTH: Final = 560
MOST_POINTS: Final = 400
"""Points of a line; more are thinned out evenly."""
_FONT: Final = (
    "system-ui, 'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
)
_TICKS: Final = 4


class Box(NamedTuple):
    """Where the panel of a chart lies."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.top + self.height


class Legend(NamedTuple):
    """An entry of the legend."""

    text: str
    color: str
    dash: str = ""
    is_line: bool = True


@dataclass
class Drawing:
    """A chart being written.

    Attributes
    ----------
    title : str
        What it shows; the first thing that a screen reader says.
    description : str
        What a reader who cannot see it should know.
    height, width : float
        Size.
    """

    title: str
    description: str
    height: float
    width: float = WIDTH
    parts: list[str] = field(default_factory=list)

    def add(self, *parts: str) -> None:
        """Add elements."""
        self.parts += parts

    def text(self, x: float, y: float, said: str, **look: Any) -> None:
        """Write a text; `anchor`, `color`, `size` and `weight` change its look."""
        anchor, size = look.get("anchor", "start"), look.get("size", 12)
        weight = f' font-weight="{look["weight"]}"' if "weight" in look else ""
        turn = f' transform="rotate({look["turn"]} {x:.1f} {y:.1f})"' if "turn" in look else ""
        self.add(
            f'<text x="{x:.1f}" y="{y:.1f}" fill="{look.get("color", INK)}" font-size="{size}" '
            f'text-anchor="{anchor}"{weight}{turn}>{escape(said)}</text>'
        )

    def path(self, d: str, color: str, **look: Any) -> None:
        """Draw a line along a path; `width`, `dash`, `opacity` and `cap` change its look."""
        dash = f' stroke-dasharray="{look["dash"]}"' if look.get("dash") else ""
        opacity = f' stroke-opacity="{look["opacity"]}"' if "opacity" in look else ""
        cap = f' stroke-linecap="{look["cap"]}"' if "cap" in look else ""
        self.add(
            f'<path d="{d}" fill="none" stroke="{color}" '
            f'stroke-width="{look.get("width", 2)}"{dash}{opacity}{cap}/>'
        )

    def area(self, d: str, color: str) -> None:
        """Fill a path."""
        self.add(f'<path d="{d}" fill="{color}"/>')

    def rect(self, box: Box, color: str, **look: Any) -> None:
        """Fill a rectangle; `stroke` and `hint` change its look."""
        stroke = f' stroke="{look["stroke"]}"' if "stroke" in look else ""
        hint = f"<title>{escape(look['hint'])}</title>" if "hint" in look else ""
        self.add(
            f'<rect x="{box.left:.1f}" y="{box.top:.1f}" width="{max(box.width, 0):.1f}" '
            f'height="{max(box.height, 0):.1f}" fill="{color}"{stroke}>{hint}</rect>'
        )

    def legend(self, entries: Iterable[Legend], left: float, top: float) -> None:
        """Write the legend in one row."""
        x = left
        for entry in entries:
            if entry.is_line:
                self.path(f"M{x:.0f} {top:.0f}h18", entry.color, dash=entry.dash, width=2.5)
            else:
                self.rect(Box(x, top - 5, 12, 10), entry.color, stroke=SOFT)
            start = 22 if entry.is_line else 16
            self.text(x + start, top + 4, entry.text, color=SOFT, size=11)
            x += start + text_width(entry.text, 11) + 12

    def svg(self) -> str:
        """Return the chart as a document that stands alone."""
        body, size = "".join(self.parts), f"{self.width:.0f} {self.height:.0f}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" '
            f'role="img" aria-label="{escape(self.title)}. {escape(self.description)}" '
            f'font-family="{escape(_FONT)}"><title>{escape(self.title)}</title>'
            f"<desc>{escape(self.description)}</desc>"
            f'<rect width="{self.width:.0f}" height="{self.height:.0f}" fill="#fff"/>{body}</svg>'
        )


@dataclass(frozen=True)
class Panel:
    """Axes: from numbers to places in a drawing."""

    box: Box
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def x(self, value: float) -> float:
        """Return the place of a number across."""
        low, high = self.x_range
        return self.box.left + self.box.width * (value - low) / max(high - low, 1e-12)

    def y(self, value: float) -> float:
        """Return the place of a number upwards."""
        low, high = self.y_range
        return self.box.bottom - self.box.height * (value - low) / max(high - low, 1e-12)

    def path(self, xs: Sequence[float] | NDArray[Any], ys: Sequence[float] | NDArray[Any]) -> str:
        """Return a line through points, thinned out if there are many."""
        rows = thinned(len(xs))
        if rows.size == 0:
            return ""
        points = [f"{self.x(float(xs[i])):.1f} {self.y(float(ys[i])):.1f}" for i in rows]
        return "M" + "L".join(points)

    def band(self, xs: NDArray[Any], lower: NDArray[Any], upper: NDArray[Any]) -> str:
        """Return the outline of what lies between two lines."""
        rows = thinned(len(xs))
        if rows.size == 0:
            return ""
        there = [f"{self.x(float(xs[i])):.1f} {self.y(float(upper[i])):.1f}" for i in rows]
        back = [f"{self.x(float(xs[i])):.1f} {self.y(float(lower[i])):.1f}" for i in rows[::-1]]
        return "M" + "L".join([*there, *back]) + "Z"

    def draw_axes(self, drawing: Drawing, x_ticks: Iterable[tuple[float, str]], unit: str) -> None:
        """Draw the grid, the numbers and the unit."""
        box = self.box
        for value in nice_ticks(*self.y_range):
            y = self.y(value)
            drawing.path(f"M{box.left:.0f} {y:.1f}h{box.width:.0f}", GRID, width=1)
            label = short_number(value)
            drawing.text(box.left - 6, y + 4, label, anchor="end", color=SOFT, size=11)
        for value, label in x_ticks:
            x = self.x(value)
            drawing.path(f"M{x:.1f} {box.bottom:.0f}v4", SOFT, width=1)
            drawing.text(x, box.bottom + 17, label, anchor="middle", color=SOFT, size=11)
        drawing.path(f"M{box.left:.0f} {box.bottom:.1f}h{box.width:.0f}", SOFT, width=1)
        drawing.text(box.left, box.top - 7, unit, color=SOFT, size=11)

    def draw_level(self, drawing: Drawing, value: float, label: str) -> None:
        """Draw a threshold."""
        if not self.y_range[0] <= value <= self.y_range[1]:
            return
        y = self.y(value)
        drawing.path(f"M{self.box.left:.0f} {y:.1f}h{self.box.width:.0f}", INK, width=1, dash="2 3")
        drawing.text(self.box.right, y - 4, label, anchor="end", color=SOFT, size=11)


def thinned(count: int, most: int = MOST_POINTS) -> NDArray[np.int64]:
    """Return the places of at most `most` of some points, evenly spread, the last one included."""
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).astype(np.int64))


def nice_ticks(low: float, high: float, count: int = _TICKS) -> list[float]:
    """Return round numbers between two limits."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low]
    step = 10 ** math.floor(math.log10(span / count))
    step = next(step * m for m in (1, 2, 5, 10) if span / (step * m) <= count)
    first = math.ceil(low / step - 1e-9) * step
    return [first + k * step for k in range(int((high - first) / step + 1e-9) + 1)]


def short_number(value: float) -> str:
    """Write a number for an axis."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (abs(value) >= size and letter != "k"):
            return f"{value / size:g}{letter}"
    return f"{value:,.10g}"


def text_width(text: str, size: float) -> float:
    """Return how wide a text is, or a little more."""
    return size * sum(1.0 if letter >= "\u2e80" else 0.56 for letter in text)


def dots(points: Iterable[tuple[float, float]]) -> str:
    """Return a path that a round pen turns into a dot at each point: one element for all."""
    return "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
