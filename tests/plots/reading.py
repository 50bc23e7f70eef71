"""What figures show, read back from what was drawn."""

from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.text import Text


def panels_of(figure: Figure) -> list[Axes]:
    """Axes that show data, from top to bottom: those with a label on the left."""
    return [axes for axes in figure.axes if axes.get_ylabel()]


def texts_of(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def footer_of(figure: Figure) -> str:
    return " ".join(figure.get_supxlabel().split())


def line_of(axes: Axes, label: str) -> Line2D:
    (line,) = (line for line in axes.lines if str(line.get_label()).startswith(label))
    return line


def points_of(line: Line2D) -> tuple[list[float], list[float]]:
    return list(np.asarray(line.get_xdata(), float)), list(np.asarray(line.get_ydata(), float))


def verticals_of(axes: Axes) -> list[float]:
    """Where lines run from the bottom to the top of axes."""
    lines = (points_of(line) for line in axes.lines)
    return sorted({x[0] for x, y in lines if y == [0.0, 1.0] and len(set(x)) == 1})


def levels_of(axes: Axes) -> list[float]:
    """Where lines run from the left to the right of axes."""
    lines = (points_of(line) for line in axes.lines)
    return sorted({y[0] for x, y in lines if x == [0.0, 1.0] and len(set(y)) == 1})


def bars_of(axes: Axes, label: str) -> dict[float, tuple[float, float]]:
    """Bars of a part by their centre: where each begins and how high it is."""
    (patch,) = (
        patch
        for patch in axes.patches
        if isinstance(patch, PathPatch) and str(patch.get_label()).startswith(label)
    )
    corners = patch.get_path().vertices.reshape(-1, 5, 2)[:, :4]
    centres = np.round(corners[:, :, 0].mean(axis=1), 6)
    bottoms, tops = corners[:, 0, 1], corners[:, 1, 1]
    return {
        float(centre): (float(bottom), float(top - bottom))
        for centre, bottom, top in zip(centres, bottoms, tops, strict=True)
    }


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    return [] if legend is None else [text.get_text() for text in legend.get_texts()]


def at(*days: date) -> list[float]:
    """Places of days on an axis of dates."""
    return [float(date2num(day)) for day in days]


def outside(figure: Figure) -> list[Any]:
    """Texts that stick out of a figure once it is drawn."""
    figure.draw_without_rendering()
    unseen = {
        label
        for axes in figure.axes
        for axis in (axes.xaxis, axes.yaxis)
        for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        for label in (tick.label1, tick.label2)
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
    }
    width, height = figure.bbox.width, figure.bbox.height
    boxes = {
        text.get_text(): text.get_window_extent()
        for text in figure.findobj(Text)
        if text.get_text() and text.get_visible() and text not in unseen
    }
    return [
        text
        for text, box in boxes.items()
        if box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1
    ]
