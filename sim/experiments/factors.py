"""What is varied in an experiment: a key of the scenario and the values that it takes.

A value range is written as a SPEC:

``2013:2020``
    From the first to the last: every whole number or day, or any number in between.
``0.1:0.5:0.1``, ``2013-01-01:2016-01-01:6m``
    With a step. Steps of dates are days, or months (``6m``) or years (``1y``).
``[a,b,c]``
    One of these.
``uniform(a,b)``, ``loguniform(a,b)``
    Anything from the first to the last, each as likely as the other; or each ratio.
nothing
    The plausible range that the registry of parameters states; both settings of a switch.
"""

import math
import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from sim.errors import ScenarioError
from sim.scenario import Key, Scenario, find_key
from sim.scenario.changes import Kind, Value
from sim.scenario.fields import dotted, listed, nearest
from sim.scenario.merging import split_change, value_from_text

WHERE: Final = "vary"
"""Stands in messages for the place of what is wrong."""
MOST_LEVELS: Final = 1_000_000
_WHOLE_LIMIT: Final = 2**63

_SEED_KEY: Final = "seed"
_CALL: Final = re.compile(r"(uniform|loguniform)\(([^,()]+),([^,()]+)\)")
_RANGE: Final = re.compile(r"([^:\[\]]+):([^:\[\]]+)(?::([^:\[\]]+))?")
_LIST_ITEM: Final = re.compile(r"""\s*("[^"]*"|'[^']*'|\[[^\[\]]*\]|[^,"'\[\]]*)\s*(?:,|$)""")
_DATE_STEP: Final = re.compile(r"(\d+)\s*([dmy]?)")
_NUMBER_FORMS: Final = "LOW:HIGH, LOW:HIGH:STEP, [a,b,c], uniform(LOW,HIGH), loguniform(LOW,HIGH)"
_FORMS: Final = {
    "number": _NUMBER_FORMS,
    "whole": _NUMBER_FORMS,
    "date": "FIRST:LAST, FIRST:LAST:STEP, [a,b,c] or uniform(FIRST,LAST)",
    "choice": "a list such as [a,b,c]",
    "switch": "[true,false]",
}
_VALUES: Final = {
    "number": "a number",
    "whole": "a whole number",
    "date": "a date such as 2017-03-01",
    "choice": "a text or a list of texts",
    "switch": "true or false",
}


@dataclass(frozen=True)
class Factor:
    """A key and the values that it takes in an experiment.

    Attributes
    ----------
    key : str
        The key, a dotted path.
    kind : str
        ``number``, ``whole``, ``date``, ``choice`` or ``switch``.
    spec : str
        How the values were given.
    levels : sequence, optional
        The values, where they can be counted; then `low` and `high` mean nothing.
    low, high : float
        Bounds of what cannot be counted.
    logarithmic : bool
        Whether equal ratios are equally likely, rather than equal differences.
    """

    key: str
    kind: Kind
    spec: str
    levels: Sequence[Value] | None = None
    low: float = 0.0
    high: float = 0.0
    logarithmic: bool = False

    def values_at(self, places: Any) -> list[Value]:
        """Return the values at places in the range.

        Parameters
        ----------
        places : array of float (points,)
            Places from 0 to 1, 1 left out; each level has an equal part of that.
        """
        import numpy as np

        if self.levels is not None:
            count = len(self.levels)
            numbers = np.minimum((np.asarray(places) * count).astype(np.int64), count - 1)
            return [self.levels[number] for number in numbers.tolist()]
        if self.logarithmic:
            # Not by NumPy, whose last digits depend on the processor.
            low, width = math.log(self.low), math.log(self.high) - math.log(self.low)
            found = [math.exp(low + place * width) for place in places.tolist()]
        else:
            found = (self.low + places * (self.high - self.low)).tolist()
        inside = (min(max(value, self.low), self.high) for value in found)
        return [round(value) if self.kind == "whole" else value for value in inside]


def read_factor(scenario: Scenario, text: str) -> Factor:
    """Read ``key.path=SPEC``, or ``key.path`` alone for its plausible range.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    text : str
        Key and values.

    Raises
    ------
    ScenarioError
        If the key cannot be varied, or the values are not possible ones.
    """
    path, rest = split_change(f"{text}=", f"{WHERE} {text}")
    return make_factor(scenario, dotted(path), rest[:-1] if rest else None)


def make_factor(scenario: Scenario, key: str, values: str | Sequence[Any] | None) -> Factor:
    """Return what a key and its values mean.

    Parameters
    ----------
    scenario : Scenario
        What is varied.
    key : str
        The key.
    values : str, sequence or None
        A SPEC, the values themselves, or None for the plausible range.

    Raises
    ------
    ScenarioError
        If the key cannot be varied, or the values are not possible ones.
    """
    found = find_key(scenario, key)
    if found.name == _SEED_KEY:
        raise ScenarioError(WHERE, found.name, allowed="replicates, which give each run its seed")
    if values is None:
        return _plausible(found)
    if not isinstance(values, str):
        return _listed(found, list(values), "")
    text = values.strip()
    if text.startswith("[") and text.endswith("]"):
        return _listed(found, [_item(found, item) for item in _items(found, text)], text)
    if found.kind in ("choice", "switch"):
        raise _refused(found, text)
    if match := _CALL.fullmatch(text):
        return _drawn(found, match[1], match[2], match[3])
    if match := _RANGE.fullmatch(text):
        return _spanned(found, match[1], match[2], match[3], text)
    raise _refused(found, text)


def value_of(key: Key, given: object) -> Value:
    """Return a value as its key takes it.

    Raises
    ------
    ScenarioError
        If it is not one that the key takes.
    """
    value = _converted(key.kind, given)
    if value is None:
        raise _refused(key, given, _VALUES[key.kind])
    if key.choices and value not in key.choices:
        names = [str(choice) for choice in key.choices]
        allowed = f"one of {listed(names)}"
        raise ScenarioError(WHERE, key.name, given, allowed, nearest(given, names))
    return value


def _converted(kind: Kind, given: Any) -> Value | None:
    """Return a value of a kind, or None if it is none."""
    is_truth = isinstance(given, bool)
    if kind == "switch":
        return given if is_truth else None
    if kind == "number":
        is_number = isinstance(given, int | float) and not is_truth and math.isfinite(given)
        return float(given) if is_number else None
    if kind == "whole":
        is_whole = isinstance(given, int) and not is_truth and abs(given) < _WHOLE_LIMIT
        return given if is_whole else None
    if kind == "date":
        return given if type(given) is date else None
    return given if isinstance(given, str | list) else None


def _refused(key: Key, given: object, allowed: str = "") -> ScenarioError:
    shown = given.isoformat() if isinstance(given, date) else given
    return ScenarioError(WHERE, key.name, shown, allowed or _FORMS[key.kind])


def _plausible(key: Key) -> Factor:
    if key.choices:
        return Factor(key.name, key.kind, f"[{_written(key.choices)}]", key.choices)
    if key.low is None or key.high is None:
        allowed = f"no plausible range is known; give one: {key.name}=SPEC, SPEC {_FORMS[key.kind]}"
        raise ScenarioError(WHERE, key.name, allowed=allowed)
    if key.low >= key.high:
        allowed = f"its plausible range is {key.low:g} alone; give one: {key.name}=LOW:HIGH"
        raise ScenarioError(WHERE, key.name, allowed=allowed)
    spec = f"{key.low!r}:{key.high!r}"
    if key.kind == "whole":
        return Factor(key.name, key.kind, spec, range(int(key.low), int(key.high) + 1))
    return Factor(key.name, key.kind, spec, low=float(key.low), high=float(key.high))


def _items(key: Key, text: str) -> list[str]:
    inner = text[1:-1].strip().removesuffix(",")
    items, position = [], 0
    while position < len(inner):
        match = _LIST_ITEM.match(inner, position)
        if match is None or not match[1].strip() or match.end() == position:
            raise _refused(key, text)
        items.append(match[1].strip())
        position = match.end()
    return items


def _item(key: Key, text: str) -> object:
    try:
        return value_from_text(text)
    except ScenarioError:
        raise _refused(key, text, _VALUES[key.kind]) from None


def _listed(key: Key, given: list[object], spec: str) -> Factor:
    values = [value_of(key, value) for value in given]
    if not values:
        raise ScenarioError(WHERE, key.name, given, "a list with at least one value")
    for place, value in enumerate(values):
        if value in values[:place]:
            raise ScenarioError(
                WHERE, key.name, spec or given, f"each value once; {value} is twice"
            )
    return Factor(key.name, key.kind, spec or f"[{_written(values)}]", tuple(values))


def _written(values: Sequence[Value]) -> str:
    return ",".join(str(v).lower() if isinstance(v, bool) else str(v) for v in values)


def _drawn(key: Key, how: str, first: str, last: str) -> Factor:
    spec = f"{how}({first.strip()},{last.strip()})"
    low, high = _bounds(key, first, last, spec)
    if how == "uniform":
        return _between(key, low, high, spec)
    if key.kind == "date":
        raise _refused(key, spec)
    bounds = float(low), float(high)  # type: ignore[arg-type]
    if bounds[0] <= 0:
        raise ScenarioError(WHERE, key.name, spec, "a lower bound above 0 for equal ratios")
    return Factor(key.name, key.kind, spec, None, *bounds, logarithmic=True)


def _spanned(key: Key, first: str, last: str, step: str | None, spec: str) -> Factor:
    low, high = _bounds(key, first, last, spec)
    if step is None:
        return _between(key, low, high, spec)
    if isinstance(low, date) and isinstance(high, date):
        levels: Sequence[Value] = _dates(key, low, high, step.strip(), spec)
    else:
        levels = _numbers(key, first.strip(), last.strip(), step.strip(), spec)
    return Factor(key.name, key.kind, spec, levels)


def _bounds(key: Key, first: str, last: str, spec: str) -> tuple[Value, Value]:
    low, high = (value_of(key, _item(key, text.strip())) for text in (first, last))
    if not low < high:  # type: ignore[operator]
        raise ScenarioError(WHERE, key.name, spec, "a first value below the last one")
    return low, high


def _between(key: Key, low: Value, high: Value, spec: str) -> Factor:
    if isinstance(low, date) and isinstance(high, date):
        return Factor(key.name, key.kind, spec, _dates(key, low, high, "1d", spec))
    if key.kind == "whole":
        return Factor(key.name, key.kind, spec, range(int(low), int(high) + 1))  # type: ignore[arg-type]
    return Factor(key.name, key.kind, spec, None, float(low), float(high))  # type: ignore[arg-type]


def _numbers(key: Key, first: str, last: str, step: str, spec: str) -> tuple[Value, ...]:
    """Return the levels of a range; in decimals, so that 0.1:0.3:0.1 ends with 0.3."""
    value_of(key, _item(key, step))
    low, high, width = (Decimal(text.replace("_", "")) for text in (first, last, step))
    if width <= 0:
        raise ScenarioError(WHERE, key.name, spec, "a step above 0")
    count = int((high - low) / width) + 1
    if count > MOST_LEVELS:
        raise ScenarioError(WHERE, key.name, spec, f"at most {MOST_LEVELS:,} values")
    as_kind = int if key.kind == "whole" else float
    return tuple(as_kind(low + number * width) for number in range(count))


def _dates(key: Key, first: date, last: date, step: str, spec: str) -> tuple[date, ...]:
    match = _DATE_STEP.fullmatch(step)
    if match is None or int(match[1]) == 0:
        raise ScenarioError(WHERE, key.name, spec, "a step in days, months or years: 30, 6m, 1y")
    number, unit = int(match[1]), match[2] or "d"
    if unit == "d":
        days = range(0, (last - first).days + 1, number)
        return tuple(first + timedelta(days=day) for day in days)
    months = number * (12 if unit == "y" else 1)
    found = []
    month = first.year * 12 + first.month - 1
    while (day := _day_of_month(month, first.day)) <= last:
        found.append(day)
        month += months
    return tuple(found)


def _day_of_month(month: int, day: int) -> date:
    """Return a day of a month since the year 0, or the month's last one where it is shorter."""
    year, place = divmod(month, 12)
    return date(year, place + 1, min(day, monthrange(year, place + 1)[1]))
