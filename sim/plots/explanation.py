"""What each of several policies did: Shapley values, outcome by outcome."""

from pathlib import Path
from typing import Any, Final

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sim.experiments.explain import SHOWN, TOGETHER, Explanation
from sim.experiments.explanation_folder import FIGURES, read_explanation
from sim.experiments.outcome_names import NAMES
from sim.plots.drawing import write_figures
from sim.plots.letters import in_letters_at_hand
from sim.plots.pairs import LESS_IS_BETTER, PairsName, draw_interval, rows_axis
from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_POINTS,
    ORANGE,
    SMALL_POINTS,
    finished,
    new_figure,
    plain_figure,
    plain_ticks,
    unit_of_yuan,
    yuan_unit,
)
from sim.words import named, phrase, t

_COLUMNS: Final = 2
_ROW_INCHES: Final = 0.22
_VALUE: Final = (BLUE, "o")
_TOGETHER: Final = (BLACK, "D")
_ALONE: Final = (ORANGE, "<", phrase("alone"))
_LAST: Final = (ORANGE, ">", phrase("added to all others"))


@in_letters_at_hand
def explanation_figure(shares: pl.DataFrame, pairs: PairsName) -> Figure:
    """Draw the Shapley value of each policy, a panel for each outcome.

    Parameters
    ----------
    shares : polars.DataFrame
        A row for each outcome and policy, as of an explanation.
    pairs : PairsName
        Which runs are shown.

    Returns
    -------
    Figure
        Values with intervals, what each policy does alone and added to all others, and what all
        do together.
    """
    title = t("What each policy did in {base}", base=pairs.base)
    shown = [name for name in SHOWN if name in set(shares["outcome"])]
    if not shown:
        return plain_figure(title, t("No outcome is there in all worlds."), pairs)
    policies = shares["policy"].unique(maintain_order=True).to_list()
    rows = -(-len(shown) // _COLUMNS)
    height = 1.3 + rows * (0.75 + _ROW_INCHES * len(policies))
    remark = t("Values are Shapley's; they add up. ↓ less is better.")
    figure = new_figure(height, title, pairs, remark)
    grid = figure.subplots(rows, _COLUMNS, squeeze=False, sharey=True)
    for place, axes in enumerate(grid.flat):
        if place < len(shown):
            _draw(axes, shares.filter(pl.col("outcome") == shown[place]).to_dicts(), policies)
        else:
            axes.set_axis_off()
    _add_legend(figure)
    return finished(figure)


def _draw(axes: Axes, rows: list[dict[str, Any]], policies: list[str]) -> None:
    unit, size = rows[0]["unit"], 1.0
    if unit.startswith("yuan"):
        largest = max(abs(row[name]) for row in rows for name in ("value", "alone", "last"))
        best = yuan_unit(largest)
        unit, size = unit_of_yuan(best, unit), best.size
    else:
        unit = t(unit)
    for row in rows:
        height = policies.index(row["policy"])
        is_all = row["policy"] == TOGETHER
        at, bounds = (row["value"] / size, height), (row["low"] / size, row["high"] / size)
        draw_interval(axes, at, bounds, _TOGETHER if is_all else _VALUE)
        for color, marker, name in () if is_all else ((*_ALONE[:2], "alone"), (*_LAST[:2], "last")):
            axes.plot([row[name] / size], [height + 0.24], marker, color=color, markersize=3.5)
    rows_axis(axes, [named(policy) for policy in policies], SMALL_POINTS)
    axes.axhline(policies.index(TOGETHER) - 0.5, color=GREY, linewidth=0.6)
    plain_ticks(axes.xaxis)
    if not any(row[name] for row in rows for name in ("low", "high", "alone", "last")):
        axes.set_xlim(-1.0, 1.0)  # nothing differs, so that there is no scale
        axes.set_xticks([0.0])
    axes.tick_params(axis="x", labelsize=SMALL_POINTS)
    less = LESS_IS_BETTER if rows[0]["better"] in ("less", "sooner") else ""
    axes.set_title(t(NAMES[rows[0]["outcome"]]) + less, size=LABEL_POINTS, loc="left")
    axes.set_xlabel(unit[:1].upper() + unit[1:], size=SMALL_POINTS)


def _add_legend(figure: Figure) -> None:
    looks = [(*_VALUE, phrase("value")), _ALONE, _LAST, (*_TOGETHER, TOGETHER)]
    handles = [
        Line2D([], [], color=color, marker=marker, markersize=4.5, linestyle="none")
        for color, marker, _ in looks
    ]
    figure.legend(
        handles,
        [t(label) for _, _, label in looks],
        loc="outside upper right",
        ncols=len(looks),
        fontsize=SMALL_POINTS,
        frameon=False,
    )


def explanation_figures(explanation: Explanation) -> dict[str, Figure]:
    """Return the figures of an explanation by name: ``shares``."""
    about = explanation.about
    pairs = PairsName(
        about["scenario"],
        int(about["replicates"]),
        about["seed"],
        float(about["confidence"]),
        t(
            "{replicates} replicates of {worlds} worlds",
            replicates=int(about["replicates"]),
            worlds=about["worlds"],
        ),
    )
    return {"shares": explanation_figure(explanation.shares, pairs)}


def draw_explanation(folder: Path) -> list[Path]:
    """Draw the figures of an explanation into its folder, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        The folder of an explanation.

    Returns
    -------
    list of Path
        The PNG files; the PDF of the same name lies beside each.

    Raises
    ------
    RunError
        If it is no folder of an explanation, or its figures cannot be written.
    """
    return write_figures(explanation_figures(read_explanation(folder)), folder / FIGURES)
