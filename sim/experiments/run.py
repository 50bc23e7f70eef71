"""One run: a scenario in, a run folder and its summary out."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from sim.errors import ScenarioError
from sim.results.folder import check_destination, write_run
from sim.results.manifest import peak_memory_mb
from sim.results.record import Cost, RunRecord, record_of
from sim.results.summary import Summary, summarize, with_cost
from sim.scenario import Scenario, load_scenario, register_of

MOST_HOUSEHOLDS_KEPT: Final = 100_000
"""Up to so many households, each of them is kept year by year unless the user says otherwise."""
MOST_HOUSEHOLDS_WITH_SHOPS_KEPT: Final = 20_000_000
"""Up to so many households in the scenario, every shop is kept year by year."""
_SEED_LIMIT: Final = 2**63

Progress = Callable[[float, str], None]
"""Told from time to time how far a run is (0-1) and what it is doing."""


@dataclass(frozen=True)
class RunOptions:
    """How to run; nothing here changes a result.

    Attributes
    ----------
    threads : int, optional
        Threads that run villages side by side; all processors if not given.
    keep_households : bool, optional
        Whether to keep every household of every year; if not given, only where they are few.
    """

    threads: int | None = None
    keep_households: bool | None = None


@dataclass(frozen=True)
class RunResult:
    """A finished run.

    Attributes
    ----------
    summary : dict
        What ``villagesim run --json`` prints.
    record : RunRecord
        Everything that was recorded.
    cost : Cost
        What it took.
    folder : Path, optional
        The run folder; None if none was asked for.
    """

    summary: Summary
    record: RunRecord
    cost: Cost
    folder: Path | None


def run(
    scenario: Scenario | str | Path,
    seed: int | None = None,
    until: date | None = None,
    out: Path | str | None = None,
    progress: Progress | None = None,
    options: RunOptions | None = None,
) -> RunResult:
    """Run a scenario once.

    Parameters
    ----------
    scenario : Scenario, str or Path
        What to run: a scenario, the name of one, or a file.
    seed : int, optional
        Seed of all draws; the scenario's if not given.
    until : date, optional
        Last day to run; the scenario's if not given. Tables hold the months that are complete.
    out : Path or str, optional
        Folder to write, in place of an earlier run; nothing is written if not given.
    progress : callable, optional
        Told how far the run is (0-1) and what it is doing.
    options : RunOptions, optional
        How to run.

    Returns
    -------
    RunResult
        Summary, tables and folder.

    Raises
    ------
    ScenarioError
        If the scenario, the seed or the date is not valid.
    RunError
        If the folder cannot be written or must not be replaced.
    """
    started = time.perf_counter()
    tell = progress or _silent
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    end = _checked(chosen, seed, until)
    folder = None if out is None else Path(out)
    if folder is not None:
        check_destination(folder)
    record, compute_s = _simulate(chosen, seed, end, progress, options or RunOptions())
    tell(1.0, "writing")
    summary = summarize(record)

    def stopwatch() -> Cost:
        return Cost(time.perf_counter() - started, compute_s, peak_memory_mb())

    cost = stopwatch() if folder is None else write_run(folder, record, summary, stopwatch)
    return RunResult(with_cost(summary, cost), record, cost, folder)


def simulate(scenario: Scenario, seed: int, options: RunOptions) -> RunRecord:
    """Run a scenario to its end, for experiments that need no summary of every year.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    seed : int
        Seed of all draws.
    options : RunOptions
        How to run.

    Raises
    ------
    ScenarioError
        If the seed is not valid.
    """
    return _simulate(scenario, seed, _checked(scenario, seed, None), None, options)[0]


def _silent(share: float, doing: str) -> None:
    """Tell nobody."""


def _checked(scenario: Scenario, seed: int | None, until: date | None) -> date:
    """Return the last day to run, or refuse a seed or a date that is not valid."""
    if seed is not None and not 0 <= seed < _SEED_LIMIT:
        raise ScenarioError("seed", given=seed, allowed="a whole number from 0 to 2**63 - 1")
    end = until or scenario.end
    if not scenario.start <= end <= scenario.end:
        allowed = f"a date of the scenario, {scenario.start} to {scenario.end}"
        raise ScenarioError("until", given=end.isoformat(), allowed=allowed)
    return end


def _simulate(
    scenario: Scenario, seed: int | None, end: date, progress: Progress | None, options: RunOptions
) -> tuple[RunRecord, float]:
    """Run the model; return what it leaves behind, and the time that it took [s]."""
    tell = progress or _silent
    tell(0.0, "loading")
    from sim.engine.recorder import Record
    from sim.model import CommerceModel

    tell(0.0, "settling households")
    started = time.perf_counter()
    households = int(register_of(scenario).households.sum())
    keep = options.keep_households
    keep = households <= MOST_HOUSEHOLDS_KEPT if keep is None else keep
    record = Record(
        households="year" if keep else "none",
        shops="year" if households <= MOST_HOUSEHOLDS_WITH_SHOPS_KEPT else "none",
    )
    model = CommerceModel(scenario, seed, threads=options.threads, record=record, collect=False)
    days = (end - scenario.start).days + 1
    for last in [end] if progress is None else month_ends(scenario.start, end):
        tell((model.date - scenario.start).days / days, _doing(model.date, scenario.start))
        model.run_until(last)
    return record_of(model), time.perf_counter() - started


def _doing(today: date, start: date) -> str:
    """Say what is being done: the first month takes long where nothing has been compiled yet."""
    if today != start:
        return str(today.year)
    from sim.compiled import CACHE_FOLDER

    is_new = CACHE_FOLDER is None or not any(CACHE_FOLDER.rglob("*.nbi"))
    return "compiling, this once" if is_new else str(today.year)


def month_ends(start: date, end: date) -> Iterator[date]:
    """Give the last day of every month from `start` to `end`, and `end` itself."""
    day = start
    while day <= end:
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield min(next_month - timedelta(days=1), end)
        day = next_month
