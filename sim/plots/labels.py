"""Labels of horizontal lines, written where no curve is in the way."""

from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from sim.plots.style import SMALL_POINTS, text_inches

_GAP_POINTS: Final = 3.0
_POINTS_PER_INCH: Final = 72.0


class _Place(NamedTuple):
    """Where a label may stand."""

    share: float
    """Of the width of the axes (0-1)."""
    alignment: str
    is_below: bool


_SHIFT_POINTS: Final = {"left": 4.0, "right": -4.0, "center": 0.0}
_PLACES: Final = tuple(
    _Place(share, alignment, is_below)
    for share, alignment in ((0.0, "left"), (1.0, "right"), (0.5, "center"))
    for is_below in (False, True)
)


def label_level(axes: Axes, text: str, level: float, curve: NDArray[np.float64]) -> None:
    """Write a text above or below a level, at the first place where the curve is not.

    Parameters
    ----------
    axes : Axes
        Axes with their final vertical scale and size.
    text : str
        What to write.
    level : float
        Where the horizontal line is.
    curve : array (points,)
        Values at equal distances over the width of the axes.
    """
    box = axes.get_window_extent()
    inches = axes.figure.dpi
    width = text_inches(text) / (box.width / inches) + 0.03
    height = (SMALL_POINTS + 2.0 * _GAP_POINTS) / _POINTS_PER_INCH / (box.height / inches)
    to_axes = axes.transData + axes.transAxes.inverted()
    at = to_axes.transform((0.0, level))[1]
    heights = to_axes.transform(np.column_stack([np.zeros(curve.size), curve]))[:, 1]

    def is_free(place: _Place) -> bool:
        left = place.share * (1.0 - width)
        bottom = at - height if place.is_below else at
        shares = np.linspace(left, left + width, 50)
        near = np.interp(shares, np.linspace(0.0, 1.0, curve.size), heights)
        return bool(
            bottom >= 0.0
            and bottom + height <= 1.05
            and ((near < bottom) | (near > bottom + height)).all()
        )

    place = next(filter(is_free, _PLACES), _PLACES[0])
    axes.annotate(
        text,
        (place.share, level),
        xycoords=("axes fraction", "data"),
        xytext=(_SHIFT_POINTS[place.alignment], -_GAP_POINTS if place.is_below else _GAP_POINTS),
        textcoords="offset points",
        ha=place.alignment,
        va="top" if place.is_below else "bottom",
        size=SMALL_POINTS,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )
