"""Sweeps: design, workplace and sink put together.

`run_points` runs any experiment at any points, and is what the analyses are built on; `sweep` is
the same for a scenario and the words that say what is varied. Both return a `SweepResult`, which
`read_sweep` also makes from a folder.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import ScenarioError
from sim.experiments.design import Design, Vary, make_design
from sim.experiments.executors import Experiment, Result, Workplace, finish_batches, workplace_of
from sim.experiments.plan import Batch, Plan
from sim.experiments.shards import FolderSink, MemorySink, Sink
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.experiments.variant import ScenarioVariant
from sim.scenario import Scenario, load_scenario, with_changes


class Progress(NamedTuple):
    """How far a sweep is."""

    runs: int
    """Runs to be there at the end, of this shard."""
    before: int
    """Runs that were there at the start."""
    done: int = 0
    """Runs done since."""
    failed: int = 0
    """Runs that failed, of those done since."""
    elapsed_s: float = 0.0


Tell = Callable[[Progress], None]
"""Told how far a sweep is, at the start and after each batch."""


@dataclass(frozen=True)
class Shard:
    """Part of a sweep that one of several machines does: every so many batches, one."""

    number: int = 1
    """From 1 to `of`."""
    of: int = 1

    def __post_init__(self) -> None:
        """Refuse a part that there is not."""
        if not 1 <= self.number <= self.of:
            allowed = "I/N with I from 1 to N, such as 1/3"
            raise ScenarioError("shard", "", f"{self.number}/{self.of}", allowed)

    def batches(self, plan: Plan) -> range:
        """Return the batches of this part."""
        return range(self.number - 1, plan.batches, self.of)


@dataclass(frozen=True)
class Means:
    """By what means a sweep is run; nothing here changes a result.

    Attributes
    ----------
    workers : int, str, Executor or distributed.Client, optional
        Processes of this machine (1 is this process itself), the address of a Dask scheduler, or
        an executor that has the workers. One process for each processor if not given.
    shard : Shard
        The part to run.
    progress : callable, optional
        Told how far it is.
    """

    workers: Any = None
    shard: Shard = Shard()
    progress: Tell | None = None


def sweep(  # noqa: PLR0913 - all but three are by name and seldom given
    scenario: Scenario | str | Path,
    vary: Vary = (),
    out: Path | str | None = None,
    *,
    design: str | Path | Design | None = None,
    samples: int | None = None,
    replicates: int = 1,
    seed: int | None = None,
    design_seed: int = 0,
    means: Means | None = None,
    workers: Any = None,
) -> SweepResult:
    """Run a scenario at many points, each several times with the same luck at every point.

    Parameters
    ----------
    scenario : Scenario, str or Path
        What to run: a scenario, the name of one, or a file.
    vary : sequence of str, or mapping
        What is varied: ``"key.path=SPEC"`` texts, or SPECs or lists of values by key; None, or a
        text without SPEC, stands for the registry's plausible range. A SPEC is ``2013:2020``,
        ``0.1:0.5:0.1``, ``[a,b,c]``, ``uniform(a,b)`` or ``loguniform(a,b)``.
    out : Path or str, optional
        Sweep folder. What it holds of the same sweep is not run again, so the same call goes on
        with a sweep that was stopped. Nothing is written if not given.
    design : str, Path or Design, optional
        ``"grid"``, ``"lhs"`` or ``"sobol"``, a CSV or Parquet file with points, or a design made
        before; see `sim.experiments.design.make_design`.
    samples : int, optional
        Number of points.
    replicates : int
        Runs of each point. Replicate r has the seed `seed` + r at every point.
    seed : int, optional
        Seed of the first replicate; the scenario's if not given.
    design_seed : int
        Seed of the design.
    means : Means, optional
        By what means; nothing in it changes a result.
    workers : int, str, Executor or distributed.Client, optional
        The same as in `means`, and stronger.

    Returns
    -------
    SweepResult
        A row for each run.

    Raises
    ------
    ScenarioError
        If the scenario, a key, a value or a number is not possible.
    RunError
        If the folder holds anything else or cannot be written, or the workers are gone.
    """
    chosen = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
    if not isinstance(design, Design):
        design = make_design(chosen, vary, design, samples, design_seed)
    check_points(chosen, design)
    means = means or Means()
    means = means if workers is None else replace(means, workers=workers)
    seed = chosen.seed if seed is None else seed
    return run_points(ScenarioVariant.of(chosen), design, out, replicates, seed, means)


def run_points(
    experiment: Experiment,
    design: Design,
    out: Path | str | None = None,
    replicates: int = 1,
    seed: int = 0,
    means: Means | None = None,
) -> SweepResult:
    """Run an experiment at every point of a design, each several times.

    Parameters
    ----------
    experiment : Experiment
        What is run, such as ``ScenarioVariant.of(scenario)``; it must survive pickling.
    design : Design
        The points.
    out : Path or str, optional
        Sweep folder; what it holds of the same sweep is not run again. Nothing is written if not
        given.
    replicates : int
        Runs of each point; replicate r has the seed `seed` + r at every point.
    seed : int
        Seed of the first replicate.
    means : Means, optional
        By what means; nothing in it changes a result.

    Raises
    ------
    ScenarioError
        If replicates, seed, shard or workers are not possible.
    RunError
        If the folder holds anything else or cannot be written, or the workers are gone.
    """
    means = means or Means()
    plan = Plan(design, experiment.outcomes, replicates, seed, experiment.about())
    batches = means.shard.batches(plan)
    sink: Sink = MemorySink() if out is None else FolderSink(Path(out), plan)
    sink.check()
    finished = sink.finished(batches)
    missing = [plan.batch(number) for number in batches if number not in finished]
    before = sum(plan.batch(number).runs for number in finished)
    runs = before + sum(batch.runs for batch in missing)
    teller = _Teller(means.progress, Progress(runs, before))
    if missing:
        with workplace_of(means.workers) as place:
            sink.open()
            _run(place, experiment, plan, missing, sink, teller)
    if isinstance(sink, MemorySink):
        return SweepResult(plan.manifest, sink.tables)
    return read_sweep(Path(out or ""))


def check_points(scenario: Scenario, design: Design) -> None:
    """Refuse a design with a value that the scenario does not take.

    Points are tried at which a key has its first, its lowest, its highest value, or one of its
    choices for the first time. What else cannot be run is found when its turn comes.

    Raises
    ------
    ScenarioError
        For the first such point.
    """
    for number in _telling_points(design):
        try:
            with_changes(scenario, design.values(number, 1)[0])
        except ScenarioError as error:
            where = f"point {number} of the design"
            raise ScenarioError(
                where, error.key, error.given, error.allowed, error.nearest
            ) from error


def _telling_points(design: Design) -> list[int]:
    found = {0}
    for key, kind in design.kinds.items():
        column = design.points.column(key).to_pylist()
        if kind in ("choice", "switch"):
            firsts = {value: number for number, value in reversed(list(enumerate(column)))}
            found |= set(firsts.values())
        else:
            found |= {column.index(min(column)), column.index(max(column))}
    return sorted(found)


def _run(
    place: Workplace,
    experiment: Experiment,
    plan: Plan,
    missing: list[Batch],
    sink: Sink,
    teller: "_Teller",
) -> None:
    requests = ((batch.number, plan.requests(batch)) for batch in missing)
    for number, results in finish_batches(place, experiment, requests):
        batch = plan.batch(number)
        sink.write(batch, plan.table(batch, results))
        teller.add(results)


class _Teller:
    """Counts what is done and tells it."""

    def __init__(self, tell: Tell | None, progress: Progress) -> None:
        self._tell = tell
        self._progress = progress
        self._started = time.perf_counter()
        self.add([])

    def add(self, results: list[Result]) -> None:
        """Count some runs."""
        failed = sum(result.numbers is None for result in results)
        self._progress = self._progress._replace(
            done=self._progress.done + len(results),
            failed=self._progress.failed + failed,
            elapsed_s=time.perf_counter() - self._started,
        )
        if self._tell is not None:
            self._tell(self._progress)
