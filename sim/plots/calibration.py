"""A calibration: what the data say of each parameter, and how near runs come to each target."""

from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_POINTS,
    LIGHT_GREY,
    ORANGE,
    SMALL_POINTS,
    dress,
    finished,
    new_figure,
    plain_figure,
)

_COLUMNS: Final = 4
_PANEL_INCHES: Final = 0.95
_BINS: Final = 12
_ROW_INCHES: Final = 0.16
_HEAD_INCHES: Final = 0.8
_MOST_Z: Final = 6.0
_LONGEST_NAME: Final = 30
_SHADES: Final = {"identified": BLUE, "weakly": ORANGE, "not informed": GREY}


class CalibrationName(NamedTuple):
    """The calibration that a figure shows."""

    block: str
    draws: int

    @property
    def footer(self) -> str:
        """The footer."""
        return f"Block {self.block}, {self.draws:,} draws."


def marginals_figure(name: CalibrationName, tables: dict[str, Any]) -> Figure:
    """Draw each parameter's posterior over its prior.

    Parameters
    ----------
    name : CalibrationName
        Which calibration.
    tables : dict
        The tables ``posterior`` and ``summary``.
    """
    summary: pl.DataFrame = tables["summary"]
    posterior: pl.DataFrame = tables["posterior"]
    rows = -(-summary.height // _COLUMNS)
    remark = (
        "Grey line: what was believed before. Bars: posterior over the range from its low to its "
        "high end (blue: identified, orange: weakly, grey: not informed). Black: the registry's "
        "value."
    )
    title = "What published history says of each parameter"
    figure = new_figure(_HEAD_INCHES + _PANEL_INCHES * rows, title, name, remark)
    weights = posterior["weight"].to_numpy()
    for place, row in enumerate(summary.iter_rows(named=True), start=1):
        axes = figure.add_subplot(rows, _COLUMNS, place)
        _draw_marginal(axes, row, posterior[row["parameter"]].to_numpy(), weights)
    return finished(figure)


def fit_figure(name: CalibrationName, tables: dict[str, Any]) -> Figure:
    """Draw by how much runs of the posterior are off each target.

    Parameters
    ----------
    name : CalibrationName
        Which calibration.
    tables : dict
        The table ``fit``.
    """
    fit: pl.DataFrame = tables["fit"].filter(pl.col("z").is_not_null())
    title = "How near the fitted runs come to each target"
    if not fit.height:
        return plain_figure(title, "No run has any of the targets.", name)
    remark = (
        "Median of runs less the published number, in standard deviations of the target. Nine in "
        "ten of what is right lie in the band. Arrows: further off."
    )
    figure = new_figure(_HEAD_INCHES + _ROW_INCHES * fit.height, title, name, remark)
    axes = figure.add_subplot()
    dress(axes, "", "x")
    axes.axvspan(-1.645, 1.645, color=LIGHT_GREY, alpha=0.6)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    places = np.arange(fit.height)
    z = fit["z"].to_numpy()
    seen = np.clip(z, -_MOST_Z, _MOST_Z)
    near = np.abs(z) <= _MOST_Z
    axes.plot(seen[near], places[near], "o", color=BLUE, markersize=3.5)
    for sign, marker in ((-1, "<"), (1, ">")):
        far = ~near & (np.sign(z) == sign)
        axes.plot(seen[far], places[far], marker, color=ORANGE, markersize=4.5)
    axes.set_yticks(places, fit["target"].to_list(), size=SMALL_POINTS)
    axes.set_ylim(fit.height - 0.4, -0.6)
    axes.set_xlim(-_MOST_Z - 0.4, _MOST_Z + 0.4)
    axes.set_xlabel("Standard deviations", size=LABEL_POINTS)
    return finished(figure)


def _draw_marginal(axes: Axes, row: dict[str, Any], values: Any, weights: Any) -> None:
    low, high = row["low"], row["high"]
    is_log = row["prior"] == "loguniform"
    edges = np.geomspace(low, high, _BINS + 1) if is_log else np.linspace(low, high, _BINS + 1)
    shares, _ = np.histogram(np.clip(values, low, high), edges, weights=weights)
    axes.bar(
        edges[:-1], shares, np.diff(edges), align="edge", color=_SHADES[row["verdict"]], alpha=0.7
    )
    axes.axhline(1.0 / _BINS, color=GREY, linewidth=0.9)
    axes.axvline(row["registry"], color=BLACK, linewidth=1.0)
    if is_log:
        axes.set_xscale("log")
    dress(axes, "", "x")
    axes.set_yticks([])
    axes.set_xlim(low, high)
    axes.set_xticks([low, high], [f"{low:g}", f"{high:g}"], size=SMALL_POINTS)
    axes.minorticks_off()
    short = row["parameter"].removeprefix("behaviour.").removeprefix("geography.")
    axes.set_title(_shortened(short), size=SMALL_POINTS, loc="left")


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"…{name[-(_LONGEST_NAME - 1) :]}"
