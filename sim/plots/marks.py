"""A strip of dated marks above the panels of a figure, with labels that do not overlap."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from matplotlib.axes import Axes

from sim.plots.style import BLACK, GREY, SMALL_POINTS

LANE_INCHES: Final = 0.19
_POINTS_PER_INCH: Final = 72.0
_CHARACTER_EMS: Final = 0.56
"""Usual width of a letter of DejaVu Sans."""
_WIDE_FROM: Final = "\u2e80"
"""From here on letters are Chinese and the like, one em wide."""
_GAP_INCHES: Final = 0.09


class Look(NamedTuple):
    """How marks of one kind look."""

    marker: str
    face: str
    line: Any
    """Line style of matplotlib."""
    color: str
    width: float


CROSSED: Final = Look("D", BLACK, "-", BLACK, 1.1)
LISTED: Final = Look("^", BLACK, (0, (6, 2)), BLACK, 1.1)
LOST: Final = Look("v", "white", (0, (3, 2, 1, 2)), BLACK, 0.9)
POLICY: Final = Look("|", GREY, (0, (1, 1.6)), "#606060", 0.9)


class Mark(NamedTuple):
    """A date with what happened on it."""

    day: date
    text: str
    look: Look


class Placed(NamedTuple):
    """A mark with the place of its label."""

    mark: Mark
    lane: int
    """Counted from the top."""
    is_left: bool
    """Whether the label stands to the left of the mark."""


def placed(marks: Sequence[Mark], first: date, last: date, width_inches: float) -> list[Placed]:
    """Give every mark the first lane in which its label is free of others.

    Parameters
    ----------
    marks : sequence of Mark
        What to place.
    first, last : date
        Period that the axes show.
    width_inches : float
        Width of the axes [inches].
    """
    lanes: list[list[tuple[float, float]]] = []
    found = []
    days = max((last - first).days, 1)
    for mark in sorted(marks, key=lambda mark: mark.day):
        at = (mark.day - first).days / days * width_inches
        width = _text_inches(mark.text) + 2 * _GAP_INCHES
        is_left = at + width > width_inches and at - width >= 0
        span = (at - width, at + _GAP_INCHES) if is_left else (at - _GAP_INCHES, at + width)
        lane = next(
            (
                number
                for number, taken in enumerate(lanes)
                if all(span[1] <= start or span[0] >= end for start, end in taken)
            ),
            len(lanes),
        )
        if lane == len(lanes):
            lanes.append([])
        lanes[lane].append(span)
        found.append(Placed(mark, lane, is_left))
    return found


def _text_inches(text: str) -> float:
    ems = sum(1.0 if letter >= _WIDE_FROM else _CHARACTER_EMS for letter in text)
    return ems * SMALL_POINTS / _POINTS_PER_INCH


def lanes_of(marks: Sequence[Placed]) -> int:
    """Return how many lanes the marks need, at least one."""
    return 1 + max((mark.lane for mark in marks), default=0)


def draw_marks(strip: Axes, panels: Sequence[Axes], marks: Sequence[Placed]) -> None:
    """Draw marks and labels in the strip, and their lines through strip and panels."""
    lanes = lanes_of(marks)
    strip.set_ylim(lanes - 0.4, -0.6)
    strip.set_axis_off()
    for (day, text, look), lane, is_left in marks:
        line = {"color": look.color, "linestyle": look.line, "linewidth": look.width}
        strip.plot([day, day], [lane, lanes - 0.4], zorder=1, **line)
        strip.plot(
            [day],
            [lane],
            marker=look.marker,
            markersize=5,
            markerfacecolor=look.face,
            markeredgecolor=look.color,
            linestyle="none",
            zorder=3,
        )
        strip.annotate(
            text,
            (day, lane),  # type: ignore[arg-type] # dates are as good as numbers here
            xytext=(-6 if is_left else 6, 0),
            textcoords="offset points",
            ha="right" if is_left else "left",
            va="center_baseline",
            size=SMALL_POINTS,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            zorder=2,
        )
        for panel in panels:
            panel.axvline(day, zorder=0.9, **line)  # type: ignore[arg-type]
