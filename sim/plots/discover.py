"""A box: how often the answer is yes along each key that it restricts, and what fresh runs say."""

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.plots.letters import in_letters_at_hand
from sim.plots.sensitivity import SweepName
from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_POINTS,
    SKY_BLUE,
    SMALL_POINTS,
    dress,
    finished,
    new_figure,
    percent,
    plain_figure,
    plain_ticks,
)
from sim.words import phrase, t

MOST_CONDITIONS: Final = 5
_BINS: Final = 10
_COLUMNS: Final = 3
_PANEL_INCHES: Final = 2.2
_EPOCH: Final = date(1970, 1, 1)
_INSIDE: Final = "#D8ECF7"
_FRESH: Final = {"inside": phrase("fresh,\ninside"), "outside": phrase("fresh,\noutside")}


@in_letters_at_hand
def discover_figure(about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Draw the first box.

    Parameters
    ----------
    about : mapping
        What was asked; see `sim.experiments.discover`.
    tables : mapping
        The tables ``discover``, ``conditions`` and ``cases``.
    """
    boxes = tables["discover"]
    runs = t("{number} runs, {method}", number=f"{about['runs']:,}", method=about["method"].upper())
    name = SweepName(about["sweep"], runs)
    title = t("When is the answer yes: {question}?", question=about["question"])
    if boxes.is_empty():
        return plain_figure(title, t("No box does better than all runs together."), name)
    box = boxes.row(0, named=True)
    conditions = tables["conditions"].filter(pl.col("box") == 1).head(MOST_CONDITIONS)
    panels = len(conditions) + 1
    columns = min(panels, _COLUMNS)
    rows = math.ceil(panels / columns)
    remark = t(
        "Rule: {rule}. Shaded: inside the rule. Dark marks: runs that satisfy the rest of the "
        "rule; light marks: all runs.",
        rule=box["rule"],
    )
    figure = new_figure(rows * _PANEL_INCHES + 0.9, title, name, remark)
    for place, condition in enumerate(conditions.iter_rows(named=True), start=1):
        axes = figure.add_subplot(rows, columns, place)
        _draw_key(axes, condition, conditions, tables["cases"])
    _draw_test(figure.add_subplot(rows, columns, panels), box, about["base_share"])
    return finished(figure)


def _draw_key(
    axes: Axes, condition: Mapping[str, Any], conditions: pl.DataFrame, cases: pl.DataFrame
) -> None:
    key = condition["key"]
    others = conditions.filter(pl.col("key") != key)
    of_rest = cases
    for other in others.iter_rows(named=True):
        of_rest = of_rest.filter(_holds(other, cases.schema[other["key"]]))
    if condition["kind"] in ("choice", "switch"):
        _draw_named(axes, condition, cases, of_rest)
    else:
        _draw_numbers(axes, condition, cases, of_rest)
    dress(axes, t("Share of yes"))
    axes.set_ylim(-0.03, 1.03)
    axes.set_xlabel(key if len(key) <= 30 else f"…{key[-29:]}", size=SMALL_POINTS)


def _draw_numbers(
    axes: Axes, condition: Mapping[str, Any], cases: pl.DataFrame, of_rest: pl.DataFrame
) -> None:
    key = condition["key"]
    every = _numbers(cases[key])
    levels = np.unique(every)
    middles = (levels[1:] + levels[:-1]) / 2.0
    width = (levels[-1] - levels[0]) / max(len(levels) - 1, 1)
    if len(levels) > _BINS:
        middles = np.quantile(every, np.linspace(0.0, 1.0, _BINS + 1)[1:-1])
        width = 0.0
    low, high = condition["low"], condition["high"]
    left = every.min() - width / 2.0 if np.isinf(low) else low - width / 2.0
    right = every.max() + width / 2.0 if np.isinf(high) else high + width / 2.0
    axes.axvspan(left, right, color=_INSIDE, linewidth=0.0)
    for table, colour, size in ((cases, SKY_BLUE, 3.0), (of_rest, BLUE, 4.5)):
        values, yes = _numbers(table[key]), table["answer"].to_numpy()
        bins = np.searchsorted(middles, values)
        there = [number for number in range(len(middles) + 1) if (bins == number).any()]
        places = [values[bins == number].mean() for number in there]
        shares = [yes[bins == number].mean() for number in there]
        axes.plot(places, shares, color=colour, marker="o", markersize=size, linewidth=1.2)
    plain_ticks(axes.xaxis)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=condition["kind"] == "whole"))
    if condition["kind"] == "whole":
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0f}"))
    if condition["kind"] == "date":
        axes.xaxis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{_EPOCH + timedelta(days=int(value)):%Y-%m}")
        )


def _draw_named(
    axes: Axes, condition: Mapping[str, Any], cases: pl.DataFrame, of_rest: pl.DataFrame
) -> None:
    key, inside = condition["key"], condition["values"].split(" or ")
    names = sorted({_name(value) for value in cases[key].to_list()})
    for place, name in enumerate(names):
        if name in inside:
            axes.axvspan(place - 0.5, place + 0.5, color=_INSIDE, linewidth=0.0)
        for table, colour, shift in ((cases, SKY_BLUE, -0.2), (of_rest, BLUE, 0.2)):
            mine = [_name(value) == name for value in table[key].to_list()]
            yes = table["answer"].filter(pl.Series(mine, dtype=pl.Boolean))
            if len(yes):
                axes.bar(
                    place + shift, float(yes.cast(pl.Float64).sum()) / len(yes), 0.36, color=colour
                )
    axes.set_xticks(range(len(names)), names, size=SMALL_POINTS)
    axes.set_xlim(-0.5, len(names) - 0.5)


def _draw_test(axes: Axes, box: Mapping[str, Any], base: float) -> None:
    rows: list[tuple[str, float, float | None, float | None]] = [
        (t("all runs"), base, None, None),
        (t("inside,\nfound"), box["density"], None, None),
    ]
    if box["pairs"]:
        rows += [
            (t(words), box[side], box[f"{side}_low"], box[f"{side}_high"])
            for side, words in _FRESH.items()
        ]
    for place, (_, share, low, high) in enumerate(rows):
        axes.bar(place, share, 0.6, color=BLUE if place in (1, 2) else GREY)
        if low is not None and high is not None:
            axes.plot([place, place], [low, high], color=BLACK, linewidth=1.0)
        axes.annotate(
            percent(share),
            (place, share if high is None else high),
            (0.0, 2.0),
            textcoords="offset points",
            ha="center",
            size=SMALL_POINTS,
        )
    dress(axes, t("Share of yes"))
    axes.set_ylim(0.0, 1.12)
    axes.set_xticks(range(len(rows)), [row[0] for row in rows], size=SMALL_POINTS)
    told = t("Rule not tested")
    if box["pairs"]:
        told = t("Rule held") if box["is_confirmed"] else t("Rule did not hold")
    axes.set_title(told, size=LABEL_POINTS, loc="left")


def _holds(condition: Mapping[str, Any], kind: Any) -> pl.Expr:
    column = pl.col(condition["key"])
    if condition["kind"] in ("choice", "switch"):
        names = condition["values"].split(" or ")
        if condition["kind"] == "switch":
            return column.is_in([name == "on" for name in names])
        return column.is_in(names)
    numbers = column.to_physical() if kind == pl.Date else column
    return numbers.is_between(condition["low"], condition["high"])


def _numbers(column: pl.Series) -> Any:
    return column.to_physical().cast(pl.Float64).to_numpy()


def _name(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value)
