"""Boxes: conditions on keys that hold together, as a rule that people can read.

A box is made by an algorithm from runs, but what it says is counted here, from the conditions as
they are written. So numbers may be rounded and conditions left out, and coverage and density are
still those of the rule that is shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.stored_runs import codes_of
from sim.scenario.changes import Kind

DIGITS: Final = 3
"""Digits of the range of a key that bounds are rounded to."""
MOST_STEPS: Final = 60
"""A key with more values than this is taken as continuous."""
_MOST_DIGITS: Final = 12
_EPOCH: Final = date(1970, 1, 1)

Floats = NDArray[np.float64]
Truths = NDArray[np.bool_]


class Input(NamedTuple):
    """A key and its value in every run."""

    key: str
    kind: Kind
    codes: Floats
    """(runs,) the values as numbers; see `codes_of`."""
    names: tuple[str, ...]
    """What the codes of a choice stand for."""

    @property
    def is_named(self) -> bool:
        """Whether the values have no order."""
        return self.kind in ("choice", "switch")

    @property
    def levels(self) -> Floats:
        """The different values, in their order."""
        return np.unique(self.codes)


class Condition(NamedTuple):
    """What a box asks of a key."""

    key: str
    kind: Kind
    low: float = -np.inf
    high: float = np.inf
    names: tuple[str, ...] = ()
    """The allowed values of a choice or switch."""
    codes: tuple[float, ...] = ()
    """The same as numbers."""

    def holds(self, codes: Floats) -> Truths:
        """Return where it holds."""
        if self.names:
            return np.isin(codes, self.codes)
        found: Truths = (codes >= self.low) & (codes <= self.high)
        return found

    @property
    def text(self) -> str:
        """The condition as people read it."""
        if self.kind == "switch":
            return f"{self.key} is {'on' if self.codes == (1.0,) else 'off'}"
        if self.names:
            return f"{self.key} is {' or '.join(self.names)}"
        if self.kind == "date":
            return self._bounded("from {} on", "until {}", "from {} to {}")
        return self._bounded("≥ {}", "≤ {}", "from {} to {}")

    def _bounded(self, above: str, below: str, between: str) -> str:
        low, high = (self._written(bound) for bound in (self.low, self.high))
        if np.isinf(self.high):
            return f"{self.key} {above.format(low)}"
        if np.isinf(self.low):
            return f"{self.key} {below.format(high)}"
        return f"{self.key} {between.format(low, high)}"

    def _written(self, bound: float) -> str:
        if np.isinf(bound):
            return ""
        if self.kind == "date":
            return (_EPOCH + timedelta(days=int(bound))).isoformat()
        # Adding nothing makes zero of minus zero.
        return f"{bound:.0f}" if self.kind == "whole" else f"{bound + 0.0:.10g}"


@dataclass(frozen=True)
class Box:
    """Conditions that hold together, and how they do on the runs they were made from.

    Attributes
    ----------
    conditions : tuple of Condition
        The conditions.
    density : float
        Share of yes among the runs inside (0-1).
    coverage : float
        Share of all runs with yes that lie inside (0-1).
    mass : float
        Share of all runs that lie inside (0-1).
    runs : int
        Runs inside.
    """

    conditions: tuple[Condition, ...]
    density: float
    coverage: float
    mass: float
    runs: int

    @property
    def rule(self) -> str:
        """The conditions as people read them."""
        return " and ".join(each.text for each in self.conditions) or "always"


def inputs_of(table: Any, kinds: Mapping[str, Kind]) -> tuple[Input, ...]:
    """Return the keys of runs.

    Parameters
    ----------
    table : polars.DataFrame
        A column for each key, a row for each run.
    kinds : mapping
        What each key takes.
    """
    found = []
    for key, kind in kinds.items():
        names = ("off", "on") if kind == "switch" else ()
        if kind == "choice":
            names = tuple(sorted(table[key].unique().to_list()))
        found.append(Input(key, kind, codes_of(table[key]), names))
    return tuple(found)


def inside(conditions: Sequence[Condition], inputs: Sequence[Input]) -> Truths:
    """Return which runs satisfy all conditions."""
    by_key = {each.key: each.codes for each in inputs}
    found = np.ones(inputs[0].codes.size, dtype=bool)
    for condition in conditions:
        found &= condition.holds(by_key[condition.key])
    return found


def counted_box(conditions: Sequence[Condition], inputs: Sequence[Input], answers: Floats) -> Box:
    """Return a box with what is counted inside it.

    Parameters
    ----------
    conditions : sequence of Condition
        The conditions.
    inputs : sequence of Input
        The keys of every run.
    answers : array (runs,)
        1 for yes, 0 for no.
    """
    where = inside(conditions, inputs)
    yes = float(answers[where].sum())
    runs = int(where.sum())
    density = yes / runs if runs else np.nan
    return Box(tuple(conditions), density, yes / float(answers.sum()), runs / answers.size, runs)


def bounded(key: Input, low: float, high: float) -> Condition | None:
    """Return the condition that a number or date lies between bounds, None if any does.

    Bounds between two values of a key that goes in steps are moved to the values. Bounds of numbers
    are rounded outwards; of keys with few values so little that no other value gets inside.
    """
    levels = key.levels
    has_steps = levels.size <= MOST_STEPS or key.kind in ("whole", "date")
    if has_steps:
        kept = levels[(levels >= low) & (levels <= high)]
        low, high = (kept[0], kept[-1]) if kept.size else (low, high)
    is_free = low <= levels[0], high >= levels[-1]
    if key.kind == "number":
        beyond = levels if has_steps else np.array([-np.inf, np.inf])
        low = -_rounded_up(-low, -beyond, levels)
        high = _rounded_up(high, beyond, levels)
    if all(is_free):
        return None
    ends = -np.inf if is_free[0] else float(low), np.inf if is_free[1] else float(high)
    return Condition(key.key, key.kind, *ends)


def _rounded_up(bound: float, beyond: Floats, levels: Floats) -> float:
    """Round a bound upwards to a few digits, but not as far as the next of some values."""
    next_value = beyond[beyond > bound].min(initial=np.inf)
    digits = DIGITS - 1 - int(np.floor(np.log10(np.ptp(levels))))
    for more in range(_MOST_DIGITS):
        step = 10.0 ** (digits + more)
        rounded = float(np.ceil(bound * step) / step)
        if rounded < next_value:
            return rounded
    return float(bound)


def among(key: Input, codes: Sequence[float]) -> Condition | None:
    """Return the condition that a choice or switch has one of some values, None if any has."""
    allowed = tuple(sorted(codes))
    if not allowed or len(allowed) >= key.levels.size:
        return None
    names = tuple(key.names[int(code)] for code in allowed)
    return Condition(key.key, key.kind, names=names, codes=allowed)


def pruned(box: Box, inputs: Sequence[Input], answers: Floats, threshold: float) -> Box:
    """Leave out conditions as long as the density stays what is asked for, or what it is.

    Parameters
    ----------
    box : Box
        The box.
    inputs, answers
        What it was made from.
    threshold : float
        Density that is asked for (0-1).
    """
    needed = min(threshold, box.density)
    while box.conditions:
        fewer = [
            counted_box([c for c in box.conditions if c is not left_out], inputs, answers)
            for left_out in box.conditions
        ]
        fewer = [each for each in fewer if each.density >= needed]
        if not fewer:
            break
        box = max(fewer, key=lambda each: (each.coverage, each.density))
    return box
