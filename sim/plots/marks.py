"""A strip of dated marks above the panels of a figure, with labels that do not overlap."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from matplotlib.axes import Axes

from sim.plots.dates import number_of
from sim.plots.style import BLACK, GREY, SMALL_POINTS, text_inches

LANE_INCHES: Final = 0.19
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


class _Span(NamedTuple):
    """What a mark and its label take up of the width [inches]."""

    mark: Mark
    at: float
    start: float
    end: float
    is_left: bool


def placed(marks: Sequence[Mark], first: date, last: date, width_inches: float) -> list[Placed]:
    """Give every mark the first lane in which its label is free of others.

    A label that would not fit to the right of its mark stands to the left. Those come first, so
    that the lines of earlier marks begin below them.

    Parameters
    ----------
    marks : sequence of Mark
        What to place.
    first, last : date
        Period that the axes show.
    width_inches : float
        Width of the axes [inches].

    Returns
    -------
    list of Placed
        The marks in the order of their days.
    """
    days = max((last - first).days, 1)
    spans = [_span(mark, (mark.day - first).days / days, width_inches) for mark in marks]
    late_first = sorted((span for span in spans if span.is_left), key=lambda s: s.at, reverse=True)
    early_first = sorted((span for span in spans if not span.is_left), key=lambda s: s.at)
    lanes: list[list[_Span]] = []
    found = []
    for span in [*late_first, *early_first]:
        lane = _free_lane(lanes, span)
        lanes[lane:] = [[*(lanes[lane] if lane < len(lanes) else []), span], *lanes[lane + 1 :]]
        found.append(Placed(span.mark, lane, span.is_left))
    return sorted(found, key=lambda place: place.mark.day)


def _span(mark: Mark, share: float, width_inches: float) -> _Span:
    """Return what a mark and its label take up; a label that is too long is cut."""
    at = share * width_inches
    room = max(at, width_inches - at) - 2 * _GAP_INCHES
    mark = mark._replace(text=_cut(mark.text, room))
    width = text_inches(mark.text) + 2 * _GAP_INCHES
    is_left = at + width > width_inches
    bounds = (at - width, at + _GAP_INCHES) if is_left else (at - _GAP_INCHES, at + width)
    return _Span(mark, at, *bounds, is_left)


def _free_lane(lanes: Sequence[Sequence[_Span]], span: _Span) -> int:
    """Return the first lane with room, below all labels that the mark's line would cross."""
    crossed = [
        lane
        for lane, taken in enumerate(lanes)
        if any(other.start < span.at < other.end for other in taken)
    ]
    lane = max(crossed, default=-1) + 1
    while lane < len(lanes) and any(
        span.start < other.end and other.start < span.end for other in lanes[lane]
    ):
        lane += 1
    return lane


def _cut(text: str, inches: float) -> str:
    if text_inches(text) <= inches:
        return text
    while text and text_inches(text) + text_inches("…") > inches:
        text = text[:-1]
    return f"{text.rstrip()}…"


def lanes_of(marks: Sequence[Placed]) -> int:
    """Return how many lanes the marks need, at least one."""
    return 1 + max((mark.lane for mark in marks), default=0)


def draw_marks(
    strip: Axes, panels: Sequence[Axes], marks: Sequence[Placed], gap_inches: float
) -> None:
    """Draw marks and labels in the strip, and their lines through strip and panels.

    Parameters
    ----------
    strip : Axes
        Axes without a frame above the panels.
    panels : sequence of Axes
        Axes with the same dates.
    marks : sequence of Placed
        What to draw.
    gap_inches : float
        Distance of the first panel from the strip, which the lines bridge [inches].
    """
    lanes = lanes_of(marks)
    strip.set_ylim(lanes - 0.4, -0.6)
    strip.set_axis_off()
    for (day, text, look), lane, is_left in marks:
        at = number_of(day)
        line = {"color": look.color, "linestyle": look.line, "linewidth": look.width}
        bottom = lanes - 0.4 + gap_inches / LANE_INCHES
        (stem,) = strip.plot([at, at], [lane, bottom], zorder=1, clip_on=False, **line)
        stem.set_in_layout(False)
        strip.plot(
            [at],
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
            (at, lane),
            xytext=(-6 if is_left else 6, 0),
            textcoords="offset points",
            ha="right" if is_left else "left",
            va="center_baseline",
            size=SMALL_POINTS,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
            zorder=2,
        )
        for panel in panels:
            panel.axvline(at, zorder=0.9, **line)
