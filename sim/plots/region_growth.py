"""Growth year by year, where months are not kept: stores, sales and jobs of all villages."""

from typing import Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.letters import in_letters_at_hand
from sim.plots.style import (
    BLUE,
    ORANGE,
    SKY_BLUE,
    VERMILLION,
    RunName,
    dress,
    finished,
    legend_above,
    new_figure,
    plain_figure,
    plain_ticks,
    with_years,
    years_axis,
    yuan_unit,
)
from sim.results.concentration import WHOLE
from sim.words import counted, t

_PANEL_INCHES: Final = 1.7


@in_letters_at_hand
def region_growth_figure(regions: pl.DataFrame, run: RunName) -> Figure:
    """Draw stores, online sales and jobs of all villages by year.

    Parameters
    ----------
    regions : polars.DataFrame
        A row per year and place, as in a run folder.
    run : RunName
        Which run is shown.

    Returns
    -------
    Figure
        A panel for each.
    """
    whole = regions.filter(pl.col("level") == WHOLE).sort("year")
    if whole.is_empty() or not whole["online_sales_yuan"].sum():
        title = t("Stores, online sales and jobs")
        sentence = t("No shop had an order in a complete month of this run.")
        return plain_figure(title, sentence, run)
    first, last = int(whole["year"][0]), int(whole["year"][-1])
    count = int(whole["villages"][0])
    title = t("Stores, online sales and jobs of {villages}", villages=counted(count, "village"))
    title = with_years(title, first, last)
    remark = t("Stores and jobs at the end of the last complete month of each year.")
    figure = new_figure(3 * _PANEL_INCHES + 1.0, title, run, remark)
    stores, sales, jobs = figure.subplots(3, 1, sharex=True)
    _draw(stores, whole, "active_stores", t("active stores"), BLUE)
    stores.plot(  # often much the same as active stores
        whole["year"].to_numpy(),
        whole["open_shops"].to_numpy(),
        "--",
        color=SKY_BLUE,
        linewidth=1.3,
        label=t("open shops"),
    )
    unit = yuan_unit(float(whole["online_sales_yuan"].to_numpy().max()))
    _draw(sales, whole, "online_sales_yuan", "", VERMILLION, unit.size)
    with_all = t("with makers and carriers")
    _draw(jobs, whole, "jobs_with_makers_and_carriers", with_all, ORANGE)
    _draw(jobs, whole, "jobs_in_stores", t("in stores"), BLUE)
    sold = t("Online sales\n({unit} a year)", unit=unit.name)
    labels = (t("Stores"), sold, t("Jobs (persons)"))
    for axes, label in zip((stores, sales, jobs), labels, strict=True):
        dress(axes, label)
        axes.set_ylim(bottom=0.0)
        plain_ticks(axes.yaxis)
    legend_above(stores)
    legend_above(jobs)
    years_axis(jobs, first, last)
    return finished(figure)


def _draw(
    axes: Axes, whole: pl.DataFrame, column: str, label: str, color: str, unit: float = 1.0
) -> None:
    axes.plot(
        whole["year"].to_numpy(),
        whole[column].to_numpy() / unit,
        "o-",
        color=color,
        markersize=3.5,
        linewidth=1.8,
        label=label,
    )
