"""Curves that a sceptic would draw through a published series, and go on with.

Bass, Gompertz and logistic curves are fitted by least squares to the levels of the given years,
from a fixed set of starts within fixed bounds, so the same years always give the same curve. The
straight line goes on with the last rise: it runs through the last two years. Through a series that
bends upwards, a line fitted to all years would fall short at once; this one is harder to beat.

No curve has an interval. A series of three to six years leaves a curve of three parameters next to
no residuals, and an interval made of these would claim far more than is known.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.extras import need
from sim.scenario.fields import listed, nearest

Floats = NDArray[np.float64]

HIGHEST_CEILING: Final = 100.0
"""The level that a curve ends at is at most so many times the last one."""
_CEILINGS: Final = (1.2, 2.0, 5.0, 20.0)
_EXACT: Final = 1e-12


class _Range(NamedTuple):
    """A positive parameter: its bounds, and where the search for it begins."""

    name: str
    low: float
    high: float
    starts: tuple[float, ...]


class _Form(NamedTuple):
    """A kind of curve: its shape, with a ceiling of 1, and the parameters besides the ceiling."""

    shape: Callable[[Floats, float, float], Floats]
    ranges: tuple[_Range, _Range]


def _bass(years: Floats, innovation: float, imitation: float) -> Floats:
    """Share of those who will adopt that have by then; nobody a year before the first one."""
    left = np.exp(-(innovation + imitation) * (years + 1.0))
    return np.asarray((1.0 - left) / (1.0 + imitation / innovation * left))


def _gompertz(years: Floats, depth: float, rate_per_year: float) -> Floats:
    return np.asarray(np.exp(-depth * np.exp(-rate_per_year * years)))


def _logistic(years: Floats, odds_against: float, rate_per_year: float) -> Floats:
    return np.asarray(1.0 / (1.0 + odds_against * np.exp(-rate_per_year * years)))


_FORMS: Final[dict[str, _Form]] = {
    "bass": _Form(
        _bass,
        (
            _Range("innovation", 1e-7, 1.0, (1e-3, 1e-2, 5e-2)),
            _Range("imitation", 1e-4, 5.0, (0.2, 0.5, 1.0)),
        ),
    ),
    "gompertz": _Form(
        _gompertz,
        (
            _Range("depth", 1e-2, 1e4, (2.0, 5.0, 20.0)),
            _Range("rate_per_year", 1e-2, 5.0, (0.1, 0.3, 0.8)),
        ),
    ),
    "logistic": _Form(
        _logistic,
        (
            _Range("odds_against", 1e-2, 1e8, (5.0, 50.0, 500.0)),
            _Range("rate_per_year", 1e-2, 5.0, (0.3, 0.8, 1.5)),
        ),
    ),
}
LINE: Final = "line"
CURVES: Final[tuple[str, ...]] = (*_FORMS, LINE)
"""Names of the curves."""
FEWEST_YEARS: Final[dict[str, int]] = {**dict.fromkeys(_FORMS, 3), LINE: 2}
"""Years that each curve needs."""


@dataclass(frozen=True)
class SimpleCurve:
    """A curve that was fitted.

    Attributes
    ----------
    name : str
        One of `CURVES`.
    first_year : int
        The first year that it was fitted to.
    parameters : mapping
        Its parameters by name. Years count from the first year.
    """

    name: str
    first_year: int
    parameters: Mapping[str, float]

    def at(self, year: float) -> float:
        """Return the level in a year."""
        years = np.array([float(year) - self.first_year])
        ceiling, *rest = self.parameters.values()
        if self.name == LINE:
            return float(ceiling + rest[0] * years[0])
        return float(ceiling * _FORMS[self.name].shape(years, *rest)[0])


def fit_curve(name: str, levels: Mapping[int, float]) -> SimpleCurve:
    """Fit a curve to the levels of some years.

    Parameters
    ----------
    name : str
        One of `CURVES`.
    levels : mapping
        Level by year, such as the number of villages on each list.

    Raises
    ------
    ScenarioError
        If there is no such curve, too few years, or a level that is no number above zero.
    RunError
        If SciPy is not installed.
    """
    if name not in CURVES:
        raise ScenarioError("curve", "name", name, listed(CURVES), nearest(name, CURVES))
    years = sorted(levels)
    values = np.array([float(levels[year]) for year in years])
    if len(years) < FEWEST_YEARS[name]:
        allowed = f"at least {FEWEST_YEARS[name]} years for this curve"
        raise ScenarioError("curve", name, len(years), allowed)
    for year, value in zip(years, values, strict=True):
        if not math.isfinite(value) or value <= 0:
            raise ScenarioError("curve", f"{name}.{year}", float(value), "a number above 0")
    since = np.array([float(year - years[0]) for year in years])
    if name == LINE:
        rise = (values[-1] - values[-2]) / (since[-1] - since[-2])
        start = values[-1] - rise * since[-1]
        return SimpleCurve(name, years[0], {"start": float(start), "rise_per_year": float(rise)})
    return SimpleCurve(name, years[0], _fitted(_FORMS[name], since, values))


def _fitted(form: _Form, years: Floats, levels: Floats) -> dict[str, float]:
    """Return the parameters with the least squares, of the best of all starts."""
    least_squares = need("scipy.optimize", "experiments").least_squares
    top = float(levels.max())
    first, second = form.ranges
    low = np.log([0.5 * top, first.low, second.low])
    high = np.log([HIGHEST_CEILING * top, first.high, second.high])

    def misses(logs: Floats) -> Floats:
        ceiling, *rest = np.exp(logs)
        return np.asarray((ceiling * form.shape(years, *rest) - levels) / top)

    best: Any = None
    for start in product(_CEILINGS, first.starts, second.starts):
        begin = np.log([start[0] * top, *start[1:]])
        found = least_squares(
            misses, begin, bounds=(low, high), xtol=_EXACT, ftol=_EXACT, gtol=_EXACT
        )
        if best is None or found.cost < best.cost:
            best = found
    names = ("ceiling", first.name, second.name)
    numbers = np.exp(best.x)
    return dict(zip(names, map(float, numbers), strict=True))
