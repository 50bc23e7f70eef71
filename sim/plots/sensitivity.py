"""What moves outcomes: a panel for each outcome, a row for each key, and plain luck beside them."""

import math
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.outcome_names import NAMES
from sim.plots.letters import in_letters_at_hand
from sim.plots.style import (
    BLACK,
    BLUE,
    GREY,
    LABEL_POINTS,
    ORANGE,
    SKY_BLUE,
    SMALL_POINTS,
    dress,
    finished,
    new_figure,
    plain_figure,
    plain_ticks,
)
from sim.words import ENGLISH, language, t

MOST_OUTCOMES: Final = 8
MOST_KEYS: Final = 20
_ROW_INCHES: Final = 0.21
_HEAD_INCHES: Final = 0.95
_NOT_KEYS: Final = ("interactions", "luck")
_LONGEST_NAME: Final = 34


class SweepName(NamedTuple):
    """The runs that a figure of an analysis shows."""

    sweep: str
    runs: str

    @property
    def footer(self) -> str:
        """The footer."""
        return t("{sweep}, {runs}.", sweep=self.sweep, runs=self.runs)


@in_letters_at_hand
def sensitivity_figure(about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Draw what moves each outcome.

    Parameters
    ----------
    about : mapping
        What was analysed; see `sim.experiments.sensitivity`.
    tables : mapping
        The table ``sensitivity``.
    """
    table = tables["sensitivity"]
    is_morris = about["method"] == "morris"
    design = about["design"]
    runs = t(
        "{points} points × {seeds} seeds",
        points=f"{design['points']:,}",
        seeds=about["replicates"],
    )
    name = SweepName(about["sweep"], runs)
    measure = "mu_star" if is_morris else "share"
    seen = table.filter(pl.col(measure).is_not_null() & pl.col(measure).is_not_nan())
    outcomes = [each for each in about["outcomes"] if each in set(seen["outcome"])]
    if not outcomes:
        return plain_figure(t("What moves outcomes"), t("All runs came out the same."), name)
    shown = outcomes[:MOST_OUTCOMES]
    keys = [key for key in table["parameter"].unique(maintain_order=True) if key not in _NOT_KEYS]
    columns = 1 if len(shown) == 1 else 2
    rows = math.ceil(len(shown) / columns)
    height = rows * (_HEAD_INCHES + _ROW_INCHES * (min(len(keys), MOST_KEYS) + 2)) + 0.4
    title = t("What moves outcomes")
    if len(shown) == 1:
        title = t("What moves {outcome}", outcome=_spoken(shown[0]))
    figure = new_figure(height, title, name, _remark(is_morris))
    for place, outcome in enumerate(shown, start=1):
        axes = figure.add_subplot(rows, columns, place)
        of_outcome = table.filter(pl.col("outcome") == outcome)
        (_draw_effects if is_morris else _draw_shares)(axes, of_outcome)
        axes.set_title(_spoken(outcome), size=LABEL_POINTS, loc="left")
    return finished(figure)


def _remark(is_morris: bool) -> str:
    if is_morris:
        return t(
            "Bars: mean absolute effect of going through a key's range, with 95 % intervals. "
            "Black marks: what luck alone would give."
        )
    return t(
        "Dark: share of the variance of a single run, with 95 % intervals. Light: the same with "
        "all interactions. Orange: plain luck."
    )


def _draw_shares(axes: Axes, table: pl.DataFrame) -> None:
    luck = table.filter(pl.col("parameter") == "luck").row(0, named=True)
    keys = _largest(table, "share")
    for place, row in enumerate(keys):
        if row.get("total_share") is not None:
            axes.barh(place, max(row["total_share"], 0.0), 0.72, color=SKY_BLUE)
        axes.barh(place, max(row["share"], 0.0), 0.36, color=BLUE)
        _draw_bounds(axes, place, row, "share")
    axes.barh(len(keys), luck["share"], 0.36, color=ORANGE)
    _draw_bounds(axes, len(keys), luck, "share")
    _label_rows(axes, [_short(row["parameter"]) for row in keys] + [t("plain luck")])
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel(t("Share of the variance of a run"), size=SMALL_POINTS)


def _draw_effects(axes: Axes, table: pl.DataFrame) -> None:
    keys = _largest(table, "mu_star")
    luck = table.filter(pl.col("parameter") == "luck").row(0, named=True)
    for place, row in enumerate(keys):
        axes.barh(place, row["mu_star"], 0.5, color=BLUE)
        _draw_bounds(axes, place, row, "mu_star")
        axes.plot([row["luck_alone"]] * 2, [place - 0.4, place + 0.4], color=BLACK, linewidth=2.0)
    _label_rows(axes, [_short(row["parameter"]) for row in keys])
    axes.set_xlim(left=0.0)
    share = luck["share"]
    said = t("Mean absolute effect")
    if not math.isnan(share):
        said = t("Mean absolute effect; luck is {percent} of the variance", percent=f"{share:.0%}")
    axes.set_xlabel(said, size=SMALL_POINTS)


def _largest(table: pl.DataFrame, measure: str) -> list[dict[str, Any]]:
    rows = table.filter(
        ~pl.col("parameter").is_in(_NOT_KEYS)
        & pl.col(measure).is_not_null()
        & pl.col(measure).is_not_nan()
    )
    ordered = rows.sort(measure, descending=True, maintain_order=True)
    return list(ordered.head(MOST_KEYS).iter_rows(named=True))


def _draw_bounds(axes: Axes, place: int, row: Mapping[str, Any], name: str) -> None:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    if low is not None and not math.isnan(low):
        axes.plot([max(low, 0.0), max(high, 0.0)], [place, place], color=BLACK, linewidth=0.9)


def _label_rows(axes: Axes, names: list[str]) -> None:
    dress(axes, "", "x")
    plain_ticks(axes.xaxis)
    axes.set_yticks(range(len(names)), names, size=SMALL_POINTS)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.spines["left"].set_color(GREY)


def _short(key: str) -> str:
    name = key if len(key) <= _LONGEST_NAME else key.split(".", 1)[-1]
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def _spoken(outcome: str) -> str:
    spoken = outcome.replace("_", " ")
    return spoken if language() == ENGLISH else t(NAMES.get(outcome, spoken))
