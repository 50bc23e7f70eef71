"""Keys that experiments vary, and changing them in a scenario that is loaded already.

A key is a dotted path as ``--set`` takes it. A policy, or a service of a service platform, is a
key too: a switch, which leaves it out when it is off.
"""

import types
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any, Final, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from sim.errors import ScenarioError
from sim.scenario.fields import dotted
from sim.scenario.loading import validated
from sim.scenario.merging import NAMED_LISTS, REMOVE, Layer, change_layer, key_path, merged
from sim.scenario.policy import PolicyBase, Service
from sim.scenario.schema import Scenario
from sim.world.parameters import CURRENCIES, Parameter, registry

Value = bool | int | float | str | date | list[Any]
"""A value as TOML has it."""

Kind = Literal["number", "whole", "date", "choice", "switch"]
"""What a key takes: any number, whole numbers, dates, one of several things, or yes and no."""

_GROUPS: Final = {
    "behaviour": "",
    "goods": "goods.",
    "platform_terms": "platforms.",
    "geography": "geography.",
}
"""Tables of a scenario whose keys are parameters, with what goes before them in the registry."""
_SERVICE_OFF: Final = {"intensity": 0.0, "yearly_cost_yuan": 0.0}


class Key(NamedTuple):
    """A key of a scenario that can be varied."""

    name: str
    """The dotted path, with quotes only where they are needed."""
    kind: Kind
    choices: tuple[Value, ...] = ()
    """The possible values, where they are few."""
    low: float | None = None
    """Lower bound of the plausible range, where one is known."""
    high: float | None = None
    """Upper bound of the plausible range, where one is known."""


def find_key(scenario: Scenario, text: str) -> Key:
    """Find a key that can be varied.

    Parameters
    ----------
    scenario : Scenario
        The scenario whose villages and policies the key may name.
    text : str
        A dotted path such as ``observer.rule``, ``villages.Cangtian.broadband_year``,
        ``behaviour.open_gain`` or ``policies."Cangtian service platform".training``. Parameters may
        also be written as the registry does, ``open_gain`` and ``platforms.jd.reach``.

    Raises
    ------
    ScenarioError
        If there is no such key.
    """
    path = _canonical(key_path(text))
    name = dotted(path)
    if path[0] in _GROUPS:
        parameter = registry().get(_GROUPS[path[0]] + ".".join(path[1:]))
        found = None if parameter is None else _parameter_key(name, parameter)
    else:
        found = _field_key(name, path, scenario)
    if found is None:
        raise _unknown(scenario, path)
    return found


def with_changes(scenario: Scenario, changes: Mapping[str, Value]) -> Scenario:
    """Return a scenario with other values for some keys.

    The same as loading it with overrides, but for policies and services that are switched: off
    leaves a policy out, and takes a service's intensity and cost to zero; on changes nothing.

    Parameters
    ----------
    scenario : Scenario
        What is changed.
    changes : mapping
        Values by key.

    Raises
    ------
    ScenarioError
        If a key or a value is not valid.
    """
    layers = [Layer(scenario.name, _data_of(scenario))]
    for name, value in changes.items():
        layers += _layers_of_change(scenario, _canonical(_path(name)), value)
    return validated(merged(layers), layers)


def _unknown(scenario: Scenario, path: tuple[str, ...]) -> ScenarioError:
    """Return the error that says what is wrong with a key, as any scenario with it would tell."""
    where = "no such key to vary"
    is_entry = path[0] in NAMED_LISTS and len(path) == 2
    trial = Layer(scenario.name, _data_of(scenario))
    try:
        change = change_layer(path, {} if is_entry else 0, where)
        validated(merged([trial, change]), [trial, change])
    except ScenarioError as error:
        return ScenarioError(where, error.key, None, error.allowed, error.nearest)
    return ScenarioError(where, dotted(path), allowed="the key of a single value")


def _canonical(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the path in a scenario of what may be named as the registry does."""
    if path[0] == "platforms" and len(path) > 1:
        return ("platform_terms", *path[1:])
    if len(path) == 1 and path[0] not in Scenario.model_fields and path[0] in registry():
        return ("behaviour", *path)
    return path


@cache
def _path(name: str) -> tuple[str, ...]:
    return key_path(name)


def _data_of(scenario: Scenario) -> dict[str, Any]:
    return scenario.model_dump(mode="json")


def _layers_of_change(scenario: Scenario, path: tuple[str, ...], value: Value) -> list[Layer]:
    where = f"override {dotted(path)}={_written(value)}"
    if path[0] != "policies" or not isinstance(value, bool):
        return [change_layer(path, value, where)]
    if value:
        return []
    if len(path) == 2:
        return [Layer(where, {REMOVE: [path[1]]}, is_override=True)]
    return [change_layer((*path, field), zero, where) for field, zero in _SERVICE_OFF.items()]


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parameter_key(name: str, parameter: Parameter) -> Key:
    default = parameter.value
    if isinstance(default, bool):
        return Key(name, "switch", (False, True))
    if isinstance(default, date):
        return Key(name, "date")
    if isinstance(default, str):
        return Key(name, "choice", CURRENCIES)
    kind: Kind = "whole" if isinstance(default, int) else "number"
    return Key(name, kind, (), parameter.low, parameter.high)


def _field_key(name: str, path: tuple[str, ...], scenario: Scenario) -> Key | None:
    """Follow a path through the scenario, or through the types of what it leaves out."""
    entry: Any = scenario
    rest = list(path)
    if path[0] in NAMED_LISTS and len(path) > 1:
        entry = _named(scenario, path[0], path[1])
        rest = rest[2:]
    kind: Any = type(entry)
    for part in rest:
        if not _is_entry(kind):
            return None
        field = kind.model_fields.get(part)
        if field is None:
            return None
        entry = getattr(entry, part, None)
        kind = _plain(field.annotation) if entry is None else _kind_of(entry, field.annotation)
    return _key_of_kind(name, kind, is_there=entry is not None)


def _named(scenario: Scenario, group: str, name: str) -> Any:
    """Return the village or policy that a name means; what else is wrong, merging tells."""
    last = name.rpartition("/")[2]
    return next((entry for entry in getattr(scenario, group) if entry.name == last), None)


def _kind_of(entry: object, annotation: object) -> object:
    return type(entry) if isinstance(entry, BaseModel) else _plain(annotation)


def _plain(annotation: Any) -> Any:
    """Return the type behind limits and behind "or nothing"."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _plain(next(arg for arg in get_args(annotation) if arg is not type(None)))
    return annotation


def _key_of_kind(name: str, kind: Any, *, is_there: bool) -> Key | None:
    simple: dict[Any, Kind] = {bool: "switch", int: "whole", float: "number", date: "date"}
    if kind in simple:
        return Key(name, simple[kind], (False, True) if kind is bool else ())
    if get_origin(kind) is Literal:
        return Key(name, "choice", get_args(kind))
    if kind is str or (get_origin(kind) is tuple and not _is_entry(get_args(kind)[0])):
        return Key(name, "choice")
    if is_there and _is_entry(kind) and issubclass(kind, (Service, PolicyBase)):
        return Key(name, "switch", (False, True))
    return None


def _is_entry(kind: Any) -> bool:
    plain = _plain(kind)
    return isinstance(plain, type) and issubclass(plain, BaseModel)
