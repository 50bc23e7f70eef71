"""Survival curves: the share of runs in which it has not yet come about, day by day."""

from collections.abc import Mapping
from itertools import cycle
from typing import Any, Final

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from sim.experiments.survival import written_p
from sim.plots.letters import in_letters_at_hand
from sim.plots.sensitivity import SweepName
from sim.plots.style import (
    BLUE,
    GREEN,
    LABEL_POINTS,
    LEGEND_INCHES,
    ORANGE,
    PURPLE,
    SKY_BLUE,
    SMALL_POINTS,
    VERMILLION,
    dress,
    finished,
    legend_above,
    new_figure,
)
from sim.words import phrase, t, together

_COLOURS: Final = (BLUE, VERMILLION, GREEN, ORANGE, PURPLE, SKY_BLUE)
_DASHES: Final = ("-", "--", "-.", ":")
_DAYS_PER_YEAR: Final = 365.25
_LEGEND_COLUMNS: Final = 3
_ROW_INCHES: Final = 0.16
_MOST_TICKS: Final = 8


@in_letters_at_hand
def survival_figure(about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Draw the curves of all groups, and how many runs are still at risk.

    Parameters
    ----------
    about : mapping
        What was analysed; see `sim.experiments.survival`.
    tables : mapping
        The tables ``survival`` and ``curves``.
    """
    groups = tables["survival"]
    name = SweepName(about["sweep"], t("{number} runs", number=f"{about['runs']:,}"))
    title = t(_TITLES[about["event"]])
    legend_rows = -(-len(groups) // _LEGEND_COLUMNS)
    height = 3.3 + legend_rows * LEGEND_INCHES + len(groups) * _ROW_INCHES
    figure = new_figure(height, title, name, _remark(about))
    axes = figure.add_subplot()
    end = _end_days(about, tables["curves"])
    ticks = _ticks(end)
    looks = zip(groups["group"], cycle(_COLOURS), strict=False)
    for place, (group, colour) in enumerate(looks):
        curve = tables["curves"].filter(pl.col("group") == group)
        _draw_curve(axes, curve, end, group, colour, _DASHES[place // 3 % len(_DASHES)])
    dress(axes, t("Share of runs without it"))
    axes.set_ylim(0.0, 1.02)
    axes.set_xlim(0.0, end / _DAYS_PER_YEAR)
    axes.set_xticks(ticks)
    axes.set_xlabel(t("Years since the start of the run"), size=LABEL_POINTS)
    legend_above(axes, _LEGEND_COLUMNS)
    _write_at_risk(axes, tables, ticks)
    return finished(figure)


_TITLES: Final = {
    "listed": phrase("How long until a village is listed"),
    "crossed": phrase("How long until a village is over both thresholds"),
}


def _remark(about: Mapping[str, Any]) -> str:
    said = t("Kaplan–Meier curves with 95 % bands; runs without it are censored at their end.")
    if about["log_rank_p"] is None:
        return said
    p_value = written_p(about["log_rank_p"]).replace(" ", "\u00a0")
    test = t("Log-rank test by permutation that all are alike: {p_value}.", p_value=p_value)
    return together(said, test)


def _draw_curve(
    axes: Axes, curve: pl.DataFrame, end: float, label: str, colour: str, dashes: str
) -> None:
    days = _closed(curve["days"], 0.0, end) / _DAYS_PER_YEAR
    last = curve["share"][-1] if len(curve) else 1.0
    share = _closed(curve["share"], 1.0, last)
    axes.step(days, share, where="post", color=colour, linestyle=dashes, label=label, linewidth=1.5)
    low, high = (
        _closed(curve[side], 1.0, curve[side][-1] if len(curve) else 1.0)
        for side in ("low", "high")
    )
    axes.fill_between(days, low, high, step="post", color=colour, alpha=0.15, linewidth=0.0)


def _closed(values: pl.Series, first: float, last: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.concatenate([[first], values.to_numpy(), [last]])
    return found


def _end_days(about: Mapping[str, Any], curves: pl.DataFrame) -> float:
    latest: Any = curves["days"].max()
    return max(float(about["horizon_days"]), float(latest or 0.0))


def _ticks(end_days: float) -> list[float]:
    years = end_days / _DAYS_PER_YEAR
    for step in (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0):
        if years / step <= _MOST_TICKS:
            return [float(tick) for tick in np.arange(0.0, years + 1e-9, step)]
    return [0.0, years]


def _write_at_risk(axes: Axes, tables: Mapping[str, pl.DataFrame], ticks: list[float]) -> None:
    """Write under the axis in how many runs it has not come about, of those still followed."""
    points = 72.0 * _ROW_INCHES
    below = 34.0
    axes.annotate(
        t("Runs still followed without it:"),
        (0.0, 0.0),
        (0.0, -below),
        xycoords="axes fraction",
        textcoords="offset points",
        size=SMALL_POINTS,
        va="top",
    )
    for row, (group, runs) in enumerate(tables["survival"].select("group", "runs").iter_rows()):
        risk = tables["curves"].filter(pl.col("group") == group)
        height = -below - (row + 1) * points
        axes.annotate(
            group,
            (0.0, 0.0),
            (-18.0, height),
            xycoords="axes fraction",
            textcoords="offset points",
            size=SMALL_POINTS,
            ha="right",
            va="top",
        )
        for tick in ticks:
            later = risk.filter(pl.col("days") >= tick * _DAYS_PER_YEAR)
            gone = risk.filter(pl.col("days") < tick * _DAYS_PER_YEAR)["events"].sum()
            count = later["at_risk"][0] if len(later) else runs - gone
            axes.annotate(
                f"{count:,.0f}",
                (tick, 0.0),
                (0.0, height),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                size=SMALL_POINTS,
                ha="center",
                va="top",
            )
