"""Designs: which points of an experiment are run. No model code, no files but a table of points.

A design is a table with a column for each key that is varied and a row for each point, and the
words that say how it came about. The same words give the same points, on any machine with the same
version of SciPy.

Interface
---------
`make_design`
    From a scenario, what is varied, and the name of a design or a file with points.
`design_of_points`
    From points that an analysis has chosen itself, such as a Saltelli design.
`design_of_numbers`
    The same for an experiment that is no scenario.
`factors_of`, `design_of_factors`
    What is varied, and a design of values that come from it.
`Design.values(first, count)`
    The points as dictionaries of values by key: the changes that `sim.scenario.with_changes` takes.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any, Final

from sim.errors import ScenarioError
from sim.experiments.extras import need
from sim.experiments.factors import Factor, make_factor, read_factor, value_of
from sim.scenario import Scenario, find_key
from sim.scenario.changes import Kind, Value
from sim.scenario.fields import listed, nearest

NAMES: Final = ("grid", "lhs", "sobol")
"""Designs by name: all combinations, Latin hypercube, scrambled Sobol sequence."""
DEFAULT_SAMPLES: Final = 128
"""Points of a design that has no number of its own."""
MOST_POINTS: Final = 10_000_000

_SEED_LIMIT: Final = 2**63
_ARROW_TYPES: Final = {
    "number": "float64",
    "whole": "int64",
    "date": "date32",
    "switch": "bool_",
    "choice": "string",
}

Vary = Sequence[str] | Mapping[str, str | Sequence[Any] | None]
"""What is varied: ``key=SPEC`` texts, or SPECs or values by key, None for the plausible range."""


@dataclass(frozen=True)
class Design:
    """Points to run.

    Attributes
    ----------
    name : str
        How the points were chosen.
    kinds : mapping
        What each key takes, in the order of columns.
    points : pyarrow.Table
        A row for each point, a column for each key; lists are written as JSON.
    about : mapping
        How the points came about, as far as it is known, for the manifest.
    """

    name: str
    kinds: Mapping[str, Kind]
    points: Any
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of points."""
        return int(self.points.num_rows)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are varied."""
        return tuple(self.kinds)

    def values(self, first: int = 0, count: int | None = None) -> list[dict[str, Value]]:
        """Return the values of some points by key.

        Parameters
        ----------
        first : int
            Number of the first point, from 0.
        count : int, optional
            How many; all to the end if not given.
        """
        rows: list[dict[str, Value]] = self.points.slice(first, count).to_pylist()
        choices = [key for key, kind in self.kinds.items() if kind == "choice"]
        for row in rows:
            row.update({key: _from_cell(row[key]) for key in choices})
        return rows

    def digest(self) -> str:
        """Return the SHA-256 of the points, in hexadecimal."""
        made = hashlib.sha256()
        for key, kind in self.kinds.items():
            made.update(f"{key}\n{kind}\n".encode())
            for value in self.points.column(key).to_pylist():
                made.update(f"{value!r}\n".encode())
        return made.hexdigest()


def make_design(
    scenario: Scenario,
    vary: Vary,
    name: str | Path | None = None,
    samples: int | None = None,
    seed: int = 0,
) -> Design:
    """Choose the points to run.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    vary : sequence of str, or mapping
        Keys and their values; see sim.experiments.factors.
    name : str or Path, optional
        ``grid``, ``lhs`` or ``sobol``, or a CSV or Parquet file with a column for each key and a
        row for each point. If not given, a grid where every key has values that can be counted by
        a step or a list, else a Latin hypercube.
    samples : int, optional
        Number of points; of a grid, so many chosen at random. All of a grid, 128 of others if not
        given.
    seed : int
        Seed of the design.

    Raises
    ------
    ScenarioError
        If a key, its values, or the number of samples is not possible.
    """
    if name is not None and str(name) not in NAMES:
        return _from_file(scenario, vary, Path(name), samples)
    if not vary:
        raise ScenarioError("vary", allowed="at least one key to vary")
    if not 0 <= seed < _SEED_LIMIT:
        raise ScenarioError("design seed", "", seed, "a whole number from 0 to 2**63 - 1")
    if samples is not None and not 1 <= samples <= MOST_POINTS:
        raise ScenarioError("samples", "", samples, f"a whole number from 1 to {MOST_POINTS:,}")
    factors = factors_of(scenario, vary)
    if name is None:
        name = "lhs" if any(factor.levels is None for factor in factors) else "grid"
    if name == "grid":
        return _grid(factors, samples, seed)
    return _sampled(str(name), factors, samples or DEFAULT_SAMPLES, seed)


def design_of_points(
    scenario: Scenario,
    points: Iterable[Mapping[str, Any]],
    name: str = "points",
    about: Mapping[str, Any] | None = None,
) -> Design:
    """Make a design of points that were chosen elsewhere.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    points : iterable of mapping
        Values by key, the same keys for each point.
    name : str
        How they were chosen.
    about : mapping, optional
        More about that, for the manifest.

    Raises
    ------
    ScenarioError
        If a key cannot be varied, or a value is not one that it takes.
    """
    rows = list(points)
    if not rows:
        raise ScenarioError(name, allowed="at least one point")
    columns: dict[str, list[Any]] = {key: [] for key in rows[0]}
    for number, row in enumerate(rows):
        if row.keys() != columns.keys():
            raise ScenarioError(f"{name}: point {number}", allowed=f"keys {listed(columns)}")
        for key, value in row.items():
            columns[key].append(value)
    return _design(scenario, name, columns, len(rows), about or {})


def design_of_numbers(columns: Mapping[str, Sequence[float]], name: str = "points") -> Design:
    """Make a design of plain numbers, for an experiment that is no scenario.

    Parameters
    ----------
    columns : mapping
        A number for each point, by name of the input.
    name : str
        How they were chosen.
    """
    kinds: dict[str, Kind] = dict.fromkeys(columns, "number")
    numbers = {key: [float(value) for value in values] for key, values in columns.items()}
    count = len(next(iter(numbers.values()), ()))
    return Design(name, kinds, _table(numbers, kinds, count))


def factors_of(scenario: Scenario, vary: Vary) -> tuple[Factor, ...]:
    """Return the keys that are varied and their values.

    Raises
    ------
    ScenarioError
        If a key or its values are not possible, or a key is there twice.
    """
    if isinstance(vary, Mapping):
        factors = [make_factor(scenario, key, values) for key, values in vary.items()]
    else:
        factors = [read_factor(scenario, text) for text in vary]
    for place, factor in enumerate(factors):
        if factor.key in (other.key for other in factors[:place]):
            raise ScenarioError("vary", factor.key, allowed="each key once")
    return tuple(factors)


def _grid(factors: tuple[Factor, ...], samples: int | None, seed: int) -> Design:
    import numpy as np

    for factor in factors:
        if factor.levels is None:
            allowed = f"a range with a step or a list in a grid, such as {factor.key}=LOW:HIGH:STEP"
            raise ScenarioError("vary", factor.key, factor.spec, allowed)
    shape = [len(factor.levels or ()) for factor in factors]
    size = prod(shape)
    if size > MOST_POINTS:
        raise ScenarioError("design", "grid", f"{size:,} points", f"at most {MOST_POINTS:,}")
    if samples is not None and samples > size:
        raise ScenarioError("samples", "", samples, f"at most {size:,}, the points of the grid")
    chosen = np.arange(size) if samples in (None, size) else _some(size, samples or 0, seed)
    places = np.unravel_index(chosen, shape)
    columns: dict[str, list[Value]] = {
        factor.key: [factor.levels[place] for place in along.tolist()]  # type: ignore[index]
        for factor, along in zip(factors, places, strict=True)
    }
    drawn = {} if samples is None else {"samples": samples, "design_seed": seed}
    return design_of_factors("grid", factors, columns, drawn)


def _some(size: int, samples: int, seed: int) -> Any:
    """Choose some of a grid's points: those that come first in a random order."""
    import numpy as np

    qmc = need("scipy.stats.qmc", "experiments")
    order = np.argsort(qmc.LatinHypercube(1, rng=seed).random(size)[:, 0])
    return np.sort(order[:samples])


def _sampled(name: str, factors: tuple[Factor, ...], samples: int, seed: int) -> Design:
    qmc = need("scipy.stats.qmc", "experiments")
    if name == "sobol":
        if samples & (samples - 1):
            near = 2 ** (samples.bit_length() - 1)
            allowed = f"a power of two in a Sobol design, such as {near} or {2 * near}"
            raise ScenarioError("samples", "", samples, allowed)
        places = qmc.Sobol(len(factors), rng=seed).random_base2(samples.bit_length() - 1)
    else:
        places = qmc.LatinHypercube(len(factors), rng=seed).random(samples)
    columns = {factor.key: factor.values_at(places[:, i]) for i, factor in enumerate(factors)}
    return design_of_factors(name, factors, columns, {"samples": samples, "design_seed": seed})


def design_of_factors(
    name: str,
    factors: Sequence[Factor],
    columns: Mapping[str, list[Value]],
    about: Mapping[str, Any],
) -> Design:
    """Make a design of values that come from factors, and so are possible ones.

    Parameters
    ----------
    name : str
        How the points were chosen.
    factors : sequence of Factor
        What is varied.
    columns : mapping
        A value for each point, by key.
    about : mapping
        More about the choice, for the manifest.
    """
    kinds = {factor.key: factor.kind for factor in factors}
    specs = {factor.key: factor.spec for factor in factors}
    count = len(next(iter(columns.values())))
    return Design(name, kinds, _table(columns, kinds, count), {"vary": specs, **about})


def _design(
    scenario: Scenario,
    name: str,
    columns: Mapping[str, list[Any]],
    count: int,
    about: Mapping[str, Any],
) -> Design:
    checked: dict[str, list[Value]] = {}
    kinds: dict[str, Kind] = {}
    for text, given in columns.items():
        key = find_key(scenario, text)
        if key.name in checked or key.name == "seed":
            allowed = "each key once, and no seed: replicates give each run its own"
            raise ScenarioError(name, key.name, allowed=allowed)
        kinds[key.name] = key.kind
        checked[key.name] = [value_of(key, value) for value in given]
    return Design(name, kinds, _table(checked, kinds, count), about)


def _table(columns: Mapping[str, list[Any]], kinds: Mapping[str, Kind], count: int) -> Any:
    import pyarrow as pa

    # A table without columns would have no rows.
    arrays = {"": pa.nulls(count)}
    for key, kind in kinds.items():
        values = [_cell(value) for value in columns[key]] if kind == "choice" else columns[key]
        arrays[key] = pa.array(values, arrow_type(kind))
    return pa.table(arrays).select(list(kinds))


def arrow_type(kind: Kind) -> Any:
    """Return the Arrow type of the column of a key."""
    import pyarrow as pa

    return getattr(pa, _ARROW_TYPES[kind])()


def _cell(value: Value) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def _from_cell(text: Any) -> Any:
    return json.loads(text) if text.startswith("[") else text


def _from_file(scenario: Scenario, vary: Vary, path: Path, samples: int | None) -> Design:
    from sim.experiments.points_file import read_points

    if not path.suffix:
        names = [*NAMES]
        allowed = f"{listed(names)}, or a CSV or Parquet file with points"
        raise ScenarioError("design", "", str(path), allowed, nearest(str(path), names))
    if vary:
        raise ScenarioError("vary", allowed=f"nothing, for {path} has the values of its keys")
    if samples is not None:
        raise ScenarioError("samples", "", samples, f"nothing, for {path} has its points")
    columns = read_points(scenario, path)
    count = len(next(iter(columns.values())))
    return _design(scenario, "file", columns, count, {"file": path.name})
