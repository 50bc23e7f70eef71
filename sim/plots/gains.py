"""Who gains and who loses: households against their twins, group by group."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.plots.pairs import PairsName, draw_interval, rows_axis
from sim.plots.style import (
    BLUE,
    LABEL_POINTS,
    ORANGE,
    SMALL_POINTS,
    amount,
    finished,
    new_figure,
    plain_figure,
    plain_ticks,
    yuan_unit,
)

GROUPINGS: Final = {
    "kind": "By kind",
    "schooling": "By schooling of the head",
    "distance to the pioneer": "By distance to the pioneer",
    "income": "By income per head, mean of both worlds",
}
"""Titles of the panels."""
_KIND_NAMES: Final = {
    "farmer": "farmers",
    "manufacturer": "makers",
    "operator": "other locals",
}
_INCOME_NAMES: Final = {
    name: f"{name} fifth" for name in ("poorest", "second", "third", "fourth", "richest")
}
_ROW_INCHES: Final = 0.2


def gains_figure(gains: pl.DataFrame, variant: str, pairs: PairsName) -> Figure:
    """Draw who gains and who loses by a variant.

    Parameters
    ----------
    gains : polars.DataFrame
        A row for each variant, grouping and group, as of a comparison.
    variant : str
        The variant that is shown.
    pairs : PairsName
        Which runs are shown.

    Returns
    -------
    Figure
        A row of panels for each grouping: the mean difference of yearly income, and the shares of
        households that gain and that lose.
    """
    title = f"Who gains and who loses: {variant} against {pairs.base}"
    rows = gains.filter(pl.col("variant") == variant)
    panels = [
        (name, rows.filter(pl.col("grouping") == name).to_dicts())
        for name in GROUPINGS
        if name in set(rows["grouping"])
    ]
    if not panels:
        return plain_figure(title, "Households were not compared with their twins.", pairs)
    counts = [len(groups) for _, groups in panels]
    remark = "In brackets: households. Local households only, in the last complete year."
    figure = new_figure(1.5 + sum(_ROW_INCHES * n + 0.42 for n in counts), title, pairs, remark)
    axes = figure.subplots(
        len(panels), 2, height_ratios=[n + 1.2 for n in counts], width_ratios=(1.5, 1.0),
        squeeze=False, sharex="col",
    )  # fmt: skip
    unit = yuan_unit(max(abs(row["difference_yuan"]) for _, groups in panels for row in groups))
    for (name, groups), (left, right) in zip(panels, axes, strict=True):
        _draw_means(left, groups, unit.size)
        _draw_shares(right, groups)
        left.set_title(GROUPINGS[name], size=LABEL_POINTS, loc="left")
    axes[0, 1].set_title("lose | gain", size=LABEL_POINTS, loc="left")
    axes[-1, 0].set_xlabel(f"Mean difference ({unit.name} a year)", size=LABEL_POINTS)
    axes[-1, 1].set_xlabel("Households (%)", size=LABEL_POINTS)
    return finished(figure)


def _draw_means(axes: Axes, groups: Sequence[dict[str, Any]], size: float) -> None:
    for height, row in enumerate(groups):
        at = (row["difference_yuan"] / size, height)
        draw_interval(axes, at, (row["low"] / size, row["high"] / size), (BLUE, "o"))
    rows_axis(axes, [_name(row) for row in groups], SMALL_POINTS)
    plain_ticks(axes.xaxis)
    axes.tick_params(axis="x", labelsize=SMALL_POINTS)


def _draw_shares(axes: Axes, groups: Sequence[dict[str, Any]]) -> None:
    heights = range(len(groups))
    axes.barh(
        heights,
        [-100.0 * row["losing_share"] for row in groups],
        height=0.6,
        color=ORANGE,
        edgecolor="black",
        linewidth=0.4,
        hatch="///",
    )
    axes.barh(
        heights,
        [100.0 * row["gaining_share"] for row in groups],
        height=0.6,
        color=BLUE,
        edgecolor="black",
        linewidth=0.4,
    )
    rows_axis(axes, [""] * len(groups), SMALL_POINTS)
    axes.set_xlim(-100.0, 100.0)
    axes.set_xticks([-100, -50, 0, 50, 100], ["100", "50", "0", "50", "100"])
    axes.tick_params(axis="x", labelsize=SMALL_POINTS)


def _name(row: dict[str, Any]) -> str:
    name = (_KIND_NAMES | _INCOME_NAMES).get(row["group"], row["group"])
    return f"{name} ({amount(round(row['households']))})"
