"""Growth of villages: active stores and online sales against the thresholds."""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.plots.dates import date_axis, numbers_of
from sim.plots.labels import label_level
from sim.plots.letters import in_letters_at_hand
from sim.plots.marks import LANE_INCHES, draw_marks, lanes_of, placed
from sim.plots.milestones import first_marks, policy_marks, village_marks
from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LEGEND_INCHES,
    LIGHT_GREY,
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
    of_place,
    plain_figure,
    plain_ticks,
    spans_orders,
    whole_ticks,
    with_years,
    yuan_unit,
)
from sim.words import t

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

_AXES_SHARE: Final = 0.9
"""Usual part of the figure's width that axes take."""
_PANEL_INCHES: Final = 2.0
_LOWEST: Final = 1e-3
"""Where a logarithmic axis begins at the lowest, in thresholds."""


_MOST_THRESHOLDS: Final = 100.0
"""The unit of sales suits up to so many thresholds."""


@dataclass(frozen=True)
class Thresholds:
    """What a village needs to count as an e-commerce village."""

    sales_yuan: float = 10_000_000.0
    stores: tuple[float, float] = (100.0, 100.0)
    """Active stores needed: the fewest and the most among the villages shown."""
    trailing_days: int = 365
    """Days over which sales are counted."""


class _Measure(NamedTuple):
    """What a panel shows of villages."""

    column: str
    label: str
    color: str
    unit: Unit
    thresholds: tuple[float, float]
    """The lowest and the highest among the villages, in units."""

    def of(self, table: pl.DataFrame) -> NDArray[np.float64]:
        """Return the values in units."""
        return np.asarray(table[self.column].to_numpy() / self.unit.size)


@in_letters_at_hand
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
        village and, if the rule held at the end of a month, a panel that counts the villages.
    """
    months = villages.select(COLUMNS).sort("month", "village_number")
    months = months.with_columns(pl.col("month").dt.month_end().alias("day"))
    title = t("Active stores and online sales{of_place}", of_place=of_place(months))
    if not months["active_stores"].to_numpy().max(initial=0):
        sentence = t("No shop had an order in a complete month of this run.")
        return plain_figure(title, sentence, run)
    first = months["month"][0]
    is_one = months["village_number"].n_unique() == 1
    marks = village_marks(events) if is_one else first_marks(events)
    marks = [*policy_marks(events, first), *marks]
    last = max([months["day"][-1], *(mark.day for mark in marks)])
    strip_marks = placed(marks, first, last, WIDTH_INCHES * _AXES_SHARE)
    totals = _totals(months)
    heights = [LANE_INCHES * lanes_of(strip_marks) if marks else 0.05, _PANEL_INCHES, _PANEL_INCHES]
    heights += [] if is_one or totals["held"].max() == 0 else [0.5 * _PANEL_INCHES]
    remark = ""
    if "crossed" not in set(events["kind"]):
        remark = t("No village crossed both thresholds.")
    figure = new_figure(sum(heights) + 1.2, with_years(title, first.year, last.year), run, remark)
    strip, *panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    for axes, measure in zip(panels, _measures(totals, thresholds or Thresholds()), strict=False):
        _draw_measure(axes, months, totals, measure)
    if len(panels) > 2:
        _count_villages(panels[2], totals)
    draw_marks(strip, panels, strip_marks, 0.08 if is_one else LEGEND_INCHES)
    date_axis(panels[-1], first, last)
    return finished(figure)


def _totals(months: pl.DataFrame) -> pl.DataFrame:
    """Return what all villages have together at the end of each month."""
    totals = months.group_by("day").agg(
        pl.col("active_stores", "trailing_sales_yuan", "designated", "listed").sum(),
        (pl.col("designated") | pl.col("listed")).sum().alias("held"),
    )
    return totals.sort("day")


def _measures(totals: pl.DataFrame, rule: Thresholds) -> tuple[_Measure, _Measure]:
    highest = max(totals["trailing_sales_yuan"].to_numpy().max(), rule.sales_yuan)
    # Of many villages together a threshold would be a small part of the unit.
    unit = yuan_unit(min(highest, _MOST_THRESHOLDS * rule.sales_yuan or highest))
    sales = rule.sales_yuan / unit.size
    return (
        _Measure("active_stores", t("Active stores"), BLUE, Unit(t("stores"), 1.0), rule.stores),
        _Measure(
            "trailing_sales_yuan",
            t(
                "Online sales of the\nlast {days} days ({unit})",
                days=rule.trailing_days,
                unit=unit.name,
            ),
            VERMILLION,
            unit,
            (sales, sales),
        ),
    )


def _sales_label(days: int, unit: Unit) -> str:
    return t("Online sales of the\nlast {days} days ({unit})", days=days, unit=unit.name)


def _draw_measure(
    axes: Axes, months: pl.DataFrame, totals: pl.DataFrame, measure: _Measure
) -> None:
    villages = months["village_number"].n_unique()
    each = months.clear() if villages == 1 else _most_selling(months)
    shown = np.concatenate([measure.of(each), measure.of(totals), measure.thresholds])
    # A line that comes from nothing begins with the first value that a logarithmic axis can show.
    is_plain = villages == 1 and measure.column == "active_stores"
    lowest = np.inf if is_plain else _LOWEST * measure.thresholds[0]
    nothing = np.nan if _scale(axes, shown, lowest) else 0.0
    lines = list(each.group_by("village_number", maintain_order=True))
    which = t("each village")
    if len(lines) < villages:
        which = t("the {number} that sell most", number=len(lines))
    for place, (_, rows) in enumerate(lines):
        values = _or(measure.of(rows), nothing)
        label = "" if place else which
        axes.plot(numbers_of(rows["day"]), values, color=GREY, linewidth=0.5, label=label)
    axes.plot(
        numbers_of(totals["day"]),
        _or(measure.of(totals), nothing),
        color=measure.color,
        linewidth=2.0,
        label=t("all villages together") if lines else "",
    )
    text = _draw_threshold(axes, measure, is_of_one=bool(lines))
    dress(axes, measure.label)
    if lines:
        legend_above(axes)
    else:
        label_level(axes, text, measure.thresholds[0], measure.of(totals))


def _most_selling(months: pl.DataFrame) -> pl.DataFrame:
    """Return the months of the villages that sell most at the end, village by village."""
    last = months.filter(pl.col("day") == pl.col("day").max())
    most = last.sort("trailing_sales_yuan", descending=True).head(MOST_LINES)["village_number"]
    return months.filter(pl.col("village_number").is_in(most.implode())).sort(
        "village_number", "day"
    )


def _or(values: NDArray[np.float64], nothing: float) -> NDArray[np.float64]:
    """Return the values, with something else in place of zero."""
    return np.where(values > 0.0, values, nothing)


def _scale(axes: Axes, values: NDArray[np.float64], lowest: float) -> bool:
    """Choose between a linear axis and a logarithmic one from `lowest` on or higher.

    Returns whether it is logarithmic.
    """
    highest = float(values.max()) or 1.0
    above = values[(values >= lowest) & (values > 0.0)]
    is_log = spans_orders(above)
    if is_log:
        bottom = max(lowest, 0.8 * float(above.min()))
        axes.set_yscale("log")
        axes.set_ylim(bottom, 1.6 * highest)
        log_ticks(axes.yaxis, bottom, highest)
    else:
        axes.set_ylim(0.0, 1.08 * highest)
        plain_ticks(axes.yaxis)
    return is_log


def _draw_threshold(axes: Axes, measure: _Measure, *, is_of_one: bool) -> str:
    """Draw the threshold, a band if it differs between villages, and return what it is called."""
    low, high = measure.thresholds
    level = t("{number} {unit}", number=amount(low), unit=measure.unit.name)
    if high > low:
        axes.axhspan(low, high, color=LIGHT_GREY, linewidth=0.0, zorder=0.5)
        level = t(
            "{low} to {high} {unit} by its size",
            low=amount(low),
            high=amount(high),
            unit=measure.unit.name,
        )
    text = t("threshold: {level}", level=level)
    if is_of_one:
        text = t("village's threshold: {level}", level=level)
    for at, label in ((high, ""), (low, text)):
        axes.axhline(at, color=BLACK, linewidth=1.0, linestyle=(0, (4, 2)), label=label)
    return text


def _count_villages(axes: Axes, totals: pl.DataFrame) -> None:
    days = numbers_of(totals["day"])
    counts = (
        ("designated", t("thresholds crossed at the end of the month"), "-", BLACK),
        ("listed", t("on the list"), (0, (4, 1.5)), BLUE),
    )
    for column, label, style, color in counts:
        axes.step(
            days, totals[column].to_numpy(), where="post", color=color, linestyle=style, label=label
        )
    dress(axes, t("Villages"))
    axes.set_ylim(0.0, 1.15 * totals["held"].to_numpy().max())
    whole_ticks(axes.yaxis)
    legend_above(axes)
