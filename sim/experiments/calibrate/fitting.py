"""`calibrate`: fit the parameters of a block to published history up to 2016, in a folder."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from sim.errors import RunError, ScenarioError
from sim.experiments.calibrate.belief import Belief, belief_of, plain_belief
from sim.experiments.calibrate.block import FITTED, BlockRuns, block_runs
from sim.experiments.calibrate.discrepancy import Yardstick, yardstick_of
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.population import Population
from sim.experiments.calibrate.priors import Prior, priors_of
from sim.experiments.calibrate.provenance import provenance
from sim.experiments.calibrate.recovery import recovery_rows
from sim.experiments.calibrate.regression import (
    Table,
    adjusted_population,
    fit_from_table,
    table_of,
)
from sim.experiments.calibrate.replenishment import Replenishment, fit_by_replenishment
from sim.experiments.calibrate.reuse import stored_table
from sim.experiments.calibrate.runner import Budget, OutOfBudget, Runner, Tell
from sim.experiments.calibrate.search import search
from sim.experiments.calibrate.sequential import Generations, fit_in_sequence
from sim.experiments.calibrate.store import Done, opened
from sim.experiments.calibrate.tables import (
    Calibration,
    Rows,
    equal_draws,
    fit_rows,
    posterior_rows,
    summary_rows,
    values_of,
    write_tables,
)
from sim.experiments.executors import Experiment, workplace_of
from sim.experiments.extras import need
from sim.experiments.targets import Target, role_digests
from sim.results.placing import write_json

REPLENISH: Final = "replenish"
SEARCH: Final = "search"
METHODS: Final = (REPLENISH, "sequence", "table", SEARCH)
GENERATIONS: Final = (REPLENISH, "sequence")
"""Methods that end with a generation, which regression may adjust."""
PROVENANCE_FILE: Final = "provenance.json"
LUCK: Final = "luck"
TABLE: Final = "table"
KNOWN: Final = "known"
PREDICTED: Final = "predicted"
FEWEST_IN_TABLE: Final = 50
_LIBRARIES: Final = {"sequence": "pyabc", SEARCH: "optuna"}


@dataclass(frozen=True)
class How:
    """How parameters are fitted; all of it changes results.

    Attributes
    ----------
    method : str
        ``replenish``: generation by generation, draws copied and moved. ``sequence``: the same
        with importance weights, by pyABC. ``table``: from one table of runs from
        the prior, by rejection and regression. ``search``: the best point, by Optuna.
    population, generations : int
        Accepted runs of each generation, and generations.
    quantile : float
        Share of a generation that stays, or that the next one would accept.
    rounds : int
        Steps that each copied draw tries in a generation, where draws are replenished.
    mixing : int
        Steps that every draw tries at the last threshold, where draws are replenished.
    table : int
        Runs of the table, where there is one, or the first runs where draws are replenished.
    points : int
        Points of a search.
    luck : int
        Runs with the registry's values that tell how far luck alone takes runs apart.
    predicted : int
        New runs with draws of the posterior, which the fit is told by.
    recover : int
        Known sets of parameters to fit back from the table.
    is_adjusted : bool
        Whether parameters are moved by regression.
    seed : int
        Seed of everything.
    """

    method: str = "replenish"
    population: int = 100
    generations: int = 5
    quantile: float = 0.5
    rounds: int = 4
    mixing: int = 20
    table: int = 400
    points: int = 200
    luck: int = 20
    predicted: int = 30
    recover: int = 0
    is_adjusted: bool = True
    seed: int = 1

    def __post_init__(self) -> None:
        """Refuse what is not possible."""
        if self.method not in METHODS:
            raise ScenarioError("calibrate", "method", self.method, ", ".join(METHODS))
        least = {
            "population": 4,
            "generations": 1,
            "rounds": 1,
            "table": FEWEST_IN_TABLE,
            "points": 1,
        }
        for name in ("mixing", "luck", "predicted", "recover", *least):
            given, low = getattr(self, name), least.get(name, 0)
            if given < low:
                raise ScenarioError("calibrate", name, given, f"a whole number from {low} on")
        if not 0 < self.quantile < 1:
            raise ScenarioError("calibrate", "quantile", self.quantile, "a number between 0 and 1")
        if self.method == REPLENISH and self.table < self.population:
            allowed = f"at least the population, {self.population}"
            raise ScenarioError("calibrate", "table", self.table, allowed)


@dataclass(frozen=True)
class Subject:
    """What is fitted, to what.

    Attributes
    ----------
    block : str
        ``village`` or ``region``.
    only, fix : sequence of str
        Parameters that alone are fitted, and that are not.
    scenarios : sequence of str
        Scenarios of the block to run; all if not given.
    county_shares : mapping
        Share of counties to simulate by scenario.
    changes : sequence of str
        Changes that hold in every run, such as ``"behaviour.open_gain=1"``.
    given : Path, optional
        Posterior of the other block, which this one begins with: its parameters are fitted too.
    """

    block: str
    only: Sequence[str] = ()
    fix: Sequence[str] = ()
    scenarios: Sequence[str] = ()
    county_shares: Mapping[str, float] = field(default_factory=dict)
    changes: Sequence[str] = ()
    given: Path | None = None


@dataclass(frozen=True)
class CalibrationMeans:
    """By what means; nothing here changes a result.

    Attributes
    ----------
    workers : int, str or Executor, optional
        As of sweeps; one process for each processor if not given.
    runs : int, optional
        Runs that this call may do.
    minutes : float, optional
        Minutes after which it begins no further run.
    progress : callable, optional
        Told how far it is (0-1) and what it is doing.
    """

    workers: Any = None
    runs: int | None = None
    minutes: float | None = None
    progress: Tell | None = None


def calibrate(
    subject: Subject | str,
    out: Path | str,
    how: How | None = None,
    means: CalibrationMeans | None = None,
    reuse: Path | str | None = None,
) -> Calibration:
    """Fit parameters to the targets of role ``fit``; the same call goes on with what is there.

    Parameters
    ----------
    subject : Subject or str
        What is fitted; the name of a block is all of it.
    out : Path or str
        The folder.
    how : How, optional
        How it is fitted.
    means : CalibrationMeans, optional
        By what means.
    reuse : Path or str, optional
        A sweep folder, whose runs are taken for the table instead of new ones.

    Returns
    -------
    Calibration
        The tables, which are also in the folder.

    Raises
    ------
    ScenarioError
        If a block, a parameter, a scenario or a number is not possible.
    RunError
        If the folder holds something else, a library is missing, most runs fail, or what is
        allowed ends before there is a result; the same call goes on then.
    """
    subject = Subject(subject) if isinstance(subject, str) else subject
    how, means = how or How(), means or CalibrationMeans()
    folder = Path(out)
    if reuse is not None:
        _refuse_what_stored_runs_settle(subject)
        return _from_stored(subject, folder, how, Path(reuse))
    own = priors_of(subject.block, subject.only, subject.fix)
    priors, belief = belief_of(own, subject.given)
    runs = block_runs(
        subject.block,
        priors,
        scenarios=subject.scenarios,
        county_shares=subject.county_shares,
        changes=subject.changes,
    )
    return fit_experiment(subject.block, runs, priors, runs.targets, folder, how, means, belief)


def fit_experiment(  # noqa: PLR0913 - what, to what, where, how and by what means
    block: str,
    experiment: Experiment,
    priors: Sequence[Prior],
    targets: Sequence[Target],
    folder: Path,
    how: How,
    means: CalibrationMeans,
    belief: Belief | None = None,
) -> Calibration:
    """Fit the parameters of any experiment whose outcomes are the keys of targets.

    Parameters
    ----------
    block : str
        What tables call it.
    experiment : Experiment
        What is run; it must survive pickling.
    priors : sequence of Prior
        What is fitted.
    targets : sequence of Target
        What it is fitted to.
    folder : Path
        Where everything is kept.
    how : How
        How.
    means : CalibrationMeans
        By what means.
    belief : Belief, optional
        What is believed of parameters before; nothing beyond their ranges if not given.

    Raises
    ------
    ScenarioError
        If a search is to begin with a belief.
    RunError
        If the folder holds something else, or there is no result yet.
    """
    if how.method in _LIBRARIES:
        need(_LIBRARIES[how.method], "calibrate")  # told before anything is written
    if belief is not None and how.method == SEARCH and not belief.is_plain:
        raise ScenarioError("calibrate", "given", "a posterior", "nothing for a search")
    believed = belief or plain_belief(len(priors))
    asked = {
        "block": block,
        "how": asdict(how),
        "priors": {p.path: [p.low, p.high, "log" if p.is_log else "linear"] for p in priors},
        "experiment": dict(experiment.about()),
        "belief_sha256": believed.digest,
        "targets_sha256": role_digests()[FITTED[0]],
    }
    with opened(folder, asked) as store, workplace_of(means.workers) as place:
        if place.renew is not None:  # the last runs of a generation should not wait for long
            place.width = max(2, place.width // 3 + 1)
        budget = Budget(means.runs, means.minutes)
        runner = Runner(experiment, store, place, how.seed, budget)
        task = _Task(block, tuple(priors), believed, tuple(targets), folder, how, runner, means)
        try:
            return task.carry_out()
        except OutOfBudget as spent:
            raise RunError(
                f"{folder}: {store.count()} runs are done, and no result is there yet; allowed: "
                "the same command with more runs or minutes, which goes on from there"
            ) from spent


@dataclass(frozen=True)
class _Task:
    block: str
    priors: tuple[Prior, ...]
    belief: Belief
    targets: tuple[Target, ...]
    folder: Path
    how: How
    runner: Runner
    means: CalibrationMeans

    def tell(self, share: float, doing: str) -> None:
        """Tell whoever wants to know."""
        if self.means.progress is not None:
            self.means.progress(share, doing)

    def carry_out(self) -> Calibration:
        """Do everything that is asked for."""
        yardstick = self._yardstick()
        rows: dict[str, Rows] = {}
        facts: dict[str, Any] = {}
        if self.how.method == SEARCH:
            rows[SEARCH] = search(self.runner, self.priors, yardstick, self.how.points, self.tell)
        else:
            found, facts = self._posterior(yardstick)
            rows["posterior"] = posterior_rows(self.priors, found)
            rows["summary"] = summary_rows(self.priors, found)
            rows["fit"], facts["fit_of"] = self._fit(yardstick, found)
        if self.how.recover:
            known = self._table(KNOWN, self.how.recover)
            table = self._table(TABLE, self.how.table)
            rows["recovery"] = recovery_rows(self.priors, yardstick, table, known, self.how.seed)
        facts |= {
            "belief_sha256": self.belief.digest,
            "runs": self.runner.store.count(),
            "errors": _errors(self.runner.store.all()),
        }
        return finished(self.block, self.how, self.folder, rows, facts)

    def _yardstick(self) -> Yardstick:
        usual = {prior.path: prior.value for prior in self.priors}
        points = ((number, usual) for number in range(self.how.luck))
        runs: list[tuple[int, dict[str, float]]] = []
        for done in self.runner.do(LUCK, points):
            self.tell(0.0, f"luck, run {len(runs) + 1} of {self.how.luck}")
            if done.found is not None:
                keys = [target.key for target in self.targets]
                runs.append((done.number, dict(zip(keys, done.found, strict=True))))
        return yardstick_of(self.targets, [run for _, run in sorted(runs, key=lambda r: r[0])])

    def _posterior(self, yardstick: Yardstick) -> tuple[Population, dict[str, Any]]:
        how = self.how
        if how.method == "table":
            table = self._table(TABLE, how.table)
            found = fit_from_table(table, yardstick, how.seed)
        elif how.method == REPLENISH:
            steps = Replenishment(
                how.population, how.table, how.generations, how.quantile, how.rounds, how.mixing
            )
            first = self._standard("first", how.table)
            found = fit_by_replenishment(
                self.runner, self.priors, self.belief, yardstick, steps, first, self.tell
            )
        else:
            generations = Generations(how.population, how.generations, how.quantile)
            found = fit_in_sequence(
                self.runner,
                self.priors,
                self.belief,
                yardstick,
                generations,
                self.folder,
                self.tell,
            )
        different = len(np.unique(found.normals, axis=0))
        if how.method in GENERATIONS and how.is_adjusted:
            found = adjusted_population(found, yardstick, how.seed)
        facts = {
            "generation": found.generation,
            "threshold": found.threshold,
            "draws": len(found.weights),
            "worth_draws": found.worth,
            "different_draws": different,
            "is_complete": found.is_last,
        }
        return found, facts

    def _fit(self, yardstick: Yardstick, found: Population) -> tuple[Rows, str]:
        """Tell the fit by new runs with draws of the posterior, if there is room for them."""
        count = self.how.predicted
        if count:
            start = uniform(self.how.seed, PREDICTED, -1)
            chosen = equal_draws(found.weights, count, start)
            values = values_of(self.priors, found.normals)[chosen]
            try:
                runs = self._runs(PREDICTED, values)
            except OutOfBudget:
                runs = []
            good = [run.found for run in runs if run.found is not None]
            if good:
                weights = np.full(len(good), 1.0 / len(good))
                return fit_rows(yardstick, np.array(good), weights), "new runs"
        return fit_rows(yardstick, found.values, found.weights), "accepted runs"

    def _table(self, stage: str, count: int) -> Table:
        """Return runs from what is believed, spread evenly: a Latin hypercube."""
        values = values_of(self.priors, self.belief.normals(self._standard(stage, count)))
        runs = [run for run in self._runs(stage, values) if run.found is not None]
        normals = [[p.normal(run.values[p.path]) for p in self.priors] for run in runs]
        return table_of(normals, [run.found or () for run in runs])

    def _standard(self, stage: str, count: int) -> Any:
        places = latin(self.how.seed, stage, count, len(self.priors))
        return np.vectorize(NormalDist().inv_cdf)(places)

    def _runs(self, stage: str, values: Any) -> list[Done]:
        paths = [prior.path for prior in self.priors]

        def points() -> Iterator[tuple[int, Mapping[str, float]]]:
            for number, row in enumerate(values):
                yield number, dict(zip(paths, row.tolist(), strict=True))

        done: list[Done] = []
        for each in self.runner.do(stage, points()):
            done.append(each)
            self.tell(len(done) / len(values), f"{stage}, run {len(done)} of {len(values)}")
        return sorted(done, key=lambda run: run.number)


def latin(seed: int, stage: str, count: int, parameters: int) -> Any:
    """Return a Latin hypercube of places from 0 to 1, (count, parameters)."""
    places = np.empty((count, parameters))
    for column in range(parameters):
        order = np.argsort([uniform(seed, f"{stage} order {column}", n) for n in range(count)])
        jitter = np.array([uniform(seed, f"{stage} place {column}", n) for n in range(count)])
        places[:, column] = (order + jitter) / count
    return places


def finished(
    block: str, how: How, folder: Path, rows: Mapping[str, Rows], facts: Mapping[str, Any]
) -> Calibration:
    """Write tables and provenance, and return the calibration.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    tables = write_tables(folder, rows)
    about = {"block": block, "how": asdict(how), **facts, **provenance()}
    write_json(folder / PROVENANCE_FILE, about)
    return Calibration(block, how.method, tables, about, folder)


def _refuse_what_stored_runs_settle(subject: Subject) -> None:
    """Refuse what a table of stored runs could not heed."""
    for each in fields(subject):
        given = getattr(subject, each.name)
        if each.name != "block" and given:
            allowed = "nothing with stored runs, which settle it"
            told = [*given] if isinstance(given, Sequence) else str(given)
            raise ScenarioError("calibrate", each.name, told, allowed)


def _from_stored(subject: Subject, folder: Path, how: How, reuse: Path) -> Calibration:
    stored = stored_table(reuse, subject.block)
    asked = {
        "block": subject.block,
        "how": asdict(how),
        "reuse": dict(stored.about),
        "targets_sha256": role_digests()[FITTED[0]],
    }
    with opened(folder, asked):
        yardstick = yardstick_of(stored.targets, [])
        found = fit_from_table(stored.table, yardstick, how.seed)
        rows = {
            "posterior": posterior_rows(stored.priors, found),
            "summary": summary_rows(stored.priors, found),
            "fit": fit_rows(yardstick, found.values, found.weights),
        }
        facts = {
            "reuse": dict(stored.about),
            "fit_of": "accepted runs",
            "draws": len(found.weights),
        }
        return finished(subject.block, how, folder, rows, facts)


def _errors(runs: Sequence[Done]) -> dict[str, int]:
    found: dict[str, int] = {}
    for run in runs:
        if run.error:
            found[run.error] = found.get(run.error, 0) + 1
    return found


__all__ = [
    "BlockRuns",
    "Calibration",
    "CalibrationMeans",
    "How",
    "Subject",
    "calibrate",
    "fit_experiment",
]
