"""What a calibration leaves behind: posterior, summary, fit, recovery, as small tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError
from sim.experiments.calibrate.discrepancy import Yardstick
from sim.experiments.calibrate.population import Population
from sim.experiments.calibrate.priors import Prior
from sim.experiments.posterior import WEIGHT

IDENTIFIED: Final = "identified"
WEAKLY: Final = "weakly"
NOT_INFORMED: Final = "not informed"
CONTRACTION_IDENTIFIED: Final = 0.5
"""A parameter is identified if its variance has fallen by this share at least."""
CONTRACTION_WEAKLY: Final = 0.15
"""Below, the data say too little to speak of."""
_CHANCE: Final = 0.8
"""Variance of the variance of draws from a uniform distribution, relative, times the draws."""

Floats = NDArray[np.float64]
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Calibration:
    """What a calibration has found.

    Attributes
    ----------
    block : str
        The block.
    method : str
        ``replenish``, ``sequence``, ``table`` or ``search``.
    tables : mapping
        Polars data frames by name: ``posterior``, ``summary``, ``fit``; ``recovery`` and
        ``search`` where they were asked for.
    about : mapping
        Provenance.
    folder : Path
        Where all of it is.
    """

    block: str
    method: str
    tables: Mapping[str, Any]
    about: Mapping[str, Any]
    folder: Path


def posterior_rows(priors: Sequence[Prior], found: Population) -> Rows:
    """Return the posterior: a weight and a value for each parameter in every row."""
    values = values_of(priors, found.normals)
    return [
        {WEIGHT: float(weight)}
        | {prior.path: float(v) for prior, v in zip(priors, row, strict=True)}
        for weight, row in zip(found.weights, values, strict=True)
    ]


def summary_rows(priors: Sequence[Prior], found: Population) -> Rows:
    """Return for each parameter what was believed before and what is after."""
    values = values_of(priors, found.normals)
    central = values[_medoid(found)]
    rows = []
    for place, prior in enumerate(priors):
        own, weights = values[:, place], found.weights
        mean = float(weights @ own)
        low, middle, high = (quantile(own, weights, share) for share in (0.05, 0.5, 0.95))
        contraction = contraction_of(prior, own, weights)
        rows.append(
            {
                "parameter": prior.path,
                "unit": prior.unit,
                "low": prior.low,
                "high": prior.high,
                "prior": "loguniform" if prior.is_log else "uniform",
                "registry": prior.value,
                "mean": mean,
                "sd": float(np.sqrt(weights @ (own - mean) ** 2)),
                "q05": low,
                "q50": middle,
                "q95": high,
                "central": float(central[place]),
                "contraction": contraction,
                "verdict": verdict_of(contraction, found.worth),
            }
        )
    return rows


def fit_rows(yardstick: Yardstick, values: Floats, weights_of_runs: Floats) -> Rows:
    """Return for each target what was published, and what runs of the posterior have.

    Parameters
    ----------
    yardstick : Yardstick
        The targets.
    values : array (runs, targets)
        What runs gave.
    weights_of_runs : array (runs,)
        Weights, adding up to one.
    """
    rows = []
    for place, target in enumerate(yardstick.targets):
        own = values[:, place]
        known = np.isfinite(own)
        weights = np.where(known, weights_of_runs, 0.0)
        has_any = weights.sum() > 0
        weights = weights / weights.sum() if has_any else weights
        low, middle, high = (
            quantile(own[known], weights[known], share) if has_any else None
            for share in (0.05, 0.5, 0.95)
        )
        rows.append(
            {
                "target": target.key,
                "group": target.group,
                "place": target.place,
                "measure": target.measure,
                "year": target.year,
                "unit": target.unit,
                "published": target.published,
                "low": target.band[0],
                "high": target.band[1],
                "luck_sd": float(yardstick.luck[place]),
                "q05": low,
                "q50": middle,
                "q95": high,
                "z": None if middle is None else target.z(middle),
                "is_within": None
                if low is None or high is None
                else low <= target.band[1] and high >= target.band[0],
            }
        )
    return rows


def write_tables(folder: Path, tables: Mapping[str, Rows]) -> dict[str, Any]:
    """Write tables as CSV files named after them; return them as data frames.

    Raises
    ------
    RunError
        If the folder cannot be written.
    """
    import polars as pl

    made = {name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in tables.items()}
    try:
        for name, table in made.items():
            table.write_csv(folder / f"{name}.csv", float_precision=None)
    except OSError as error:
        raise RunError(f"{folder}: cannot be written ({error.strerror or error})") from error
    return made


def values_of(priors: Sequence[Prior], normals: Floats) -> Floats:
    """Return the values of parameters, (draws, parameters), from their normal numbers."""
    found: Floats = np.array(
        [[prior.at(float(x)) for prior, x in zip(priors, row, strict=True)] for row in normals]
    )
    return found.reshape(len(normals), len(priors))


def contraction_of(prior: Prior, values: Floats, weights: Floats) -> float:
    """Return by which share the variance of a parameter's place in its range has fallen."""
    places = np.array([prior.place(float(value)) for value in values])
    variance = float(weights @ (places - weights @ places) ** 2)
    return 1.0 - variance / prior.variance


def verdict_of(contraction: float, size: float) -> str:
    """Say whether the data tell anything of a parameter.

    Parameters
    ----------
    contraction : float
        Share by which its variance has fallen.
    size : float
        Draws that the weighted sample is worth; of few, a variance falls by chance.
    """
    chance = 2.0 * float(np.sqrt(_CHANCE / size))
    if contraction >= max(CONTRACTION_IDENTIFIED, chance):
        return IDENTIFIED
    return WEAKLY if contraction >= max(CONTRACTION_WEAKLY, chance) else NOT_INFORMED


def quantile(values: Floats, weights: Floats, share: float) -> float:
    """Return a quantile of a weighted sample: the first value with so much weight up to it."""
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order])
    place = int(np.searchsorted(below, share * below[-1] * (1.0 - 1e-12)))
    return float(values[order[min(place, len(order) - 1)]])


def equal_draws(weights: Floats, count: int, start: float) -> NDArray[np.int64]:
    """Return places of so many draws with equal weight, each as often as its weight asks for.

    Parameters
    ----------
    weights : array (draws,)
        Weights, adding up to one.
    count : int
        Draws wanted.
    start : float
        A number from 0 to 1: where the comb that picks them begins.
    """
    below = np.cumsum(weights)
    teeth = (np.arange(count) + start) / count * below[-1]
    places: NDArray[np.int64] = np.searchsorted(below, teeth).astype(np.int64)
    return np.minimum(places, len(weights) - 1)


def _medoid(found: Population) -> int:
    """Return the draw that is nearest to the mean: values that go together."""
    off = found.normals - found.weights @ found.normals
    return int(np.argmin((off**2).sum(axis=1)))
