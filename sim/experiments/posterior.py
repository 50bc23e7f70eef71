"""Draws of the posterior that is shipped, or of any calibration, as changes of scenarios."""

import csv
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import DataError, ScenarioError
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.priors import parameters_of
from sim.world.parameters import DATA_FOLDER

POSTERIOR_FILE: Final = DATA_FOLDER / "posterior" / "draws.csv"
PROVENANCE_NAME: Final = "provenance.json"
"""Beside a file of draws: what they were fitted to, and by which program."""
WEIGHT: Final = "weight"
SHIPPED_DRAWS: Final = 200
"""Draws of equal weight in a file that is shipped."""
_STAGE: Final = "draws"


def draws(count: int, seed: int = 0) -> list[dict[str, float]]:
    """Return draws of the shipped posterior.

    Parameters
    ----------
    count : int
        How many; draws come again where more are wanted than there are.
    seed : int
        Seed of the choice.

    Returns
    -------
    list of dict
        Values by key of a scenario, as `sim.scenario.with_changes` takes them; `as_overrides` makes
        the words of ``--set`` of one.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    return draws_in(POSTERIOR_FILE, count, seed)


def draws_in(path: Path, count: int, seed: int = 0) -> list[dict[str, float]]:
    """Return draws of a file such as ``posterior.csv`` of a calibration.

    Parameters
    ----------
    path : Path
        A CSV file with a column ``weight`` and one for each parameter.
    count : int
        How many.
    seed : int
        Seed of the choice.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    rows = read_posterior(path)
    weights = np.cumsum([row[WEIGHT] for row in rows])
    try:
        priors = parameters_of([name for name in rows[0] if name != WEIGHT])
    except ScenarioError as error:
        raise DataError(f"{path}: {error}") from error
    found = []
    for number in range(count):
        # One draw in each part of equal weight, in an order of its own.
        place = (number + uniform(seed, f"{_STAGE} {count}", number)) / count
        row = rows[int(np.searchsorted(weights, min(place, 1.0 - 1e-12) * weights[-1]))]
        found.append({key: row[prior.path] for prior in priors for key in prior.keys})
    order = np.argsort([uniform(seed, f"{_STAGE} order {count}", n) for n in range(count)])
    return [found[place] for place in order]


def as_overrides(draw: Mapping[str, float]) -> list[str]:
    """Return a draw as ``key=value`` words."""
    return [f"{key}={value!r}" for key, value in draw.items()]


def read_posterior(path: Path) -> list[dict[str, float]]:
    """Read a posterior: a weight and a value for each parameter in every row.

    Raises
    ------
    DataError
        If the file is missing or damaged.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}; allowed: a CSV file of draws") from error
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: {error}; allowed: numbers alone below the names") from error
    if not rows or WEIGHT not in rows[0] or not sum(row[WEIGHT] for row in rows) > 0:
        raise DataError(f"{path}: allowed: a column {WEIGHT!r} with something above 0 in it")
    if not all(isfinite(value) for row in rows for value in row.values()):
        raise DataError(f"{path}: allowed: finite numbers in every column")
    if min(row[WEIGHT] for row in rows) < 0:
        raise DataError(f"{path}: {WEIGHT} below 0; allowed: 0 or more")
    return rows
