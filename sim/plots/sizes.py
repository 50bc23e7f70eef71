"""How unequal shops are: the distribution of their sales, and the share of large ones."""

from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.letters import in_letters_at_hand
from sim.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    LABEL_POINTS,
    ORANGE,
    PURPLE,
    SMALL_POINTS,
    RunName,
    dress,
    finished,
    legend_above,
    log_ticks,
    new_figure,
    of_place,
    percent,
    plain_figure,
    plain_ticks,
    with_years,
    years_axis,
)
from sim.words import counted, t

LARGE_YUAN: Final = 1_000_000.0
"""Sales of a year above which a shop counts as large."""
MOST_YEARS: Final = 4
"""Years whose distribution is drawn: the last and others at equal distances before it."""

_LOOKS: Final = ((BLUE, "-", 2.0), (ORANGE, "--", 1.5), (GREEN, "-.", 1.3), (PURPLE, ":", 1.5))
"""Colour, style and width of the lines, the last year first."""
_LOWEST: Final = 1e-4
"""Where the axis of sales begins at the lowest, in sales of a large shop."""
_ROOM: Final = 30.0
"""Where it ends at least, so that the share of large shops can be written."""


@in_letters_at_hand
def shop_sizes_figure(shops: pl.DataFrame, run: RunName) -> Figure:
    """Draw which share of shops sold more than so much, and the share of large shops by year.

    Parameters
    ----------
    shops : polars.DataFrame
        A row per year and shop open on 31 December: ``year``, ``sales_yuan`` and the village's
        number and name.
    run : RunName
        Which run is shown.

    Returns
    -------
    Figure
        The complementary cumulative distribution on logarithmic axes, and the share by year.
    """
    title = t("Sizes of shops{of_place}", of_place=of_place(shops, "in"))
    sales = shops["sales_yuan"].to_numpy()
    if not sales.max(initial=0.0) > 0.0:
        sentence = t("No shop was open at the end of a year after a sale.")
        return plain_figure(title, sentence, run)
    years = shops["year"].unique().sort().to_list()
    title = with_years(title, years[0], years[-1])
    remark = t("Shops open on 31 December, with their sales of the year.")
    figure = new_figure(4.0, title, run, remark)
    left, right = figure.subplots(1, 2, width_ratios=(1.8, 1.0))
    _draw_distribution(left, shops, years)
    _draw_large(right, shops)
    return finished(figure)


def exceedance(sales_yuan: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sales of shops that sold, in order, and the share that sold at least as much.

    The share is of all shops (0-1), those included that sold nothing.
    """
    above = np.sort(sales_yuan[sales_yuan > 0.0])
    return above, np.arange(above.size, 0, -1) / sales_yuan.size


def years_shown(years: list[int]) -> list[int]:
    """Return the last year and others at equal distances before it, the last first."""
    step = -(-len(years) // MOST_YEARS)
    return years[::-step]


def large_shares(shops: pl.DataFrame) -> pl.DataFrame:
    """Return by ``year`` the share of large shops and their share of sales (0-1).

    Where nothing was sold they have none of it.
    """
    sales = pl.col("sales_yuan")
    is_large = sales > LARGE_YUAN
    shares = shops.group_by("year").agg(
        is_large.mean().alias("shops_share"),
        (sales.filter(is_large).sum() / sales.sum()).fill_nan(0.0).alias("sales_share"),
    )
    return shares.sort("year")


def _draw_distribution(axes: Axes, shops: pl.DataFrame, years: list[int]) -> None:
    lowest_share = 1.0
    for year, (color, style, width) in zip(years_shown(years), _LOOKS, strict=False):
        sales = shops.filter(pl.col("year") == year)["sales_yuan"].to_numpy()
        size_yuan, share = exceedance(sales)
        lowest_share = min(lowest_share, share.min(initial=1.0))
        label = t("{year} ({count})", year=year, count=counted(len(sales), "shop"))
        # From the left edge on, so that the share of shops that sold at all can be read.
        size_yuan, share = np.append(1.0, size_yuan), np.append(share.max(initial=0.0), share)
        axes.step(
            size_yuan, 100.0 * share, color=color, linestyle=style, linewidth=width, label=label
        )
    highest_yuan = max(float(shops["sales_yuan"].to_numpy().max()), LARGE_YUAN)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlim(_LOWEST * LARGE_YUAN, max(2.0 * highest_yuan, _ROOM * LARGE_YUAN))
    axes.set_ylim(70.0 * lowest_share, 130.0)
    log_ticks(axes.xaxis, _LOWEST * LARGE_YUAN, highest_yuan)
    log_ticks(axes.yaxis, 100.0 * lowest_share, 100.0)
    axes.set_xlabel(t("Sales of the year (yuan)"), size=LABEL_POINTS)
    dress(axes, t("Shops that sold as much or more (%)"), grid="both")
    _mark_large(axes, shops.filter(pl.col("year") == years[-1]), years[-1])
    legend_above(axes, 2)


def _mark_large(axes: Axes, shops: pl.DataFrame, year: int) -> None:
    """Mark the line of large shops and say how many are above it."""
    share = float((shops["sales_yuan"] > LARGE_YUAN).to_numpy().mean())
    axes.axvline(LARGE_YUAN, color=BLACK, linewidth=1.0, linestyle=(0, (4, 2)))
    if share > 0.0:
        axes.plot([LARGE_YUAN], [100.0 * share], "D", color=BLACK, markersize=4.5, zorder=5)
    axes.annotate(
        t("{percent} of shops\nabove 1 million\nyuan in {year}", percent=percent(share), year=year),
        (LARGE_YUAN, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4, -3),
        textcoords="offset points",
        va="top",
        size=SMALL_POINTS,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )


def _draw_large(axes: Axes, shops: pl.DataFrame) -> None:
    shares = large_shares(shops)
    years = shares["year"].to_numpy()
    for column, label, look, color in (
        ("sales_share", t("share of sales"), "s--", ORANGE),
        ("shops_share", t("share of shops"), "o-", BLUE),
    ):
        axes.plot(
            years, 100.0 * shares[column].to_numpy(), look, color=color, markersize=3.5, label=label
        )
    axes.set_ylim(0.0, 1.08 * max(100.0 * float(shares["sales_share"].to_numpy().max()), 1.0))
    dress(axes, t("Shops above 1 million yuan (%)"))
    plain_ticks(axes.yaxis)
    years_axis(axes, int(years[0]), int(years[-1]))
    legend_above(axes, 1)
