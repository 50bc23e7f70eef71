"""A trial by lot: what each one shows of the lots and of sellers beside others, and the truth."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.trial_estimates import (
    CHANGE,
    EVERYBODY,
    INTENTION,
    LEVEL,
    PROGRAMME,
    SELLERS,
    SELLING,
    SURVEY,
)
from sim.plots.style import (
    BLACK,
    BLUE,
    LABEL_POINTS,
    ORANGE,
    VERMILLION,
    dress,
    finished,
    legend_above,
    new_figure,
    plain_ticks,
    whole_ticks,
)

_MOST_TRIALS: Final = 40


class TrialName(NamedTuple):
    """The trials that a figure shows."""

    scenario: str
    trials: int

    @property
    def footer(self) -> str:
        """The footer."""
        return f"Scenario {self.scenario}, {self.trials:,} trials with other luck and other lots."


class _Part(NamedTuple):
    """What a panel shows."""

    analysis: str
    outcome: str
    who: str
    label: str
    truth: float
    called: str


def trial_figure(about: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> Figure:
    """Draw what trials show beside what is true.

    Parameters
    ----------
    about : mapping
        What was held; see `sim.experiments.trial`.
    tables : mapping
        The tables ``estimates`` and ``truths``.
    """
    remark = f"Bars: 95 % intervals, clustered by village. Incomes of {about['endline_year']}."
    if about["replicates"] > _MOST_TRIALS:
        remark += f" The first {_MOST_TRIALS} trials."
    name = TrialName(about["sweep"], about["replicates"])
    figure = new_figure(4.0, "What a trial shows, and what is true", name, remark)
    left, right = figure.subplots(1, 2)
    truths = tables["truths"]
    done = _truth(truths, PROGRAMME, "drawn villages")
    of_lots = "drawn villages less others [yuan a year]"
    _draw(
        left,
        tables["estimates"],
        [
            _Part(INTENTION, LEVEL, SURVEY, of_lots, done, "true effect"),
            _Part(INTENTION, CHANGE, SURVEY, of_lots, done, ""),
        ],
    )
    sold = _truth(truths, SELLING, "sellers")
    of_sellers = "sellers less others [yuan a year]"
    _draw(
        right,
        tables["estimates"],
        [_Part(SELLERS, LEVEL, EVERYBODY, of_sellers, sold, "true, of sellers")],
    )
    ever = _truth(truths, SELLING, "all who ever sold")
    called = "true, of all who ever sold"
    right.axhline(ever, color=VERMILLION, linestyle=":", linewidth=1.2, label=called)
    right.set_ylim(bottom=min(0.0, right.get_ylim()[0]))
    for axes in (left, right):
        legend_above(axes, 1)
    return finished(figure)


def _truth(truths: pl.DataFrame, cause: str, group: str) -> float:
    rows = truths.filter(pl.col("cause") == cause, pl.col("group") == group)
    return float(rows["difference_yuan"][0])


def _draw(axes: Axes, estimates: pl.DataFrame, parts: list[_Part]) -> None:
    """Draw a bar for each trial, side by side for each part."""
    colours, shift = (BLUE, ORANGE), 0.3
    for place, (part, colour) in enumerate(zip(parts, colours, strict=False)):
        rows = estimates.filter(
            pl.col("world") == PROGRAMME,
            pl.col("analysis") == part.analysis,
            pl.col("outcome") == part.outcome,
            pl.col("who") == part.who,
            pl.col("replicate") < _MOST_TRIALS,
        )
        effects = rows["effect"].to_numpy()
        axes.errorbar(
            rows["replicate"].to_numpy() + 1 + shift * place,
            effects,
            yerr=[effects - rows["low"].to_numpy(), rows["high"].to_numpy() - effects],
            fmt="o",
            markersize=2.5,
            linewidth=0.9,
            color=colour,
            label=part.outcome if parts[1:] else "cross-section",
        )
    axes.axhline(parts[0].truth, color=BLACK, linewidth=1.0, label=parts[0].called)
    dress(axes, parts[0].label[:1].upper() + parts[0].label[1:])
    plain_ticks(axes.yaxis)
    whole_ticks(axes.xaxis)
    axes.set_xlabel("Trial", size=LABEL_POINTS)
