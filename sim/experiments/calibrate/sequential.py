"""Sequential approximate Bayesian computation by pyABC, in an order that nothing can disturb.

pyABC proposes parameters and weighs them; the runs themselves are done by the project's executors,
in spawned processes, for a fork of a process with threads may hang. Proposal number j of a
generation depends on the seed, the generation and j alone. A generation is made of the first
accepted proposals by number, so it is the same with any number of processes, and after a stop in
its middle: runs that were done are kept, and proposals are drawn again, which costs nothing.

Proposals come from one normal distribution, fitted to the generation before and widened, in every
direction, to twice its variance but never beyond what was believed before. (A mixture of kernels
around single particles, the usual choice, leaves a handful of particles with all the weight where
parameters are many; any proposal is right, for weights make up for it.)

pyABC sees independent standard normal numbers, which `Belief` takes to parameters.
"""

import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError
from sim.experiments.calibrate.belief import Belief
from sim.experiments.calibrate.discrepancy import FAILED, Yardstick
from sim.experiments.calibrate.luck import words
from sim.experiments.calibrate.population import Population, covariance_of, size_of
from sim.experiments.calibrate.priors import Prior
from sim.experiments.calibrate.runner import OutOfBudget, Runner, Tell
from sim.experiments.calibrate.store import Done
from sim.experiments.extras import need

DATABASE_FILE: Final = "pyabc.db"
WIDENING: Final = 2.0
"""Factor on the variance of the generation before, for proposals."""
_EVERYTHING: Final = 1e9
"""The first generation takes every run that did not fail."""
_FOUND: Final = "found"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Generations:
    """How a sequence of generations is made.

    Attributes
    ----------
    population : int
        Accepted runs of each generation.
    generations : int
        Generations.
    quantile : float
        Share of a generation that the next one would accept.
    """

    population: int
    generations: int
    quantile: float


class _Proposed(Exception):  # noqa: N818 - it is no fault
    """Carries a proposal out of pyABC."""

    def __init__(self, normals: Mapping[str, float]) -> None:
        super().__init__()
        self.normals = normals


class _Relay:
    """Stands for the model in pyABC: hands proposals out, and results in."""

    def __init__(self) -> None:
        self.known: Floats | None = None

    def __call__(self, parameter: Mapping[str, float]) -> dict[str, Floats]:
        if self.known is None:
            raise _Proposed({name: float(value) for name, value in parameter.items()})
        return {_FOUND: self.known}


def fit_in_sequence(  # noqa: PLR0913 - what, to what, where and how
    runner: Runner,
    priors: Sequence[Prior],
    belief: Belief,
    yardstick: Yardstick,
    how: Generations,
    folder: Path,
    tell: Tell,
) -> Population:
    """Fit parameters generation by generation; go on with what is there.

    Parameters
    ----------
    runner : Runner
        Does the runs.
    priors : sequence of Prior
        What is fitted.
    belief : Belief
        What is believed of it before.
    yardstick : Yardstick
        Holds runs against targets.
    how : Generations
        How generations are made.
    folder : Path
        Where pyABC's database is.
    tell : callable
        Told how far it is.

    Returns
    -------
    Population
        The last generation that is complete.

    Raises
    ------
    RunError
        If pyABC is not installed, most runs fail, or no generation is complete.
    """
    pyabc = need("pyabc", "calibrate")
    for name in ("ABC", "ABC.History"):  # it tells its progress in its own words
        logging.getLogger(name).setLevel(logging.WARNING)
    relay = _Relay()
    sampler = _sampler(pyabc, runner, priors, belief, len(yardstick.targets), relay, how, tell)
    path = folder / DATABASE_FILE
    has_begun = path.exists()
    first_threshold: Any = "from_sample" if has_begun and _generations(pyabc, path) else _EVERYTHING
    prior = pyabc.Distribution(
        **{f"p{place}": pyabc.RV("norm", 0, 1) for place in range(len(priors))}
    )

    def discrepancy(x: Mapping[str, Floats], _: Mapping[str, Floats]) -> float:
        found = np.asarray(x[_FOUND])
        return FAILED if np.isnan(found).all() else float(yardstick.discrepancy(found))

    study = pyabc.ABCSMC(
        models=relay,
        parameter_priors=prior,
        distance_function=discrepancy,
        population_size=how.population,
        transitions=_transition(pyabc),
        eps=pyabc.QuantileEpsilon(initial_epsilon=first_threshold, alpha=how.quantile),
        sampler=sampler,
    )
    database = f"sqlite:///{path}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyABC's and SQLAlchemy's own, of no use to anybody
        if has_begun:
            history = study.load(database)
        else:
            history = study.new(database, {_FOUND: np.zeros(len(yardstick.targets))})
        left = how.generations - history.n_populations
        if left > 0:
            study.run(max_nr_populations=left)
        found = _last(history, len(priors))
    if found is None:
        there = runner.store.count()
        raise RunError(
            f"{folder}: no generation is complete after {there} runs; allowed: the same command "
            "with more runs or minutes, which goes on from there"
        )
    is_last = found.generation == how.generations - 1
    return replace(found, normals=belief.normals(found.normals), is_last=is_last)


def _generations(pyabc: Any, path: Path) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return int(pyabc.History(f"sqlite:///{path}").n_populations)


def _last(history: Any, parameters: int) -> Population | None:
    """Return the last complete generation, its parameters as pyABC sees them."""
    if history.n_populations == 0:
        return None
    generation = int(history.max_t)
    population = history.get_population(generation)
    particles = population.particles
    thresholds = history.get_all_populations().set_index("t")["epsilon"]
    return Population(
        np.array([[p.parameter[f"p{place}"] for place in range(parameters)] for p in particles]),
        np.array([p.sum_stat[_FOUND] for p in particles]),
        np.array([p.weight for p in particles]) / sum(p.weight for p in particles),
        np.array([p.distance for p in particles]),
        min(float(thresholds[generation]), max(p.distance for p in particles)),
        generation,
    )


def _sampler(  # noqa: PLR0913 - what it is made of
    pyabc: Any,
    runner: Runner,
    priors: Sequence[Prior],
    belief: Belief,
    targets: int,
    relay: _Relay,
    how: Generations,
    tell: Tell,
) -> Any:
    class OrderedSampler(pyabc.sampler.Sampler):  # type: ignore[misc]
        """Accepts the first proposals by number, whoever does their runs."""

        def sample_until_n_accepted(self, n: int, simulate_one: Any, t: int, **_: Any) -> Any:
            stage = f"generation-{t}"
            particles: dict[int, Any] = {}
            last = _Last(n)

            def proposals() -> Iterator[tuple[int, Mapping[str, float]]]:
                number = 0
                while last.may_begin(number):
                    drawn = _proposal(simulate_one, words(runner.seed, stage, number))
                    standard = np.array([drawn[f"p{place}"] for place in range(len(priors))])
                    normals = belief.normals(standard).tolist()
                    pairs = zip(priors, normals, strict=True)
                    yield number, {prior.path: prior.at(normal) for prior, normal in pairs}
                    number += 1

            sample = self._create_empty_sample()
            try:
                for done in runner.do(stage, proposals()):
                    particle = _weighed(simulate_one, done)
                    particles[done.number] = particle
                    last.add(done.number, is_accepted=bool(particle.accepted))
                    share = (t + min(last.accepted / n, 1.0)) / how.generations
                    tell(share, f"generation {t + 1} of {how.generations}, {last.accepted}/{n}")
            except OutOfBudget:
                sample.ok = False
                return sample
            for number in range(last.number + 1):
                sample.append(particles[number])
            self.nr_evaluations_ = last.number + 1
            return sample

    def _weighed(simulate_one: Any, done: Done) -> Any:
        relay.known = np.array(done.found or [np.nan] * targets)
        try:
            return _seeded(simulate_one, words(runner.seed, done.stage, done.number))
        finally:
            relay.known = None

    return OrderedSampler()


def _proposal(simulate_one: Any, seeds: list[int]) -> Mapping[str, float]:
    try:
        _seeded(simulate_one, seeds)
    except _Proposed as proposed:
        return proposed.normals
    raise RuntimeError("pyABC has asked for no run")


def _seeded(simulate_one: Any, seeds: list[int]) -> Any:
    np.random.seed(seeds)  # noqa: NPY002, TID251 - pyABC draws from this generator
    return simulate_one()


class _Last:
    """Finds the proposal with which a generation is complete."""

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._verdicts: dict[int, bool] = {}

    @property
    def accepted(self) -> int:
        """Proposals that were accepted so far."""
        return sum(self._verdicts.values())

    @property
    def number(self) -> int:
        """Number of the last one needed, as far as is known."""
        numbers = sorted(number for number, is_good in self._verdicts.items() if is_good)
        return numbers[self._wanted - 1] if len(numbers) >= self._wanted else -1

    def add(self, number: int, *, is_accepted: bool) -> None:
        """Take the verdict on a proposal."""
        self._verdicts[number] = is_accepted

    def may_begin(self, number: int) -> bool:
        """Whether a proposal may still be needed."""
        last = self.number
        return last < 0 or number < last


def _transition(pyabc: Any) -> Any:
    class WidenedNormal(pyabc.transition.Transition):  # type: ignore[misc]
        """One normal distribution, widened, but in no direction beyond the prior."""

        def fit(self, X: Any, w: Floats) -> None:  # noqa: N803 - pyABC's names
            self.mean, self.axes, self.variances = widened(X.to_numpy(), w)

        def rvs_single(self) -> Any:
            drawn = np.random.standard_normal(self.mean.size)  # noqa: NPY002, TID251
            place = self.mean + self.axes @ (np.sqrt(self.variances) * drawn)
            return pyabc.Parameter(dict(zip(self.X.columns, place.tolist(), strict=True)))

        def pdf(self, x: Any) -> float:
            off = self.axes.T @ (np.array([x[name] for name in self.X.columns]) - self.mean)
            log = -0.5 * (off * off / self.variances + np.log(2 * np.pi * self.variances)).sum()
            return float(np.exp(log))

    return WidenedNormal()


def widened(normals: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the distribution of proposals: its mean, its axes and the variance along each.

    Parameters
    ----------
    normals : array (draws, parameters)
        The generation before, as normal numbers.
    weights : array (draws,)
        Its weights, adding up to one.
    """
    mean = weights @ normals
    variances, axes = np.linalg.eigh(covariance_of(normals, weights))
    variances = np.clip(variances, 1e-6, None)
    along = axes.T @ mean
    noise = variances / size_of(weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        kept = np.where(along**2 > noise, 1.0 - noise / along**2, 0.0)
    return axes @ (kept * along), axes, np.minimum(1.0, WIDENING * variances)
