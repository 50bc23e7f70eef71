"""Draws of the posterior that is shipped, or of any calibration, as changes of scenarios."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from sim.errors import DataError, ScenarioError
from sim.experiments.calibrate.luck import uniform
from sim.experiments.calibrate.priors import priors_of
from sim.experiments.targets import BLOCKS
from sim.scenario.fields import listed, nearest
from sim.world.parameters import DATA_FOLDER

POSTERIOR_FOLDER: Final = DATA_FOLDER / "posterior"
WEIGHT: Final = "weight"
SHIPPED_DRAWS: Final = 200
"""Draws of equal weight in a file that is shipped."""
_STAGE: Final = "draws"


def draws(block: str, count: int, seed: int = 0) -> list[dict[str, float]]:
    """Return draws of the shipped posterior of a block.

    Parameters
    ----------
    block : str
        ``village`` or ``region``.
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
    ScenarioError
        If there is no such block.
    DataError
        If its file is missing or damaged.
    """
    if block not in BLOCKS:
        raise ScenarioError("posterior", "block", block, listed(BLOCKS), nearest(block, BLOCKS))
    return draws_in(POSTERIOR_FOLDER / f"{block}.csv", block, count, seed)


def draws_in(path: Path, block: str, count: int, seed: int = 0) -> list[dict[str, float]]:
    """Return draws of a file such as ``posterior.csv`` of a calibration.

    Parameters
    ----------
    path : Path
        A CSV file with a column ``weight`` and one for each parameter.
    block : str
        The block that it is of.
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
    keys = _keys(path, [name for name in rows[0] if name != WEIGHT], block)
    found = []
    for number in range(count):
        # One draw in each part of equal weight, in an order of its own.
        place = (number + uniform(seed, f"{_STAGE} {count}", number)) / count
        row = rows[int(np.searchsorted(weights, min(place, 1.0 - 1e-12) * weights[-1]))]
        found.append({key: row[path] for path, of in keys.items() for key in of})
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
    except (OSError, TypeError, ValueError) as error:
        raise DataError(f"{path}: {error}") from error
    if not rows or WEIGHT not in rows[0] or not sum(row[WEIGHT] for row in rows) > 0:
        raise DataError(f"{path}: allowed: a column {WEIGHT!r} with something above 0 in it")
    if min(row[WEIGHT] for row in rows) < 0:
        raise DataError(f"{path}: {WEIGHT} below 0; allowed: 0 or more")
    return rows


def _keys(path: Path, names: Sequence[str], block: str) -> dict[str, tuple[str, ...]]:
    """Return the keys of a scenario that each column stands for."""
    try:
        return {prior.path: prior.keys for prior in priors_of(block, names)}
    except ScenarioError as error:
        raise DataError(f"{path}: {error}") from error
