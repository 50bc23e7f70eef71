"""Stacked bars whose parts differ in colour, in luminance and in hatching."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

_EDGE: Final = "#303030"


class Part(NamedTuple):
    """A part of every bar."""

    label: str
    face: str
    hatch: str = ""


def draw_stack(
    axes: Axes,
    places: NDArray[Any],
    parts: Sequence[Part],
    heights: Sequence[NDArray[Any]],
    width: float = 0.85,
) -> None:
    """Draw a bar of parts at each place; what is below zero hangs down from zero.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    places : array (bars,)
        Centres of the bars: numbers, or dates.
    parts : sequence of Part
        From the bottom up.
    heights : sequence of array (bars,)
        Heights of each part.
    width : float
        Width of a bar.
    """
    above, below = np.zeros(len(places)), np.zeros(len(places))
    for part, height in zip(parts, heights, strict=True):
        axes.bar(
            places,
            height,
            width,
            np.where(height < 0.0, below, above),
            label=part.label,
            facecolor=part.face,
            hatch=part.hatch,
            edgecolor=_EDGE,
            linewidth=0.3,
        )
        above += np.maximum(height, 0.0)
        below += np.minimum(height, 0.0)
