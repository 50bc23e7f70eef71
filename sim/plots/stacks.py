"""Stacked bars whose parts differ in colour, in luminance and in hatching."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
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
    heights: Sequence[NDArray[np.float64]],
    width: float = 0.85,
) -> None:
    """Draw a bar of parts at each place; what is below zero hangs down from zero.

    Parameters
    ----------
    axes : Axes
        Where to draw.
    places : array (bars,)
        Centres of the bars.
    parts : sequence of Part
        From the bottom up.
    heights : sequence of array (bars,)
        Heights of each part.
    width : float
        Width of a bar.
    """
    centres = places.astype(np.float64)
    above, below = np.zeros(centres.size), np.zeros(centres.size)
    for part, height in zip(parts, heights, strict=True):
        bottom = np.where(height < 0.0, below, above)
        # One shape for all bars of a part: hundreds of hatched shapes are slow to draw.
        shape = _rectangles(centres, bottom, height, width)
        axes.add_patch(
            PathPatch(
                shape,
                label=part.label,
                facecolor=part.face,
                hatch=part.hatch or None,
                edgecolor=_EDGE,
                linewidth=0.3,
            )
        )
        above += np.maximum(height, 0.0)
        below += np.minimum(height, 0.0)
    axes.autoscale_view()


def _rectangles(
    centres: NDArray[np.float64],
    bottom: NDArray[np.float64],
    height: NDArray[np.float64],
    width: float,
) -> Path:
    left, right, top = centres - width / 2.0, centres + width / 2.0, bottom + height
    corners = np.array([[left, bottom], [left, top], [right, top], [right, bottom]])
    drawn = corners[:, :, height != 0.0]
    return Path.make_compound_path_from_polys(drawn.transpose(2, 0, 1))
