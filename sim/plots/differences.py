"""What variants have more than the base: a row for each outcome, with intervals."""

from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.experiments.comparison_text import is_sure
from sim.experiments.outcome_names import NAMES
from sim.plots.letters import in_letters_at_hand
from sim.plots.pairs import (
    LESS_IS_BETTER,
    LOOKS,
    MOST_VARIANTS,
    PairsName,
    draw_interval,
    rows_axis,
)
from sim.plots.style import (
    LABEL_POINTS,
    SMALL_POINTS,
    amount,
    finished,
    new_figure,
    plain_figure,
    plain_ticks,
    unit_of_yuan,
    yuan_unit,
)
from sim.words import enumerated, t, together

LEFT_OUT: Final = (
    "stores_opened",
    "stores_closed",
    "season_orders",
    "season_online_kg",
    "season_growers_online_income_share",
    "total_policy_cost_yuan",
)
"""Outcomes that are in tables only: others say the same, or are too different."""

_ROW_INCHES: Final = 0.2
_SPREAD: Final = 0.6
"""Of the height of a row, what its variants take up."""


@in_letters_at_hand
def differences_figure(differences: pl.DataFrame, pairs: PairsName) -> Figure:
    """Draw what each variant has more than the base, as a share of the base.

    Parameters
    ----------
    differences : polars.DataFrame
        A row for each variant and outcome, as of a comparison.
    pairs : PairsName
        Which runs are shown.

    Returns
    -------
    Figure
        A row for each outcome that the base has; beside it the difference in its own unit, where
        there is one variant only.
    """
    variants = differences["variant"].unique(maintain_order=True).to_list()
    shown, left_out = variants[:MOST_VARIANTS], variants[MOST_VARIANTS:]
    title = t("What changes against {base}", base=pairs.base)
    rows = [name for name in NAMES if name not in LEFT_OUT and _is_shown(differences, name)]
    if not rows:
        return plain_figure(title, t("The base has no outcome that could change."), pairs)
    if len(shown) == 1:
        title = t("{variant} against {base}", variant=shown[0], base=pairs.base)
    remark = t(
        "Filled marks: sure for all outcomes together, by Holm's adjustment. ↓ less is better."
    )
    if left_out:
        remark = together(remark, t("Not shown: {names}.", names=enumerated(left_out)))
    height = 1.4 + _ROW_INCHES * len(rows) * (1.0 if len(shown) < 3 else 1.5)
    figure = new_figure(height, title, pairs, remark)
    axes = figure.add_subplot()
    for place, variant in enumerate(shown):
        offset = _SPREAD * ((place + 0.5) / len(shown) - 0.5)
        for height_of_row, name in enumerate(rows):
            row = _row(differences, variant, name)
            if row is not None:
                is_row_sure = is_sure(row, pairs.confidence)
                _draw(axes, row, height_of_row + offset, LOOKS[place], is_row_sure)
    rows_axis(axes, [_name(differences, name) for name in rows], SMALL_POINTS)
    plain_ticks(axes.xaxis)
    axes.tick_params(axis="x", labelsize=SMALL_POINTS)
    axes.set_xlabel(t("Difference (% of the base's mean)"), size=LABEL_POINTS)
    if len(shown) == 1:
        _write_amounts(axes, [_row(differences, shown[0], name) for name in rows])
    else:
        _add_legend(axes, shown)
    return finished(figure)


def _is_shown(differences: pl.DataFrame, name: str) -> bool:
    rows = differences.filter(pl.col("outcome") == name)
    return bool((rows["base_mean"] != 0.0).any())


def _row(differences: pl.DataFrame, variant: str, name: str) -> dict[str, Any] | None:
    rows = differences.filter((pl.col("variant") == variant) & (pl.col("outcome") == name))
    return None if rows.is_empty() or rows["base_mean"][0] == 0.0 else rows.row(0, named=True)


def _name(differences: pl.DataFrame, name: str) -> str:
    better = differences.filter(pl.col("outcome") == name)["better"][0]
    return t(NAMES[name]) + (LESS_IS_BETTER if better in ("less", "sooner") else "")


def _draw(
    axes: Axes, row: dict[str, Any], height: float, look: tuple[str, str], is_row_sure: bool
) -> None:
    percent = 100.0 / abs(row["base_mean"])
    at = (percent * row["difference"], height)
    bounds = (percent * row["low"], percent * row["high"])
    draw_interval(axes, at, bounds, look, is_sure=is_row_sure)


def _write_amounts(axes: Axes, rows: Sequence[dict[str, Any] | None]) -> None:
    """Write the differences in their own units at the right end of their rows."""
    for height, row in enumerate(rows):
        if row is not None:
            axes.annotate(
                _amount(row["difference"], row["unit"]),
                (1.0, height),
                xycoords=("axes fraction", "data"),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                size=SMALL_POINTS,
            )


def _amount(value: float, unit: str) -> str:
    """Write a difference with its unit; differences of shares in points."""
    sign = "+" if value > 0 else ""
    if unit == "1":
        return t("{points} points", points=f"{sign}{100.0 * value:.1f}")
    if unit.startswith("yuan"):
        best = yuan_unit(abs(value))
        number, unit = value / best.size, unit_of_yuan(best, unit)
    else:
        number, unit = value, t(unit)
    return t("{number} {unit}", number=f"{sign}{_three_digits(number)}", unit=unit)


def _three_digits(value: float) -> str:
    return amount(float(f"{value:.3g}"))


def _add_legend(axes: Axes, variants: Sequence[str]) -> None:
    handles = [
        Line2D([], [], color=color, marker=marker, markersize=4.5, linewidth=1.4)
        for color, marker in LOOKS[: len(variants)]
    ]
    axes.legend(
        handles,
        variants,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=2,
        fontsize=SMALL_POINTS,
        frameon=False,
        borderaxespad=0.2,
    )
