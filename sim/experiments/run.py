"""One run: a scenario in, a run folder and its summary out."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import ScenarioError
from sim.experiments.program import program_hash
from sim.experiments.recording import checked_levels
from sim.experiments.workplace import CHECKPOINTS, Workplace, digest_of, new_workplace
from sim.results.folder import check_destination, write_run
from sim.results.manifest import peak_memory_mb, versions
from sim.results.record import Cost, RunRecord, record_of
from sim.results.summary import Summary, summarize, with_cost
from sim.scenario import Scenario, load_scenario, register_of, scenario_hash
from sim.scenario.fields import listed

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
    checkpoint : str
        How often a checkpoint is written, from which a run that was killed can go on: ``none``,
        ``yearly`` or ``monthly``. The tables are only in the folder then.
    stop : callable, optional
        Asked at the end of each month whether to stop there.
    """

    threads: int | None = None
    keep_households: bool | None = None
    record: Mapping[str, Any] | None = None
    checkpoint: str = "none"
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
    can_continue : bool
        Whether it was stopped and can go on from a checkpoint.
    """

    summary: Summary
    record: RunRecord
    cost: Cost
    folder: Path | None
    can_continue: bool = False


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
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    end = _checked(chosen, seed, until)
    options = options or RunOptions()
    folder = None if out is None else Path(out)
    if options.checkpoint not in CHECKPOINTS:
        raise ScenarioError("checkpoint", "", options.checkpoint, listed(CHECKPOINTS))
    if folder is None and options.checkpoint != "none":
        raise ScenarioError("checkpoint", "", options.checkpoint, "none without a folder")
    if folder is not None:
        check_destination(folder)
    task = Task(chosen, chosen.seed if seed is None else seed, end, folder, options, progress)
    if folder is None:
        return _begun(task, None, started)
    with new_workplace(folder, about_task(task)) as place:
        return _begun(task, place, started)


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
    _advance(model, end, None, None)
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


@dataclass(frozen=True)
class Task:
    """A run that is to be carried out."""

    scenario: Scenario
    seed: int
    end: date
    folder: Path | None
    options: RunOptions
    progress: Progress | None

    @property
    def tell(self) -> Progress:
        """Whoever wants to know how far it is."""
        return self.progress or _silent


def about_task(task: Task) -> dict[str, Any]:
    """Return all that a run depends on, as plain JSON, so that only the same one goes on."""
    about: dict[str, Any] = {"checkpoint": task.options.checkpoint}
    if task.options.checkpoint == "none":
        return about
    return about | {
        "name": task.scenario.name,
        "scenario_sha256": scenario_hash(task.scenario),
        "seed": task.seed,
        "end": task.end.isoformat(),
        "record": asdict(record_of_task(task.scenario, task.options)),
        "villages_sha256": digest_of(register_of(task.scenario)),
        "versions": versions(),
        "program_sha256": program_hash(),
        "scenario": task.scenario.model_dump(mode="json"),
    }


def _begun(task: Task, place: Workplace | None, started: float) -> RunResult:
    task.tell(0.0, "loading")
    from sim.results.store import Store
    from sim.results.totals import Totals

    computing = time.perf_counter()
    model = _model(task.scenario, task.seed, task.options, task.tell)
    villages = model.simulation.register
    store = Store(villages, None if place is None else place.rows)
    clock = Clock(started, computing)
    return carry_out(task, model, Keepers(store, Totals(villages), place), clock)


class Clock(NamedTuple):
    """When a run began."""

    started: float
    """The whole of it."""
    computing: float
    """Its computing."""


class Keepers(NamedTuple):
    """Who keeps what a run leaves behind."""

    store: Any
    totals: Any
    place: Workplace | None


def carry_out(task: Task, model: Any, keepers: Keepers, clock: Clock) -> RunResult:
    """Run a model to the end of its task, and leave its results.

    Parameters
    ----------
    task : Task
        What is to be run.
    model : CommerceModel
        A model of it, new or resumed.
    keepers : Keepers
        Who keeps what it leaves behind.
    clock : Clock
        When it began.
    """
    store, totals, place = keepers
    model.recorder.sink, model.recorder.watcher = store, totals
    _advance(model, task.end, task.progress, task.options.stop, keepers)
    model.recorder.close_villages_year()
    record = record_of(model, store, totals)
    if record.end < task.end:
        record = replace(record, planned_end=task.end)
    compute_s = time.perf_counter() - clock.computing
    task.tell(1.0, "writing")
    summary = summarize(record)

    def stopwatch() -> Cost:
        return Cost(time.perf_counter() - clock.started, compute_s, peak_memory_mb())

    cost = stopwatch()
    has_checkpoint = place is not None and place.room is not None
    if task.folder is not None and place is not None:
        cost = write_run(task.folder, record, summary, stopwatch, place.room)
        if record.is_complete and has_checkpoint:
            place.discard()
    can_continue = has_checkpoint and not record.is_complete
    return RunResult(with_cost(summary, cost), record, cost, task.folder, can_continue)


def _model(scenario: Scenario, seed: int | None, options: RunOptions, tell: Progress) -> Any:
    from sim.model import CommerceModel  # imported before the clock starts, where that counts

    tell(0.0, "settling households")
    record = record_of_task(scenario, options)
    return CommerceModel(scenario, seed, threads=options.threads, record=record, collect=False)


def record_of_task(scenario: Scenario, options: RunOptions) -> Any:
    """Return what is recorded: what is asked for, and else what there is room for.

    Raises
    ------
    ScenarioError
        If something that is asked for is not known.
    """
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


def _advance(
    model: Any,
    end: date,
    progress: Progress | None,
    stop: Callable[[], bool] | None,
    keepers: Keepers | None = None,
) -> None:
    """Run to a day, or to the end of a month if that is asked for; write checkpoints on the way."""
    place = None if keepers is None else keepers.place
    is_watched = progress is not None or stop is not None
    if not is_watched and (place is None or place.checkpoint == "none"):
        model.run_until(end)
        return
    tell, start = progress or _silent, model.scenario.start
    days = (end - start).days + 1
    for last in month_ends(model.date, end):
        tell((model.date - start).days / days, _doing(model))
        model.run_until(last)
        is_stopped = last < end and stop is not None and stop()
        if place is not None and keepers is not None and last < end:
            place.save(model, keepers.totals, keepers.store, is_stopped=is_stopped)
        if is_stopped:
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
