"""Runs of a sweep as analyses take them: numbers by point and replicate, and what is missing.

A first crossing or listing that never came is a time that is known to be longer than the run. It
counts with the days that the run was followed (`CENSORED`): the mean is then the time without
listing inside the run, the restricted mean of survival analysis. Any other number that a run does
not have, and every number of a run that failed, is nan here, and each analysis says what it does
with that.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError, ScenarioError
from sim.experiments.design import Vary
from sim.experiments.plan import ERROR_COLUMN
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.scenario.fields import listed, nearest

FOLLOWED: Final = "followed_days"
CENSORED: Final = "a village that never crosses or is never listed counts with the days of its run"
USUAL: Final = (
    "crossed_after_days",
    "listed_after_days",
    "total_online_sales_yuan",
    "active_stores",
    "mean_income_local_yuan",
    "gini",
)
"""Outcomes that are looked at if nobody says which."""

_ALL_THAT_ARE_MEANT: Final = ("grid", "policies", "replicates")
"""Designs whose points are no sample of others."""
_TIME_ENDING: Final = "_after_days"
_NAMES_SHOWN: Final = 12

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


class Numbers(NamedTuple):
    """An outcome of every run."""

    name: str
    values: Floats
    """(points, replicates); nan where a run has none."""
    censored: int
    """Runs in which it had not come about by the end; they count with the days of the run."""
    failed: int
    """Runs that failed or are not there."""
    without: int
    """Runs that went well and do not have it."""


class Times(NamedTuple):
    """When something came about in every run that went well."""

    rows: NDArray[np.int64]
    """(runs,) place of each run in the table of the sweep."""
    days: Floats
    """(runs,) day on which it came about, or to which the run was followed [days]."""
    came: Truths
    """(runs,) whether it came about."""


def stored_sweep(runs: SweepResult | Path | str) -> SweepResult:
    """Return a sweep with runs in it.

    Parameters
    ----------
    runs : SweepResult, Path or str
        A sweep, or its folder.

    Raises
    ------
    RunError
        If the folder is none of a sweep, or nothing has been run yet, or every run failed.
    """
    sweep = runs if isinstance(runs, SweepResult) else read_sweep(runs)
    table = sweep.table
    if table.column(ERROR_COLUMN).null_count == 0:
        what = "every run of this sweep failed" if table.num_rows else "no run is finished yet"
        raise RunError(f"{_place(sweep)}: {what}; allowed: a sweep with outcomes")
    return sweep


def check_source(scenario: object, vary: Vary, runs: object) -> None:
    """Refuse an analysis of both new and stored runs, or of neither.

    Raises
    ------
    ScenarioError
        If it is.
    """
    if (scenario is None) == (runs is None):
        raise ScenarioError("runs", allowed="either a scenario to run, or a sweep that is stored")
    if runs is not None and vary:
        raise ScenarioError("vary", allowed="nothing with a stored sweep, whose keys are varied")


def chosen_outcomes(available: Sequence[str], wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the outcomes to look at.

    Parameters
    ----------
    available : sequence of str
        All that runs give.
    wanted : sequence of str, optional
        Those that are asked for; the usual ones, or all where they are others, if not given.

    Raises
    ------
    ScenarioError
        If one is unknown.
    """
    if not wanted:
        return tuple(name for name in available if name in USUAL) or tuple(available)
    for name in wanted:
        if name not in available:
            names = [*available[:_NAMES_SHOWN], *(["…"] if len(available) > _NAMES_SHOWN else [])]
            raise ScenarioError("outcome", "", name, listed(names), nearest(name, [*available]))
    return tuple(dict.fromkeys(wanted))


def numbers_of(sweep: SweepResult, name: str) -> Numbers:
    """Return an outcome of every run.

    Parameters
    ----------
    sweep : SweepResult
        The sweep.
    name : str
        The outcome.
    """
    about = sweep.about
    runs = sweep.to_polars()
    found = runs[name].to_numpy().astype(np.float64)
    is_there = runs[ERROR_COLUMN].is_null().to_numpy()
    late = np.zeros(found.size, dtype=bool)
    if is_time(name, sweep.outcomes):
        late = is_there & np.isnan(found)
        found = np.where(late, runs[FOLLOWED].to_numpy(), found)
    values = np.full((about["design"]["points"], about["replicates"]), np.nan)
    values[runs["point"].to_numpy(), runs["replicate"].to_numpy()] = found
    without = int((is_there & np.isnan(found)).sum())
    return Numbers(name, values, int(late.sum()), values.size - int(is_there.sum()), without)


def times_of(sweep: SweepResult, name: str) -> Times:
    """Return when something came about in every run that went well.

    Parameters
    ----------
    sweep : SweepResult
        The sweep.
    name : str
        The outcome, a time.
    """
    runs = sweep.to_polars()
    rows = np.flatnonzero(runs[ERROR_COLUMN].is_null().to_numpy())
    days = runs[name].to_numpy().astype(np.float64)[rows]
    came = ~np.isnan(days)
    followed = runs[FOLLOWED].to_numpy()[rows]
    return Times(rows, np.where(came, days, followed), came)


def blocks_of(sweep: SweepResult, times: Times) -> list[NDArray[np.int64]]:
    """Return numbers of the blocks of runs that have their luck, or values drawn, in common.

    Parameters
    ----------
    sweep : SweepResult
        The sweep.
    times : Times
        Its runs that went well.

    Returns
    -------
    list of array (runs,)
        Seeds; points and seeds where points might have been others.
    """
    runs = sweep.to_polars()[times.rows]
    names = ["replicate"] if has_chosen_points(sweep) else ["point", "replicate"]
    return [runs[name].to_numpy().astype(np.int64) for name in names]


def has_chosen_points(sweep: SweepResult) -> bool:
    """Whether the points are all that are meant, rather than some of those that might have been."""
    design = sweep.about["design"]
    return design["name"] in _ALL_THAT_ARE_MEANT and "samples" not in design


def points_of(sweep: SweepResult) -> Any:
    """Return the values of the keys at every point that was begun, a row for each, by number."""
    runs = sweep.to_polars()
    return runs.unique("point", maintain_order=True).sort("point").select("point", *sweep.keys)


def codes_of(column: Any) -> Floats:
    """Return the values of a key as numbers: dates by day, switches 0 and 1, choices by name.

    Parameters
    ----------
    column : polars.Series
        The values.
    """
    import polars as pl

    if column.dtype == pl.String:
        names = sorted(column.unique().to_list())
        column = column.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64)
    elif column.dtype == pl.Date:
        column = column.to_physical()
    return np.asarray(column.cast(pl.Float64).to_numpy(), dtype=np.float64)


def is_time(name: str, available: Sequence[str]) -> bool:
    """Whether an outcome is a time that may lie beyond the end of a run."""
    return name.endswith(_TIME_ENDING) and FOLLOWED in available


def notes_on(numbers: Numbers) -> list[str]:
    """Say what of an outcome is missing, a sentence each."""
    notes = []
    runs = numbers.values.size
    if numbers.censored:
        notes.append(
            f"{numbers.name}: not yet in {numbers.censored:,} of {runs:,} runs; {CENSORED}"
        )
    if numbers.without:
        notes.append(f"{numbers.name}: {numbers.without:,} of {runs:,} runs do not have it")
    return notes


def _place(sweep: SweepResult) -> str:
    return str(sweep.folder) if sweep.folder is not None else "sweep"
