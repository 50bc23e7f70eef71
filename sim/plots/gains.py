"""Who gains and who loses: households against their twins, group by group."""

import math
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.gains import BEFORE
from sim.experiments.parting import BEFORE_TEXTS
from sim.plots.letters import in_letters_at_hand
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
from sim.words import counted, phrase, retold, t

GROUPINGS: Final = {
    "kind": phrase("By kind"),
    "schooling": phrase("By schooling of the head"),
    "distance to the pioneer": phrase("By distance to the pioneer"),
    BEFORE: phrase("By what it had before"),
}
"""Titles of the panels; that of income before the worlds part says which it is."""
_KIND_NAMES: Final = {
    "farmer": phrase("farmers"),
    "manufacturer": phrase("makers"),
    "operator": phrase("other locals"),
}
_INCOME_NAMES: Final = {
    "poorest": phrase("poorest fifth"),
    "second": phrase("second fifth"),
    "third": phrase("third fifth"),
    "fourth": phrase("fourth fifth"),
    "richest": phrase("richest fifth"),
}
_ROW_INCHES: Final = 0.2
_MANY_HOUSEHOLDS: Final = 10
"""Groups of fewer do not decide how wide the axis is: chance alone moves them far."""
_ROOM: Final = 1.3
"""Of the widest interval of a group that decides, what the axis has."""


@in_letters_at_hand
def gains_figure(gains: pl.DataFrame, variant: str, pairs: PairsName, before: str = "") -> Figure:
    """Draw who gains and who loses by a variant.

    Parameters
    ----------
    gains : polars.DataFrame
        A row for each variant, grouping and group, as of a comparison.
    variant : str
        The variant that is shown.
    pairs : PairsName
        Which runs are shown.
    before : str
        What households had before the worlds part, such as ``"income per head in 2016"``.

    Returns
    -------
    Figure
        A row of panels for each grouping: the mean difference of yearly income, and the shares of
        households that gain and that lose.
    """
    against = t("{variant} against {base}", variant=variant, base=pairs.base)
    title = t("Who gains and who loses: {against}", against=against)
    rows = gains.filter(pl.col("variant") == variant)
    panels = [
        (name, rows.filter(pl.col("grouping") == name).to_dicts())
        for name in GROUPINGS
        if name in set(rows["grouping"])
    ]
    if not panels:
        sentence = t("Households were not compared with their twins.")
        return plain_figure(title, sentence, pairs)
    counts = [len(groups) for _, groups in panels]
    remark = t(
        "In brackets: households. Local households only, in the last complete year. Arrows: the "
        "interval goes on."
    )
    figure = new_figure(1.5 + sum(_ROW_INCHES * n + 0.42 for n in counts), title, pairs, remark)
    axes = figure.subplots(
        len(panels), 2, height_ratios=[n + 1.2 for n in counts], width_ratios=(1.5, 1.0),
        squeeze=False, sharex="col",
    )  # fmt: skip
    unit = yuan_unit(max(abs(row["difference_yuan"]) for _, groups in panels for row in groups))
    for (name, groups), (left, right) in zip(panels, axes, strict=True):
        _draw_means(left, groups, unit.size, pairs.replicates)
        _draw_shares(right, groups)
        panel = t(GROUPINGS[name])
        if name == BEFORE and before:
            panel = t("By {grouping}", grouping=retold(before, BEFORE_TEXTS))
        left.set_title(panel, size=LABEL_POINTS, loc="left")
    _set_limits(axes[:, 0].tolist(), panels, unit.size)
    axes[0, 1].set_title(t("lose | gain"), size=LABEL_POINTS, loc="left")
    axes[-1, 0].set_xlabel(t("Mean difference ({unit} a year)", unit=unit.name), size=LABEL_POINTS)
    axes[-1, 1].set_xlabel(t("Households (%)"), size=LABEL_POINTS)
    return finished(figure)


def _draw_means(axes: Axes, groups: Sequence[dict[str, Any]], size: float, replicates: int) -> None:
    for height, row in enumerate(groups):
        at = (row["difference_yuan"] / size, height)
        draw_interval(axes, at, (row["low"] / size, row["high"] / size), (BLUE, "o"))
    rows_axis(axes, [_name(row, replicates) for row in groups], SMALL_POINTS)
    plain_ticks(axes.xaxis)
    axes.tick_params(axis="x", labelsize=SMALL_POINTS)


def _set_limits(
    column: Sequence[Axes], panels: Sequence[tuple[str, list[dict[str, Any]]]], size: float
) -> None:
    """Make the axis as wide as groups of many households need; mark what goes beyond it."""
    ends = [
        row[end] / size
        for _, groups in panels
        for row in groups
        for end in ("low", "high")
        if row["households"] >= _MANY_HOUSEHOLDS and math.isfinite(row[end])
    ]
    low, high = _ROOM * min([0.0, *ends]), _ROOM * max([0.0, *ends])
    if low == high:
        return
    margin = 0.05 * (high - low)
    low, high = low - margin, high + margin
    column[0].set_xlim(low, high)
    for axes, (_, groups) in zip(column, panels, strict=True):
        for height, row in enumerate(groups):
            for end, mark in ((low, "◂"), (high, "▸")):
                bound = row["low" if end == low else "high"] / size
                if bound < low if end == low else bound > high:
                    axes.text(
                        end, height, mark, color=BLUE, ha="center", va="center", size=LABEL_POINTS
                    )


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


def _name(row: dict[str, Any], replicates: int) -> str:
    name = t((_KIND_NAMES | _INCOME_NAMES).get(row["group"], row["group"]))
    households = amount(round(row["households"]))
    if row["replicates"] == replicates:
        return t("{group} ({households})", group=name, households=households)
    runs = counted(row["replicates"], "run")
    return t("{group} ({households} in {runs})", group=name, households=households, runs=runs)
