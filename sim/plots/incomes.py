"""What households earn from what, year by year, for each kind of household."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.stacks import Part, draw_stack
from sim.plots.style import (
    BLACK,
    BLUE,
    LABEL_POINTS,
    LEGEND_INCHES,
    ORANGE,
    SKY_BLUE,
    YELLOW,
    RunName,
    dress,
    finished,
    legend_alone,
    new_figure,
    of_place,
    percent,
    plain_figure,
    plain_ticks,
    years_axis,
    years_text,
    yuan_unit,
)
from sim.results.schema import INCOME_SOURCES, KINDS

SOURCES: Final[dict[str, Part]] = {
    "wages_yuan": Part("wages", SKY_BLUE),
    "offline_yuan": Part("own fruit or goods, offline", YELLOW, "///"),
    "online_yuan": Part("own fruit, online", ORANGE, "xxx"),
    "shop_profit_yuan": Part("profit of shops", BLUE),
}
"""Sources of income from the bottom of the bars up."""
KIND_NAMES: Final = {
    "farmer": "Farmers",
    "manufacturer": "Makers",
    "operator": "Other households",
    "incomer": "Incomers",
}
"""Titles of the panels."""

_COLUMNS: Final = 2
_PANEL_INCHES: Final = 2.2


def incomes_figure(households: pl.DataFrame, run: RunName) -> Figure:
    """Draw mean incomes by source over the years, a panel for each kind of household.

    Parameters
    ----------
    households : polars.DataFrame
        A row per household and year: ``kind``, ``year``, ``shops`` and `SOURCES`.
    run : RunName
        Which run is shown.

    Returns
    -------
    Figure
        Bars of mean income per household; each kind has a scale of its own.
    """
    title = f"Household income by source{of_place(households, 'in')}"
    if households.is_empty():
        sentence = "No household was kept at the end of a year in this run."
        return plain_figure(title, sentence, run)
    means = mean_incomes(households)
    kinds = [kind for kind in KINDS if kind in set(means["kind"])]
    years = (int(means["year"].to_numpy().min()), int(means["year"].to_numpy().max()))
    title = f"{title}, {years_text(*years)}"
    rows = -(-len(kinds) // _COLUMNS)
    figure = new_figure(_PANEL_INCHES * rows + 1.2, title, run, _remark(years[1], kinds))
    heights = [LEGEND_INCHES, *[_PANEL_INCHES] * rows]
    grid = figure.add_gridspec(rows + 1, _COLUMNS, height_ratios=heights)
    panels = [
        figure.add_subplot(grid[1 + place // _COLUMNS, place % _COLUMNS])
        for place in range(len(kinds))
    ]
    for axes, kind in zip(panels, kinds, strict=True):
        _draw_kind(axes, means.filter(pl.col("kind") == kind), years)
    legend_alone(figure.add_subplot(grid[0, :]), panels[0])
    return finished(figure)


def _remark(last_year: int, kinds: Sequence[str]) -> str:
    other = " Other households grow and make nothing." if "operator" in kinds else ""
    return f"In brackets: households of {last_year}. Scales differ.{other}"


def mean_incomes(households: pl.DataFrame) -> pl.DataFrame:
    """Return the mean of each source for each kind and year.

    Besides, ``households`` is how many there are, and ``selling_share`` the share of them that have
    a shop (0-1).
    """
    means = households.group_by("year", pl.col("kind").cast(pl.String)).agg(
        pl.col(INCOME_SOURCES).mean(),
        pl.len().alias("households"),
        (pl.col("shops") > 0).mean().alias("selling_share"),
    )
    return means.sort("kind", "year")


def _draw_kind(axes: Axes, means: pl.DataFrame, years: tuple[int, int]) -> None:
    places = means["year"].to_numpy()
    yuan = [means[source].to_numpy() for source in SOURCES]
    above, below = (np.sum(clip(yuan, 0.0), axis=0) for clip in (np.maximum, np.minimum))
    unit = yuan_unit(max(above.max(), -below.min()))
    draw_stack(axes, places, list(SOURCES.values()), [source / unit.size for source in yuan])
    axes.plot(
        places,
        np.sum(yuan, axis=0) / unit.size,
        "o-",
        color=BLACK,
        linewidth=1.2,
        markersize=2.6,
        label="income",
    )
    axes.axhline(0.0, color=BLACK, linewidth=0.8)
    axes.set_ylim(1.08 * below.min() / unit.size, 1.08 * max(above.max() / unit.size, 1e-9))
    last = means.row(-1, named=True)
    sellers = f"{last['households']:,}, {percent(last['selling_share'])} with shops"
    axes.set_title(f"{KIND_NAMES[last['kind']]} ({sellers})", size=LABEL_POINTS, loc="left")
    dress(axes, f"Mean income\n({unit.name} a year)")
    plain_ticks(axes.yaxis)
    years_axis(axes, *years)
