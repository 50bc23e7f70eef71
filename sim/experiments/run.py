"""One run: a scenario in, a run folder and its summary out."""

import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError, ScenarioError
from sim.experiments.recording import checked_levels
from sim.results.folder import check_destination, write_run
from sim.results.manifest import peak_memory_mb
from sim.results.record import Cost, RunRecord, record_of
from sim.results.summary import Summary, summarize, with_cost
from sim.scenario import Scenario, load_scenario, register_of

MOST_HOUSEHOLDS_KEPT: Final = 100_000
"""Up to so many households, each of them is kept year by year unless the user says otherwise."""
MOST_HOUSEHOLDS_WITH_SHOPS_KEPT: Final = 20_000_000
"""Up to so many households in the scenario, every shop is kept year by year."""
MOST_VILLAGES_BY_MONTH: Final = 2_000
"""Up to so many villages, each of them is kept month by month, and day by day in the season."""
_SEED_LIMIT: Final = 2**63

Progress = Callable[[float, str], None]
"""Told from time to time how far a run is (0-1) and what it is doing."""


@dataclass(frozen=True)
class RunOptions:
    """How to run; nothing here changes what happens, only what is kept of it.

    Attributes
    ----------
    threads : int, optional
        Threads that run villages side by side; all processors if not given.
    keep_households : bool, optional
        Whether to keep every household of every year; if not given, only where they are few.
    record : mapping, optional
        What is kept of ``villages``, ``households``, ``shops`` and ``seasons`` (see
        `sim.experiments.recording.LEVELS`), stronger than all else; what is not in it goes by size.
    stop : callable, optional
        Asked at the end of each month whether to stop there.
    """

    threads: int | None = None
    keep_households: bool | None = None
    record: Mapping[str, Any] | None = None
    stop: Callable[[], bool] | None = None


@dataclass(frozen=True)
class RunResult:
    """A finished run.

    Attributes
    ----------
    summary : dict
        What ``villagesim run --json`` prints.
    record : RunRecord
        What was recorded. Tables that are too large for memory are only in the folder.
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
    with _room_for_rows(folder) as room:
        record, compute_s = _simulate(chosen, seed, end, progress, options or RunOptions(), room)
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
    end = _checked(scenario, seed, None)
    model = _model(scenario, seed, options, _silent)
    _advance(model, end, None, options)
    return record_of(model)


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


@contextmanager
def _room_for_rows(folder: Path | None) -> Iterator[Path | None]:
    """Give a place beside a folder for rows that memory shall not keep, and clear it at the end."""
    if folder is None:
        yield None
        return
    target = folder.resolve()
    room = target.with_name(f".{target.name}.rows-{os.getpid()}")
    try:
        yield room
    except OSError as error:
        raise RunError(f"{folder}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _simulate(
    scenario: Scenario,
    seed: int | None,
    end: date,
    progress: Progress | None,
    options: RunOptions,
    room: Path | None,
) -> tuple[RunRecord, float]:
    """Run the model; return what it leaves behind, and the time that it took [s]."""
    tell = progress or _silent
    tell(0.0, "loading")
    from sim.results.store import Store
    from sim.results.totals import Totals

    started = time.perf_counter()
    model = _model(scenario, seed, options, tell)
    register = model.simulation.register
    store, totals = Store(register, room), Totals(register)
    model.recorder.sink, model.recorder.watcher = store, totals
    _advance(model, end, progress, options)
    model.recorder.close_villages_year()
    record = record_of(model, store, totals)
    if record.end < end:
        record = replace(record, planned_end=end)
    return record, time.perf_counter() - started


def _model(scenario: Scenario, seed: int | None, options: RunOptions, tell: Progress) -> Any:
    from sim.model import CommerceModel  # imported before the clock starts, where that counts

    tell(0.0, "settling households")
    record = _record(scenario, options)
    return CommerceModel(scenario, seed, threads=options.threads, record=record, collect=False)


def _record(scenario: Scenario, options: RunOptions) -> Any:
    """Return what is recorded: what is asked for, and else what there is room for."""
    from sim.engine.recorder import Record, chosen_villages

    register = register_of(scenario)
    households, villages = int(register.households.sum()), len(register)
    keep = options.keep_households
    keep = households <= MOST_HOUSEHOLDS_KEPT if keep is None else keep
    are_few = villages <= MOST_VILLAGES_BY_MONTH
    levels = {
        "villages": "month" if are_few else "year",
        "households": "year" if keep else "none",
        "shops": "year" if households <= MOST_HOUSEHOLDS_WITH_SHOPS_KEPT else "none",
        "seasons": "day" if are_few else "none",
    }
    record = Record(**{**levels, **checked_levels(options.record or {})})
    chosen_villages(record, register)  # refuses names that are not there
    return record


def _advance(model: Any, end: date, progress: Progress | None, options: RunOptions) -> None:
    """Run to a day, or to the end of a month if that is asked for."""
    if progress is None and options.stop is None:
        model.run_until(end)
        return
    tell, start = progress or _silent, model.scenario.start
    days = (end - start).days + 1
    for last in month_ends(model.date, end):
        tell((model.date - start).days / days, _doing(model))
        model.run_until(last)
        if options.stop is not None and options.stop():
            return


def _doing(model: Any) -> str:
    """Say what is being done: the first month takes long where nothing has been compiled yet."""
    if model.date == model.scenario.start:
        from sim.compiled import CACHE_FOLDER

        if CACHE_FOLDER is None or not any(CACHE_FOLDER.rglob("*.nbi")):
            return "compiling, this once"
    month = f"{model.date:%B %Y}"
    villages = len(model.observer.listed_day)
    if villages == 1:
        return month
    listed = int((model.observer.listed_day >= 0).sum())
    return f"{month}, {listed:,} of {villages:,} villages listed so far"


def month_ends(start: date, end: date) -> Iterator[date]:
    """Give the last day of every month from `start` to `end`, and `end` itself."""
    day = start
    while day <= end:
        next_month = (day.replace(day=28) + timedelta(days=4)).replace(day=1)
        yield min(next_month - timedelta(days=1), end)
        day = next_month
