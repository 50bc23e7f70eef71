"""How outcomes of a sweep answer to each of its keys, with intervals.

Runs are put into groups by the value of one key, or by a quarter of its values where there are
many. Within a group, points are averaged replicate by replicate, and the interval is that of the
mean over replicates: luck is what is repeated, points are not. With one replicate there is none.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from sim.experiments.differences import FOLLOWED
from sim.experiments.intervals import CONFIDENCE, Interval, mean_interval
from sim.experiments.outcomes import OUTCOMES, Outcome
from sim.experiments.plan import ERROR_COLUMN
from sim.words import phrase

_TOLD: Final = (
    "listed_after_days", "crossed_after_days", "online_sales_yuan", "active_stores",
    "jobs_with_makers_and_carriers", "mean_income_local_yuan", "gini", "season_online_sales_yuan",
)  # fmt: skip
FEW_VALUES: Final = 8
"""Up to so many values of a key, each is a group of its own."""
_QUARTERS: Final = 4
RULE: Final = phrase(
    "Crossing and listing: {waited}. Runs that failed, and runs without an outcome, are left out."
)
"""How outcomes are counted that some runs do not have."""


class Group(NamedTuple):
    """Runs with alike values of a key."""

    label: str
    low: Any
    high: Any
    rows: pl.DataFrame


class Answer(NamedTuple):
    """An outcome in a group of runs."""

    group: Group
    mean: Interval


class Contrast(NamedTuple):
    """What an outcome has more in one group than in another, replicate by replicate."""

    key: str
    outcome: Outcome
    first: Answer
    last: Answer
    difference: Interval


def groups_of(runs: pl.DataFrame, key: str) -> list[Group]:
    """Return the runs of a sweep that did not fail, in groups by the value of a key.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run.
    key : str
        A key that is varied.
    """
    there = runs.filter(pl.col(ERROR_COLUMN).is_null())
    values = there[key].unique().sort()
    if len(values) <= FEW_VALUES or not (values.dtype.is_numeric() or values.dtype.is_temporal()):
        return [Group(_text(v), v, v, there.filter(pl.col(key) == v)) for v in values]
    # Quarters of the values, not of the runs: each value is in one group, whatever its runs.
    cuts = [len(values) * part // _QUARTERS for part in range(_QUARTERS + 1)]
    found = []
    for start, end in pairwise(cuts):
        low, high = values[start], values[end - 1]
        rows = there.filter(pl.col(key).is_between(low, high))
        found.append(Group(f"{_text(low)} to {_text(high)}", low, high, rows))
    return found


def by_replicate(rows: pl.DataFrame, outcome: Outcome) -> dict[int, float]:
    """Return the mean of an outcome over points, for each replicate that has it."""
    column = pl.col(outcome.name)
    if outcome.better == "sooner":
        column = pl.when(column.is_nan()).then(pl.col(FOLLOWED)).otherwise(column)
    taken = rows.select("replicate", column.alias("value"))
    taken = taken.filter(pl.col("value").is_not_null() & pl.col("value").is_not_nan())
    means = taken.group_by("replicate").agg(pl.col("value").mean()).sort("replicate")
    return dict(zip(means["replicate"].to_list(), means["value"].to_list(), strict=True))


def answers_of(
    groups: list[Group], outcome: Outcome, confidence: float = CONFIDENCE
) -> list[Answer]:
    """Return the mean of an outcome in each group, with its interval.

    Parameters
    ----------
    groups : list of Group
        As of `groups_of`.
    outcome : Outcome
        What is told.
    confidence : float
        Share of intervals that cover what is true.
    """
    return [Answer(g, _mean(by_replicate(g.rows, outcome), confidence)) for g in groups]


def contrasts_of(
    runs: pl.DataFrame, keys: tuple[str, ...], outcomes: list[Outcome]
) -> list[Contrast]:
    """Return how much outcomes differ between the ends of each key.

    The ends are the lowest and the highest values; of things without order those with the lowest
    and the highest mean.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run.
    keys : tuple of str
        Keys that are varied.
    outcomes : list of Outcome
        What is told.
    """
    found = []
    for key in keys:
        groups = groups_of(runs, key)
        for outcome in outcomes:
            answers = [a for a in answers_of(groups, outcome) if not math.isnan(a.mean.mean)]
            if len(answers) < 2:
                continue
            if not _has_order(runs[key].dtype):
                answers.sort(key=lambda answer: answer.mean.mean)
            first, last = answers[0], answers[-1]
            ours, theirs = (by_replicate(a.group.rows, outcome) for a in (first, last))
            shared = {r: theirs[r] - ours[r] for r in ours if r in theirs}
            found.append(Contrast(key, outcome, first, last, _mean(shared, CONFIDENCE)))
    return found


def outcomes_in(runs: pl.DataFrame, names: Sequence[str]) -> list[Outcome]:
    """Return the outcomes that some run has, and that are not zero in all.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run.
    names : sequence of str
        Columns that are outcomes; those of a function have no meaning but their name.
    """
    known = {outcome.name: outcome for outcome in OUTCOMES}
    found = []
    for name in names:
        values = runs[name].drop_nulls().drop_nans()
        if name != FOLLOWED and (values != 0.0).any():
            found.append(known.get(name) or Outcome(name, "", name))
    return found


def told(outcomes: list[Outcome]) -> list[Outcome]:
    """Return those outcomes that are told first; if there are none of them, all."""
    by_name = {outcome.name: outcome for outcome in outcomes}
    return [by_name[name] for name in _TOLD if name in by_name] or outcomes


def _mean(by_number: dict[int, float], confidence: float) -> Interval:
    return mean_interval(np.array(list(by_number.values())), confidence)


def _has_order(kind: Any) -> bool:
    return bool(kind.is_numeric() or kind.is_temporal())


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
