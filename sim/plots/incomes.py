"""What households earn from what, year by year, for each kind of household."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.letters import in_letters_at_hand
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
    with_years,
    years_axis,
    yuan_unit,
)
from sim.results.schema import INCOME_SOURCES, KINDS
from sim.words import phrase, t, together

SOURCES: Final[dict[str, Part]] = {
    "wages_yuan": Part(phrase("wages"), SKY_BLUE),
    "offline_yuan": Part(phrase("own fruit or goods, offline"), YELLOW, "///"),
    "online_yuan": Part(phrase("own fruit, online"), ORANGE, "xxx"),
    "shop_profit_yuan": Part(phrase("profit of shops"), BLUE),
}
"""Sources of income from the bottom of the bars up."""
KIND_NAMES: Final = {
    "farmer": phrase("Farmers"),
    "manufacturer": phrase("Makers"),
    "operator": phrase("Other households"),
    "incomer": phrase("Incomers"),
}
"""Titles of the panels."""

_COLUMNS: Final = 2
_PANEL_INCHES: Final = 2.2


@in_letters_at_hand
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
    title = t("Household income by source{of_place}", of_place=of_place(households, "in"))
    if households.is_empty():
        sentence = t("No household was kept at the end of a year in this run.")
        return plain_figure(title, sentence, run)
    means = mean_incomes(households)
    kinds = [kind for kind in KINDS if kind in set(means["kind"])]
    years = (int(means["year"].to_numpy().min()), int(means["year"].to_numpy().max()))
    title = with_years(title, *years)
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
    said = t("In brackets: households of {year}. Scales differ.", year=last_year)
    other = t("Other households grow and make nothing.") if "operator" in kinds else ""
    return together(said, other)


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
    parts = [part._replace(label=t(part.label)) for part in SOURCES.values()]
    draw_stack(axes, places, parts, [source / unit.size for source in yuan])
    axes.plot(
        places,
        np.sum(yuan, axis=0) / unit.size,
        "o-",
        color=BLACK,
        linewidth=1.2,
        markersize=2.6,
        label=t("income"),
    )
    axes.axhline(0.0, color=BLACK, linewidth=0.8)
    axes.set_ylim(1.08 * below.min() / unit.size, 1.08 * max(above.max() / unit.size, 1e-9))
    last = means.row(-1, named=True)
    title = t(
        "{kind} ({households}, {percent} with shops)",
        kind=t(KIND_NAMES[last["kind"]]),
        households=f"{last['households']:,}",
        percent=percent(last["selling_share"]),
    )
    axes.set_title(title, size=LABEL_POINTS, loc="left")
    dress(axes, t("Mean income\n({unit} a year)", unit=unit.name))
    plain_ticks(axes.yaxis)
    years_axis(axes, *years)
