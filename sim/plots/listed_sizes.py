"""How large listed villages are: sales and active stores of each, beside published means."""

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.letters import in_letters_at_hand
from sim.plots.published import size_facts
from sim.plots.sizes import exceedance, years_shown
from sim.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    LABEL_POINTS,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    RunName,
    dress,
    finished,
    legend_above,
    log_ticks,
    new_figure,
    plain_figure,
    plain_ticks,
    with_years,
    years_axis,
)
from sim.words import counted, phrase, t, yuan_of_column

_LOOKS: Final = ((BLUE, "-", 2.0), (ORANGE, "--", 1.5), (GREEN, "-.", 1.3), (PURPLE, ":", 1.5))
"""Colour, style and width of the lines, the last year first."""


_DECADE: Final = 12.0
"""A logarithmic axis spans a little more than that at least."""
_HIGHEST_BOTTOM: Final = 10.0
"""Where the axis of shares begins at the highest (%)."""


class _Size(NamedTuple):
    """A measure of size."""

    column: str
    label: str
    is_money: bool
    facts: str
    """Beginning of the keys of published means."""

    @property
    def unit(self) -> float:
        """What the numbers that are shown are counted in."""
        return yuan_of_column() if self.is_money else 1.0


_SIZES: Final = (
    _Size(
        "trailing_sales_yuan",
        phrase("Online sales (million yuan)"),
        True,
        "cn_tv_sales_per_village_",
    ),
    _Size("active_stores", phrase("Active stores"), False, "cn_tv_shops_per_village_"),
)


@in_letters_at_hand
def listed_sizes_figure(lists: pl.DataFrame, run: RunName) -> Figure:
    """Draw the distribution of sales and stores over listed villages, and their means by year.

    Parameters
    ----------
    lists : polars.DataFrame
        A row per year and listed village, as in a run folder.
    run : RunName
        Which run is shown.

    Returns
    -------
    Figure
        For sales and for stores the complementary cumulative distribution on logarithmic axes,
        and mean and median by year with published means of all of China.
    """
    title = t("Sizes of listed villages")
    if lists.is_empty():
        return plain_figure(title, t("No village was on a list in this run."), run)
    years = lists["year"].unique().sort().to_list()
    remark = t(
        "On the day of the list, sales of the year up to it. Published: means of all of China."
    )
    figure = new_figure(6.0, with_years(title, years[0], years[-1]), run, remark)
    for row, size in zip(figure.subplots(2, 2, width_ratios=(1.25, 1.0)), _SIZES, strict=True):
        _draw_distribution(row[0], lists, size, years)
        _draw_means(row[1], lists, size, years)
    return finished(figure)


def _draw_distribution(axes: Axes, lists: pl.DataFrame, size: _Size, years: list[int]) -> None:
    values = lists[size.column].to_numpy() / size.unit
    lowest = 1.0
    several = [year for year in years if (lists["year"] == year).sum() > 1] or years[-1:]
    for year, (color, style, width) in zip(years_shown(several), _LOOKS, strict=False):
        of_year = values[(lists["year"] == year).to_numpy()]
        sizes, share = exceedance(of_year)
        lowest = min(lowest, float(share.min(initial=1.0)))
        count = counted(of_year.size, "village")
        axes.step(
            np.append(sizes[:1], sizes),
            100.0 * np.append(1.0, share),
            color=color,
            linestyle=style,
            linewidth=width,
            label=t("{year} ({count})", year=year, count=count),
        )
    low = 0.8 * float(values[values > 0.0].min(initial=max(values.max(), 1.0)))
    bottom = min(70.0 * lowest, _HIGHEST_BOTTOM)
    high = max(1.3 * float(values.max()), _DECADE * low)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(bottom, 130.0)
    log_ticks(axes.xaxis, low, high)
    log_ticks(axes.yaxis, bottom, 130.0)
    axes.set_xlabel(t(size.label), size=LABEL_POINTS)
    dress(axes, t("Listed villages as large or larger (%)"), grid="both")
    legend_above(axes, 2)


def _draw_means(axes: Axes, lists: pl.DataFrame, size: _Size, years: list[int]) -> None:
    by_year = (
        lists.group_by("year")
        .agg(
            (pl.col(size.column).mean() / size.unit).alias("mean"),
            (pl.col(size.column).median() / size.unit).alias("median"),
        )
        .sort("year")
    )
    at = by_year["year"].to_numpy()
    known = {y: v / size.unit for y, v in size_facts(size.facts).items() if y in years}
    axes.plot(at, by_year["mean"].to_numpy(), "o-", color=BLUE, markersize=3.5, label=t("mean"))
    axes.plot(
        at, by_year["median"].to_numpy(), "--", color=SKY_BLUE, linewidth=1.3, label=t("median")
    )
    _draw_known(axes, known)
    highest = max([*by_year["mean"], *by_year["median"], *known.values()])
    axes.set_ylim(0.0, 1.1 * highest)
    dress(axes, t("{size}\nper listed village", size=t(size.label)))
    plain_ticks(axes.yaxis)
    years_axis(axes, years[0], years[-1])
    legend_above(axes, 3)


def _draw_known(axes: Axes, known: Mapping[int, float]) -> None:
    axes.plot(
        list(known),
        list(known.values()),
        "D",
        color=BLACK,
        markersize=5.0,
        linestyle="none",
        label=t("published") if known else "",
        zorder=4,
    )
