"""What is fitted: parameters of grade ``calibrated`` and what is believed of them before.

Every prior is uniform over the registry's plausible range, or uniform in the logarithm where the
range is positive and spans more than a factor of ten. Samplers see a parameter as a normal number:
the standard normal distribution function takes it to a place of the range, 0 to 1, so that no
proposal can leave the range.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

from sim.errors import ScenarioError
from sim.scenario.fields import listed, nearest
from sim.world.parameters import Parameter, registry

CALIBRATED: Final = "calibrated"
"""The grade of parameters that are fitted."""
LOG_SPAN: Final = 10.0
"""A positive range that spans a greater factor is uniform in the logarithm."""
EACH_GOOD: Final = "*"
"""Stands in a path for all goods whose value is calibrated and the same."""
_NORMAL: Final = NormalDist()
_EDGE: Final = 1e-12
_WHERE: Final = "calibrate"
_PREFIXES: Final = ("goods.", "platforms.", "geography.")


@dataclass(frozen=True)
class Prior:
    """A parameter, or several that are tied, and the range of what is believed.

    Attributes
    ----------
    path : str
        Its name, a key of scenarios, or one with ``*`` for the goods.
    keys : tuple of str
        Keys of scenarios that take its value.
    low, high : float
        The range.
    is_log : bool
        Whether ratios, not differences, are equally likely.
    value : float
        What the registry has now.
    unit : str
        The unit.
    """

    path: str
    keys: tuple[str, ...]
    low: float
    high: float
    is_log: bool
    value: float
    unit: str

    def at(self, normal: float) -> float:
        """Return the value for a normal number."""
        return self.at_place(_NORMAL.cdf(normal))

    def at_place(self, place: float) -> float:
        """Return the value at a place of the range, from 0 to 1."""
        if self.is_log:
            found = self.low * math.exp(place * math.log(self.high / self.low))
        else:
            found = self.low + place * (self.high - self.low)
        return min(max(found, self.low), self.high)

    def place(self, value: float) -> float:
        """Return the place of a value in the range, 0 to 1; the nearest end for one outside."""
        value = min(max(value, self.low), self.high)
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def normal(self, value: float) -> float:
        """Return the normal number for a value."""
        return _NORMAL.inv_cdf(min(max(self.place(value), _EDGE), 1.0 - _EDGE))

    @property
    def variance(self) -> float:
        """Variance of the place of the value in the range, before anything is known."""
        return 1.0 / 12.0


def priors_of(block: str, only: Sequence[str] = (), fix: Sequence[str] = ()) -> tuple[Prior, ...]:
    """Return what is fitted in a block.

    Parameters
    ----------
    block : str
        ``village``: behaviour and the markets of goods. ``region``: geography.
    only : sequence of str
        Nothing else is fitted, and these are even if they are of another grade.
    fix : sequence of str
        These are not fitted.

    Raises
    ------
    ScenarioError
        If a name is no parameter with a range, or nothing is left.
    """
    known = {prior.path: prior for prior in _all()}
    usual = {prior.path: prior for prior in _usual(block)}
    known |= usual
    wanted = [_find(name, known) for name in only] or list(usual.values())
    fixed = {_find(name, known).path for name in fix}
    found = {prior.path: prior for prior in wanted if prior.path not in fixed}
    if not found:
        raise ScenarioError(_WHERE, "fix", [*fix], "at least one parameter left to fit")
    return tuple(found.values())


def parameters_of(names: Sequence[str]) -> tuple[Prior, ...]:
    """Return parameters by their paths, in this order.

    Raises
    ------
    ScenarioError
        If a name is no parameter with a range.
    """
    known = {prior.path: prior for prior in _all()}
    return tuple(_find(name, known) for name in names)


def changes_of(priors: Iterable[Prior], values: Mapping[str, float]) -> dict[str, float]:
    """Return the changes of a scenario that give its parameters some values by path."""
    return {key: values[prior.path] for prior in priors for key in prior.keys}


def _usual(block: str) -> list[Prior]:
    fitted = [p for p in registry().values() if p.grade == CALIBRATED and p.low is not None]
    if block == "region":
        return [_prior(p) for p in fitted if p.name.startswith("geography.")]
    tied = _tied(fitted)
    keys = {key for prior in tied for key in prior.keys}
    alone = [p for p in fitted if not p.name.startswith("geography.") and p.name not in keys]
    return [*map(_prior, alone), *tied]


def _all() -> list[Prior]:
    numbers = [
        p
        for p in registry().values()
        if p.low is not None and p.high is not None and p.low < p.high
    ]
    return [_prior(p) for p in numbers] + _tied([p for p in numbers if p.grade == CALIBRATED])


def _tied(parameters: Iterable[Parameter]) -> list[Prior]:
    """Return one prior for each field of goods that all have the same value and range."""
    groups: dict[tuple[str, object, object, object], list[Parameter]] = {}
    for parameter in parameters:
        if parameter.name.startswith("goods."):
            field = parameter.name.split(".")[2]
            key = (field, parameter.value, parameter.low, parameter.high)
            groups.setdefault(key, []).append(parameter)
    return [
        _prior(group[0], f"goods.{EACH_GOOD}.{field}", tuple(p.name for p in group))
        for (field, *_), group in groups.items()
        if len(group) > 1
    ]


def _prior(parameter: Parameter, path: str = "", keys: tuple[str, ...] = ()) -> Prior:
    low, high = float(parameter.low or 0.0), float(parameter.high or 0.0)
    name = parameter.name
    if not name.startswith(_PREFIXES):
        name = f"behaviour.{name}"
    return Prior(
        path or name,
        keys or (name,),
        low,
        high,
        low > 0 and high / low > LOG_SPAN,
        float(parameter.value),  # type: ignore[arg-type]  # it has a range, so it is a number
        parameter.unit,
    )


def _find(name: str, known: Mapping[str, Prior]) -> Prior:
    for path in (name, f"behaviour.{name}"):
        if path in known:
            return known[path]
    allowed = f"a parameter with a plausible range: {listed(sorted(known))}"
    names = [*known, *(path.removeprefix("behaviour.") for path in known)]
    raise ScenarioError(_WHERE, "parameter", name, allowed, nearest(name, names))
