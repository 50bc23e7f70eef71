"""A policy's part of a history: chances of a listing, share of sales, and what that hangs on."""

from collections.abc import Mapping
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
    ORANGE,
    SKY_BLUE,
    SMALL_POINTS,
    dress,
    finished,
    legend_above,
    new_figure,
    whole_ticks,
)

_BINS: Final = 16
_MOST_PARAMETERS: Final = 8


class AttributionName(NamedTuple):
    """The runs that a figure shows."""

    scenario: str
    draws: int
    replicates: int

    @property
    def footer(self) -> str:
        """The footer."""
        return (
            f"Scenario {self.scenario}, {self.draws} draws of parameters, "
            f"{self.replicates} seeds each."
        )


def attribution_figure(about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Draw when a village is listed in both worlds, the share of sales, and what it hangs on.

    Parameters
    ----------
    about : mapping
        What was run; see `sim.experiments.attribution`.
    tables : mapping
        The tables ``attribution``, ``runs`` and ``dependence``.
    """
    title = f"{about['policy']}: what it did, and what came anyway"
    name = AttributionName(about["sweep"], about["draws"], about["replicates"])
    remark = "Grey band: 5 to 95 % of runs."
    figure = new_figure(3.4, title, name, remark)
    left, middle, right = figure.subplots(1, 3, width_ratios=(1.0, 1.0, 1.0))
    _draw_listing(left, about, tables["runs"])
    _draw_share(middle, about, tables)
    _draw_dependence(right, tables["dependence"].head(_MOST_PARAMETERS))
    return finished(figure)


def _draw_listing(axes: Axes, about: Mapping[str, Any], runs: pl.DataFrame) -> None:
    years = np.arange(about["listed_by"] - 4, max(about["listed_by"], about["year"]) + 1)
    looks = (("with", BLUE, "-", 3.0), ("without", ORANGE, "--", 1.5))
    for world, colour, dashes, width in looks:
        listed = runs[f"listed_{world}"].fill_null(9999).to_numpy()
        share = [100.0 * float((listed <= year).mean()) for year in years]
        axes.step(
            years, share, dashes, where="post", color=colour, linewidth=width, label=f"{world} it"
        )
    axes.axvline(about["listed_by"], color=GREY, linewidth=0.8)
    dress(axes, "Runs listed by then [%]")
    axes.set_ylim(0.0, 102.0)
    whole_ticks(axes.xaxis)
    axes.xaxis.set_major_formatter("{x:.0f}")
    axes.set_xlabel("Year", size=LABEL_POINTS)
    legend_above(axes, 2)


def _draw_share(axes: Axes, about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
    shares = 100.0 * tables["runs"]["share"].drop_nulls().to_numpy()
    axes.hist(shares, bins=_BINS, color=SKY_BLUE)
    if shares.size:
        low, median, high = np.quantile(shares, [0.05, 0.5, 0.95])
        axes.axvspan(low, high, color=GREY, alpha=0.2, linewidth=0.0)
        axes.axvline(median, color=BLACK, linewidth=1.2, label=f"median {median:.0f} %")
        legend_above(axes, 1)
    dress(axes, "Runs")
    axes.set_xlabel(f"Share of the sales of {about['year']} [%]", size=LABEL_POINTS)


def _draw_dependence(axes: Axes, table: pl.DataFrame) -> None:
    """Draw the share at the lowest and highest thirds of each parameter."""
    names = [name.rpartition(".")[2].replace("_", " ") for name in table["parameter"]]
    rows = np.arange(len(names))[::-1]
    low = 100.0 * table["share_lowest_third"].to_numpy()
    high = 100.0 * table["share_highest_third"].to_numpy()
    axes.hlines(rows, low, high, color=GREY, linewidth=1.2)
    axes.plot(low, rows, "o", color=ORANGE, markersize=4, label="low third")
    axes.plot(high, rows, "o", color=BLUE, markersize=4, label="high third")
    dress(axes, "", "x")
    axes.set_yticks(rows, names)
    axes.tick_params(axis="y", labelsize=SMALL_POINTS)
    axes.set_ylim(-0.6, len(names) - 0.4)
    axes.set_xlabel("Mean share of sales [%]", size=LABEL_POINTS)
    if names:
        legend_above(axes, 2)
