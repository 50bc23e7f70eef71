"""A season of fruit day by day: what became of what ripened, and at what prices."""

from datetime import date
from typing import Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.dates import date_axis, numbers_of
from sim.plots.letters import in_letters_at_hand
from sim.plots.stacks import Part, draw_stack
from sim.plots.style import (
    BLACK,
    BLUE,
    LIGHT_GREY,
    ORANGE,
    SKY_BLUE,
    VERMILLION,
    YELLOW,
    RunName,
    dress,
    finished,
    legend_above,
    log_ticks,
    mass_unit,
    new_figure,
    of_place,
    percent,
    plain_figure,
    plain_ticks,
    spans_orders,
)
from sim.words import phrase, t, together

FATES: Final[dict[str, Part]] = {
    "online_kg": Part(phrase("sold online"), BLUE),
    "wholesale_kg": Part(phrase("wholesale market"), SKY_BLUE, "\\\\"),
    "spoiled_kg": Part(phrase("spoiled"), VERMILLION, "xxxx"),
    "processed_kg": Part(phrase("processed"), YELLOW, "///"),
    "left_kg": Part(phrase("left on the tree"), "white", "..."),
}
"""What becomes of ripe fruit, from the bottom of the bars up."""
ORIGINS: Final[dict[str, Part]] = {
    "online_own_kg": Part(phrase("the shop owners' own fruit"), BLUE),
    "online_bought_kg": Part(phrase("bought from growers"), ORANGE, "///"),
}
"""Whose fruit shops sell online, from the bottom of the bars up."""

_MASSES: Final = (
    "picked_kg",
    "online_own_kg",
    "online_bought_kg",
    "wholesale_kg",
    "processed_kg",
    "left_kg",
    "spoiled_kg",
)
"""Columns that are summed over villages."""
_TITLE: Final = phrase("The {good} season{of_year}{of_place}, day by day")


@in_letters_at_hand
def season_figure(
    seasons: pl.DataFrame,
    good: str,
    run: RunName,
    year: int | None = None,
    last_day: date | None = None,
) -> Figure:
    """Draw a season of a fruit, all villages together.

    Parameters
    ----------
    seasons : polars.DataFrame
        A row per village and day of its season, as in the table of seasons.
    good : str
        The fruit.
    run : RunName
        Which run is shown.
    year : int, optional
        Which season; the last that was finished, if not given.
    last_day : date, optional
        The last day recorded, so that a season which it cuts short is known.

    Returns
    -------
    Figure
        Panels of what became of the fruit, of online sale (if any) and of prices.
    """
    rows = seasons.filter(pl.col("good") == good)
    shown = _year_shown(rows, last_day) if year is None else year
    rows = rows.filter(pl.col("date").dt.year() == (shown or 0))
    ripe_kg = float(rows["ripe_kg"].sum())
    of_year = t(" of {year}", year=shown) if shown else ""
    name = t(good.replace("_", " "))
    title = t(_TITLE, good=name, of_year=of_year, of_place=of_place(rows, "in"))
    if ripe_kg <= 0.0:
        sentence = t("No fruit was ripe in a complete month of this run.")
        return plain_figure(title, sentence, run)
    days = _days(rows)
    is_online = days["online_kg"].sum() > 0.0
    is_cut = rows["date"].max() == last_day
    heights = [2.4, 1.4, 1.5] if is_online else [2.4, 1.5]
    figure = new_figure(sum(heights) + 1.5, title, run, _remark(is_online, is_cut))
    fruit, *rest = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    _draw_fates(fruit, days, ripe_kg)
    if is_online:
        _draw_origins(rest[0], days)
    _draw_prices(rest[-1], days, rows["village_number"].n_unique())
    date_axis(rest[-1], days["date"][0], days["date"][-1], margin_days=0.7)
    return finished(figure)


def _year_shown(rows: pl.DataFrame, last_day: date | None) -> int | None:
    """Return the year of the last season that ended before the run, or else of the last."""
    ends = rows.group_by(pl.col("date").dt.year().alias("year")).agg(pl.col("date").max())
    finished_ones = ends if last_day is None else ends.filter(pl.col("date") < last_day)
    years = (finished_ones if finished_ones.height else ends)["year"].sort()
    return int(years[-1]) if years.len() else None


def _remark(is_online: bool, is_cut: bool) -> str:
    said = t("Percentages are of the fruit that ripened.")
    if is_online:
        said = t("Percentages are of the fruit that ripened, and of what was sold online.")
    return together(said, t("The run ended during the season.") if is_cut else "")


def _days(rows: pl.DataFrame) -> pl.DataFrame:
    """Return sums and prices of every date from the first to the last."""
    supply = pl.col("wholesale_kg")
    sold = supply > 0.0
    price = pl.col("wholesale_yuan_per_kg")
    days = rows.group_by("date").agg(
        pl.col(*_MASSES, "online_sales_yuan").sum(),
        ((price * supply).sum() / supply.sum()).alias("wholesale_yuan_per_kg"),
        price.filter(sold).min().alias("lowest_yuan_per_kg"),
        price.filter(sold).max().alias("highest_yuan_per_kg"),
    )
    online = pl.col("online_own_kg") + pl.col("online_bought_kg")
    days = days.with_columns(
        online.alias("online_kg"),
        pl.when(online > 0.0)
        .then(pl.col("online_sales_yuan") / online)
        .otherwise(None)
        .alias("online_yuan_per_kg"),
    )
    first, last = days["date"].sort()[[0, -1]]
    every = pl.select(pl.date_range(first, last).alias("date"))
    return every.join(days, on="date", how="left").sort("date")


def _draw_fates(axes: Axes, days: pl.DataFrame, ripe_kg: float) -> None:
    unit = mass_unit(max(_kg(days, name).max() for name in FATES))
    heights = [_kg(days, name) / unit.size for name in FATES]
    parts = [
        part._replace(label=_with_share(t(part.label), _kg(days, name).sum() / ripe_kg))
        for name, part in FATES.items()
    ]
    draw_stack(axes, numbers_of(days["date"]), parts, heights)
    axes.plot(
        numbers_of(days["date"]),
        _kg(days, "picked_kg") / unit.size,
        color=BLACK,
        linewidth=1.2,
        marker="o",
        markersize=2.6,
        label=_with_share(t("picked"), _kg(days, "picked_kg").sum() / ripe_kg),
    )
    axes.set_ylim(0.0, 1.05 * np.sum(heights, axis=0).max())
    dress(axes, t("Fruit ({unit} a day)", unit=unit.name))
    plain_ticks(axes.yaxis)
    legend_above(axes, 3)


def _draw_origins(axes: Axes, days: pl.DataFrame) -> None:
    unit = mass_unit(_kg(days, "online_kg").max())
    total_kg = _kg(days, "online_kg").sum()
    heights = [_kg(days, name) / unit.size for name in ORIGINS]
    parts = [
        part._replace(label=_with_share(t(part.label), _kg(days, name).sum() / total_kg))
        for name, part in ORIGINS.items()
    ]
    draw_stack(axes, numbers_of(days["date"]), parts, heights)
    axes.set_ylim(0.0, 1.05 * np.sum(heights, axis=0).max())
    dress(axes, t("Sold online\n({unit} a day)", unit=unit.name))
    plain_ticks(axes.yaxis)
    legend_above(axes)


def _draw_prices(axes: Axes, days: pl.DataFrame, villages: int) -> None:
    dates = numbers_of(days["date"])
    wholesale, low, high, online = (
        days[f"{name}_yuan_per_kg"].cast(pl.Float64).to_numpy()
        for name in ("wholesale", "lowest", "highest", "online")
    )
    label = t("wholesale, common fruit")
    if villages > 1:
        axes.fill_between(dates, low, high, color=LIGHT_GREY, label=t("range of villages"))
        label = t("{label} (mean)", label=label)
    axes.plot(dates, wholesale, color=BLUE, linewidth=1.8, label=label)
    if np.isfinite(online).any():
        label = t("online, parcel and box included")
        axes.plot(dates, online, "s--", color=VERMILLION, markersize=2.4, label=label)
    _scale_prices(axes, np.concatenate([wholesale, low, high, online]))
    dress(axes, t("Price (yuan/kg)"))
    legend_above(axes)


def _with_share(label: str, share: float) -> str:
    return t("{label} ({percent})", label=label, percent=percent(share))


def _scale_prices(axes: Axes, prices: NDArray[np.float64]) -> None:
    above = prices[np.isfinite(prices) & (prices > 0.0)]
    if spans_orders(above, 4.0):
        axes.set_yscale("log")
        low, high = 0.8 * above.min(), 1.25 * above.max()
        axes.set_ylim(low, high)
        log_ticks(axes.yaxis, low, high)
    else:
        axes.set_ylim(0.0, 1.1 * above.max(initial=1.0))
        plain_ticks(axes.yaxis)


def _kg(days: pl.DataFrame, name: str) -> NDArray[np.float64]:
    """Return masses by date [kg], zero where no fruit was ripe nor sold."""
    return days[name].fill_null(0.0).to_numpy()
