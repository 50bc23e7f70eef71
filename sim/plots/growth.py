"""Growth of villages: active stores and online sales against the thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, DateFormatter, YearLocator
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.plots.marks import LANE_INCHES, Placed, draw_marks, lanes_of, placed
from sim.plots.milestones import first_marks, policy_marks, village_marks
from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_POINTS,
    SMALL_POINTS,
    VERMILLION,
    WIDTH_INCHES,
    RunName,
    Unit,
    amount,
    dress,
    finished,
    legend_above,
    log_ticks,
    new_figure,
    plain_figure,
    plain_ticks,
    spans_orders,
    whole_ticks,
    yuan_unit,
)

COLUMNS: Final = (
    "village_number",
    "village",
    "month",
    "active_stores",
    "trailing_sales_yuan",
    "designated",
    "listed",
)
"""Columns of the table of villages that the figure is made from."""
MOST_LINES: Final = 100
"""Villages that get a line of their own: those that sell most."""

_AXES_SHARE: Final = 0.88
"""Usual part of the figure's width that axes take."""
_PANEL_INCHES: Final = 2.0
_LOWEST_SALES: Final = 1e-3
"""Where a logarithmic axis of sales begins, in thresholds."""
_STORES_LABEL: Final = "Active stores"


@dataclass(frozen=True)
class Thresholds:
    """What a village needs to count as an e-commerce village."""

    sales_yuan: float = 10_000_000.0
    stores: tuple[float, float] = (100.0, 100.0)
    """Active stores needed: the fewest and the most among the villages shown."""
    trailing_days: int = 365
    """Days over which sales are counted."""


def growth_figure(
    villages: pl.DataFrame,
    events: pl.DataFrame,
    run: RunName,
    thresholds: Thresholds | None = None,
) -> Figure:
    """Draw active stores and trailing sales over time, against the thresholds of a village.

    Parameters
    ----------
    villages : polars.DataFrame
        A row per village and month, with at least `COLUMNS`. Stores and sales are those at the end
        of the month.
    events : polars.DataFrame
        Dated events: ``date``, ``kind``, ``village``, ``text``.
    run : RunName
        Which run is shown.
    thresholds : Thresholds, optional
        The rule by which villages are listed; the strict one if not given.

    Returns
    -------
    Figure
        One village: a panel of stores and one of sales. Several: totals with a thin line for each
        village, and a panel that counts the villages.
    """
    rule = thresholds or Thresholds()
    months = villages.select(COLUMNS).with_columns(pl.col("month").dt.month_end().alias("day"))
    number = months["village_number"].n_unique()
    names = months["village"].cast(pl.String)
    place = names[0] if number == 1 else f"{number:,} villages"
    if months.is_empty() or not (months["active_stores"].max() or 0):
        where = f" of {place}" if number else ""
        sentence = "No shop had an order in this run."
        return plain_figure(f"Active stores and online sales{where}", sentence, run)
    first, last = _dates(months)
    marks = village_marks(events) if number == 1 else first_marks(events)
    marks = [*policy_marks(events, first), *marks]
    strip_marks = placed(marks, first, last, WIDTH_INCHES * _AXES_SHARE)
    figure, strip, panels = _panels(
        f"Active stores and online sales of {place}, {first.year}–{last.year}",
        run,
        strip_marks,
        2 if number == 1 else 3,
    )
    if number == 1:
        _draw_village(panels, months.sort("day"), rule)
    else:
        _draw_villages(panels, months, rule)
    draw_marks(strip, panels, strip_marks)
    _date_axis(panels, first, last)
    return finished(figure)


def _dates(months: pl.DataFrame) -> tuple[date, date]:
    first, last = months.select(
        pl.col("month").min().alias("first"), pl.col("day").max().alias("last")
    ).row(0)
    return first, last


def _panels(
    title: str, run: RunName, marks: Sequence[Placed], panels: int
) -> tuple[Figure, Axes, list[Axes]]:
    strip_inches = LANE_INCHES * lanes_of(marks) if marks else 0.05
    heights = [strip_inches, *[_PANEL_INCHES] * 2, *[0.6 * _PANEL_INCHES] * (panels - 2)]
    figure = new_figure(sum(heights) + 1.1, title, run)
    strip, *rest = figure.subplots(panels + 1, 1, sharex=True, height_ratios=heights)
    return figure, strip, rest


def _date_axis(panels: Sequence[Axes], first: date, last: date) -> None:
    axis = panels[-1].xaxis
    years = last.year - first.year + 1
    if years >= 3:
        axis.set_major_locator(YearLocator(max(1, round(years / 12))))
        axis.set_major_formatter(DateFormatter("%Y"))
        panels[-1].set_xlabel("1 January of the year", size=LABEL_POINTS)
    else:
        axis.set_major_locator(AutoDateLocator(maxticks=8))
        axis.set_major_formatter(DateFormatter("%Y-%m-%d"))
        panels[-1].set_xlabel("Date", size=LABEL_POINTS)
    panels[-1].set_xlim(first, last)  # type: ignore[arg-type] # dates are as good as numbers here


def _sales_label(unit: Unit, days: int) -> str:
    return f"Online sales of the\nlast {days} days ({unit.name})"


def _draw_village(panels: Sequence[Axes], months: pl.DataFrame, rule: Thresholds) -> None:
    stores, sales = panels
    unit = yuan_unit(max(months["trailing_sales_yuan"].max(), rule.sales_yuan))  # type: ignore[type-var]
    days = months["day"].to_list()
    stores.plot(days, months["active_stores"].to_list(), color=BLUE, linewidth=1.8)
    stores.set_ylim(0, 1.08 * max(months["active_stores"].max(), rule.stores[1]))  # type: ignore[type-var]
    dress(stores, _STORES_LABEL)
    whole_ticks(stores.yaxis)
    in_unit = (months["trailing_sales_yuan"] / unit.size).to_list()
    sales.plot(days, in_unit, color=VERMILLION, linewidth=1.8)
    dress(sales, _sales_label(unit, rule.trailing_days))
    _scale_sales(sales, in_unit, rule.sales_yuan / unit.size)
    _draw_thresholds(stores, sales, rule, unit)


def _draw_villages(panels: Sequence[Axes], months: pl.DataFrame, rule: Thresholds) -> None:
    stores, sales, counted = panels
    totals = months.group_by("day").agg(
        pl.col("active_stores", "trailing_sales_yuan", "designated", "listed").sum()
    )
    totals = totals.sort("day")
    unit = yuan_unit(max(totals["trailing_sales_yuan"].max(), rule.sales_yuan))  # type: ignore[type-var]
    days = totals["day"].to_list()
    kept = _most_selling(months)
    for axes, column, size, color in (
        (stores, "active_stores", 1.0, BLUE),
        (sales, "trailing_sales_yuan", unit.size, VERMILLION),
    ):
        for _, rows in kept.group_by("village_number", maintain_order=True):
            axes.plot(
                rows["day"].to_list(),
                (rows[column] / size).to_list(),
                color=GREY,
                linewidth=0.5,
                alpha=0.8,
            )
        axes.plot(days, (totals[column] / size).to_list(), color=color, linewidth=2.2)
    dress(stores, _STORES_LABEL)
    dress(sales, _sales_label(unit, rule.trailing_days))
    lowest = rule.stores[0] / 100.0
    _scale(stores, [*kept["active_stores"], *totals["active_stores"], rule.stores[0]], lowest)
    _scale_sales(
        sales,
        [*(kept["trailing_sales_yuan"] / unit.size), *(totals["trailing_sales_yuan"] / unit.size)],
        rule.sales_yuan / unit.size,
    )
    _draw_thresholds(stores, sales, rule, unit, " of a village")
    _legend_of_villages(stores, kept["village_number"].n_unique(), months)
    _count_villages(counted, totals)


def _most_selling(months: pl.DataFrame) -> pl.DataFrame:
    """Return the months of the villages that sell most at the end, in order."""
    last = months.filter(pl.col("day") == pl.col("day").max())
    most = last.sort("trailing_sales_yuan", descending=True).head(MOST_LINES)["village_number"]
    return months.filter(pl.col("village_number").is_in(most.implode())).sort(
        "village_number", "day"
    )


def _legend_of_villages(axes: Axes, lines: int, months: pl.DataFrame) -> None:
    villages = months["village_number"].n_unique()
    each = "each village" if lines == villages else f"each of the {lines} that sell most"
    total = Line2D([], [], color=BLACK, linewidth=2.2, label="all villages together (colour)")
    single = Line2D([], [], color=GREY, linewidth=0.8, label=each)
    axes.legend(handles=[total, single])
    handles = [total, single]
    legend_above(axes, len(handles))


def _count_villages(axes: Axes, totals: pl.DataFrame) -> None:
    days = totals["day"].to_list()
    axes.plot(days, totals["designated"].to_list(), color=BLACK, linewidth=1.4, label="rule holds")
    axes.step(
        days,
        totals["listed"].to_list(),
        where="post",
        color=BLUE,
        linewidth=1.4,
        linestyle="--",
        label="on the list",
    )
    dress(axes, "Villages")
    axes.set_ylim(0, 1.08 * max(totals["designated"].max(), totals["listed"].max(), 1))  # type: ignore[type-var]
    whole_ticks(axes.yaxis)
    legend_above(axes, 2)


def _scale_sales(axes: Axes, values: Sequence[float], threshold: float) -> None:
    _scale(axes, [*values, threshold], threshold * _LOWEST_SALES)


def _scale(axes: Axes, values: Sequence[float], lowest: float) -> None:
    """Choose between a linear and a logarithmic axis; the latter begins at `lowest` or above."""
    highest = max(values)
    above = [value for value in values if value >= lowest]
    if spans_orders(above):
        bottom = max(lowest, 0.8 * min(above))
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylim(bottom, 2.0 * highest)
        log_ticks(axes.yaxis, bottom, highest)
    else:
        axes.set_ylim(0, 1.08 * highest)
        plain_ticks(axes.yaxis)


def _draw_thresholds(
    stores: Axes, sales: Axes, rule: Thresholds, unit: Unit, whose: str = ""
) -> None:
    low, high = rule.stores
    text = f"threshold{whose}: {amount(low)} stores"
    if high > low:
        stores.axhspan(low, high, color=GREY, alpha=0.25, linewidth=0)
        text = f"threshold{whose}: {amount(low)} to {amount(high)} stores by its size"
    _draw_threshold(stores, low, text)
    value = rule.sales_yuan / unit.size
    _draw_threshold(sales, value, f"threshold{whose}: {amount(value)} {unit.name}")


def _draw_threshold(axes: Axes, value: float, text: str) -> None:
    axes.axhline(value, color=BLACK, linewidth=1.0, linestyle=(0, (4, 2)))
    axes.annotate(
        text,
        (0.0, value),
        xycoords=("axes fraction", "data"),
        xytext=(4, 3),
        textcoords="offset points",
        size=SMALL_POINTS,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": 0.85},
    )
