"""Point search by Optuna: where runs are least far off, without saying how sure that is.

Points are asked for and told by fours, each from a sampler whose seed depends on the number of the
point alone, so that the search is the same with any number of processes and after a stop. The best
points are run again with other seeds, for the best of many is lucky.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np

from sim.experiments.calibrate.discrepancy import Yardstick
from sim.experiments.calibrate.luck import words
from sim.experiments.calibrate.priors import Prior
from sim.experiments.calibrate.runner import Runner, Tell
from sim.experiments.calibrate.store import Done
from sim.experiments.extras import need

TOGETHER: Final = 4
"""Points that are asked for before any of them is told."""
BEST: Final = 5
"""Points that are run again."""
AGAIN: Final = 4
"""Runs of each of them."""
_WORST: Final = 1e6
_STAGE: Final = "search"
_CONFIRMED: Final = "confirm"


def search(
    runner: Runner, priors: Sequence[Prior], yardstick: Yardstick, points: int, tell: Tell
) -> list[dict[str, Any]]:
    """Search for the point at which runs are least far off.

    Parameters
    ----------
    runner : Runner
        Does the runs.
    priors : sequence of Prior
        What is searched, within its range.
    yardstick : Yardstick
        Holds runs against targets.
    points : int
        Points to run.
    tell : callable
        Told how far it is.

    Returns
    -------
    list of dict
        The best points, the best first: ``discrepancy`` (mean of new runs), ``first`` (of the run
        that found it) and the parameters.

    Raises
    ------
    OutOfBudget
        If there is no room for all.
    """
    optuna = need("optuna", "calibrate")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize")
    space = {prior.path: optuna.distributions.FloatDistribution(0.0, 1.0) for prior in priors}
    found: list[tuple[float, Mapping[str, float]]] = []
    for first in range(0, points, TOGETHER):
        numbers = range(first, min(first + TOGETHER, points))
        trials = {}
        for number in numbers:
            seed = words(runner.seed, _STAGE, number)[0]
            study.sampler = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
            trials[number] = study.ask(space)
        values = {
            number: {prior.path: prior.at_place(trial.params[prior.path]) for prior in priors}
            for number, trial in trials.items()
        }
        done = {each.number: each for each in runner.do(_STAGE, iter(values.items()))}
        for number in numbers:
            off = _off(yardstick, done[number])
            study.tell(trials[number], off)
            found.append((off, values[number]))
        best = min(off for off, _ in found)
        tell(len(found) / points, f"point {len(found)} of {points}, best {best:.3f}")
    best_points = sorted(found, key=lambda each: each[0])[:BEST]
    return sorted(_confirmed(runner, yardstick, best_points), key=lambda row: row["discrepancy"])


def _confirmed(
    runner: Runner, yardstick: Yardstick, points: Sequence[tuple[float, Mapping[str, float]]]
) -> Iterator[dict[str, Any]]:
    again = [values for _, values in points for _ in range(AGAIN)]
    done = {each.number: each for each in runner.do(_CONFIRMED, iter(enumerate(again)))}
    for place, (first, values) in enumerate(points):
        numbers = range(place * AGAIN, (place + 1) * AGAIN)
        mean = float(np.mean([_off(yardstick, done[number]) for number in numbers]))
        yield {"discrepancy": mean, "first": first, **values}


def _off(yardstick: Yardstick, done: Done) -> float:
    if done.found is None:
        return _WORST
    return float(yardstick.discrepancy(np.array(done.found)))
