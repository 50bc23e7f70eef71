"""Putting a scenario together from layers: the files it extends, itself, policies and overrides."""

import re
import tomllib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sim.errors import ScenarioError
from sim.scenario.fields import dotted, listed, nearest

NAMED_LISTS: Final = ("villages", "policies")
"""Lists whose entries are found by name."""

REMOVE: Final = "remove_policies"

_PLACES: Final = ("province", "prefecture", "county", "town")
_KEY_PART: Final = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([^."'=]+?))\s*([.=])""")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_WORD: Final = re.compile(r"\w[\w .:/-]*")

Data = dict[str, Any]


class Layer(NamedTuple):
    """Part of a scenario from one source. A later layer is stronger than an earlier one."""

    where: str
    """The file, or the override, as it is named in messages."""
    data: Data
    is_policy_file: bool = False
    is_override: bool = False


def merged(layers: Sequence[Layer]) -> Data:
    """Put layers on top of each other.

    Tables are merged key by key, villages and policies by name; other lists and values are
    replaced.

    Raises
    ------
    ScenarioError
        If a layer names something that is not there, to remove it or to change it.
    """
    data: Data = {}
    for layer in layers:
        own = dict(layer.data)
        _remove_policies(data, own.pop(REMOVE, []), layer)
        data = _merged_tables(data, own, layer)
    _open_targets(data, layers)
    return data


def override_layer(text: str) -> Layer:
    """Turn ``key.path=value`` into a layer.

    The value is written as in TOML; quotes around a plain word may be left out, for shells eat
    them.

    Raises
    ------
    ScenarioError
        If the text is not of that form.
    """
    where = f"override {text}"
    path, value_text = split_change(text, where)
    return change_layer(path, _value_from_text(value_text.strip(), path, where), where)


def change_layer(path: Sequence[str], value: object, where: str) -> Layer:
    """Make the layer that changes a single value.

    Parameters
    ----------
    path : sequence of str
        Keys down to the value.
    value : object
        The value, as TOML would give it.
    where : str
        How the change is named in messages.

    Raises
    ------
    ScenarioError
        If the path leads to a village or policy, but to none of its values.
    """
    if path[0] not in NAMED_LISTS or len(path) == 1:
        return Layer(where, _nested(path, value), is_override=True)
    kind, name, *rest = path
    entry = _nested(rest, value) if rest else value
    if rest == ["name"] or not isinstance(entry, dict):
        raise ScenarioError(where, dotted(path), allowed=f"{kind}.NAME.KEY=value, any key but name")
    return Layer(where, {kind: [entry | {"name": name}]}, is_override=True)


def split_change(text: str, where: str) -> tuple[list[str], str]:
    """Take ``key.path=value`` apart into the keys and the text of the value.

    Raises
    ------
    ScenarioError
        If the text is not of that form.
    """
    path, position = [], 0
    while match := _KEY_PART.match(text, position):
        path.append(next(filter(None, match.groups()[:3])).strip())
        position = match.end()
        if match[4] == "=":
            return path, text[position:]
    raise ScenarioError(where, allowed="key.path=value, for example seed=7")


def key_path(text: str) -> tuple[str, ...]:
    """Take a dotted key apart; parts with dots or spaces may have quotes around them.

    Raises
    ------
    ScenarioError
        If the text is not a key.
    """
    path, rest = split_change(f"{text}=", f"key {text}")
    if rest:
        raise ScenarioError(f"key {text}", allowed="a key such as observer.rule")
    return tuple(path)


def value_from_text(text: str) -> object:
    """Read a value written as in TOML; quotes around a plain word may be left out.

    Raises
    ------
    ScenarioError
        If the text is no value.
    """
    return _value_from_text(text.strip(), [], "value")


def source_of(path: Sequence[str], layers: Sequence[Layer]) -> str:
    """Where the value at a path, or else the deepest table on the way to it, was written."""
    for length in range(len(path), 0, -1):
        for layer in reversed(layers):
            if _holds(layer.data, path[:length]):
                return layer.where
    # What is missing everywhere is missing in the scenario's own file.
    files = [layer for layer in layers if not (layer.is_policy_file or layer.is_override)]
    return files[-1].where


def entries(data: Data, kind: str) -> list[Data]:
    """Return the villages or policies that are tables; what else is there, validation refuses."""
    found = data.get(kind, [])
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _remove_policies(data: Data, names: object, layer: Layer) -> None:
    if not isinstance(names, list):
        raise ScenarioError(layer.where, REMOVE, names, "a list of names of policies")
    for name in names:
        there = [policy.get("name") for policy in entries(data, "policies")]
        if name not in there:
            known = [str(policy) for policy in there]
            allowed = f"policies of the extended scenario: {listed(known) or 'it has none'}"
            raise ScenarioError(layer.where, REMOVE, name, allowed, nearest(name, known))
        data["policies"] = [p for p in entries(data, "policies") if p.get("name") != name]


def _merged_tables(base: Data, own: Data, layer: Layer, depth: int = 0) -> Data:
    data = dict(base)
    for key, value in own.items():
        old = data.get(key)
        if depth == 0 and key in NAMED_LISTS and isinstance(value, list):
            data[key] = _merged_lists(key, old if isinstance(old, list) else [], value, layer)
        elif isinstance(old, dict) and isinstance(value, dict):
            data[key] = _merged_tables(old, value, layer, depth + 1)
        else:
            data[key] = value
    return data


def _merged_lists(kind: str, base: list[Any], own: list[Any], layer: Layer) -> list[Any]:
    data = list(base)
    for entry in own:
        # Only earlier layers are looked through: a name that is twice in one file is a mistake.
        places = [i for i, old in enumerate(base) if _is_same(old, entry)]
        if len(places) > 1:
            allowed = "a name that is unique, or the town or county as well"
            raise ScenarioError(layer.where, kind, entry["name"], allowed)
        if places:
            old = data[places[0]]
            replaced = old.get("kind") != entry.get("kind", old.get("kind"))
            data[places[0]] = entry if replaced else _merged_entry(old, entry, layer)
        elif layer.is_override and isinstance(entry, dict):
            _refuse_unknown(kind, base, entry, layer)
        else:
            data.append(entry)
    return data


def _merged_entry(old: Data, entry: Data, layer: Layer) -> Data:
    return _merged_tables(old, entry, layer, depth=1) | {"name": old["name"]}


def _is_same(old: object, entry: object) -> bool:
    """Whether an entry of a stronger layer means an entry of a weaker one."""
    if not (isinstance(old, dict) and isinstance(entry, dict)):
        return False
    *places, name = str(entry.get("name", "")).split("/")
    towns = [str(old.get(place)) for place in _PLACES]
    return (
        name == old.get("name")
        and towns[len(towns) - len(places) :] == places
        and all(old.get(place) == entry[place] for place in _PLACES if place in entry)
    )


def _refuse_unknown(kind: str, base: list[Any], entry: Data, layer: Layer) -> None:
    known = [str(old["name"]) for old in base if isinstance(old, dict) and "name" in old]
    allowed = f"{kind} of the scenario: {listed(known) or 'it has none'}"
    key = dotted((kind, entry.get("name", "")))
    raise ScenarioError(layer.where, key, None, allowed, nearest(entry.get("name"), known))


def _open_targets(data: Data, layers: Sequence[Layer]) -> None:
    """Drop targets of policy files that name no place of the scenario.

    So a policy that was written down for one place can be tried in another one.
    """
    files = {layer.where for layer in layers if layer.is_policy_file}
    places = {
        str(village.get(key)) for village in entries(data, "villages") for key in (*_PLACES, "name")
    }
    for number, policy in enumerate(entries(data, "policies")):
        target = policy.get("target")
        source = source_of(("policies", str(policy.get("name")), "target"), layers)
        if not isinstance(target, dict) or source not in files:
            continue
        lists = {kind: target.get(kind) for kind in ("villages", "towns", "counties")}
        named = [str(n) for names in lists.values() if isinstance(names, list) for n in names]
        if named and not any(name.rpartition("/")[2] in places for name in named):
            kept = {key: value for key, value in target.items() if key not in lists}
            data["policies"][number] = policy | {"target": kept}


def _value_from_text(text: str, path: list[str], where: str) -> object:
    if "\n" not in text:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            if _NUMBER.fullmatch(text):
                return float(text)
            if _WORD.fullmatch(text):
                return text
    allowed = 'a value written as in TOML: 2, 0.5, true, 2016-12-31, "text", ["a", "b"]'
    raise ScenarioError(where, dotted(path), text, allowed)


def _nested(path: Sequence[str], value: object) -> Data:
    *outer, last = path
    data = {last: value}
    for key in reversed(outer):
        data = {key: data}
    return data


def _holds(data: object, path: Sequence[str]) -> bool:
    for part in path:
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list):
            found = [e for n, e in enumerate(data) if _is_item(e, n, part)]
            if not found:
                return False
            data = found[0]
        else:
            return False
    return True


def _is_item(entry: object, number: int, part: str) -> bool:
    named = isinstance(entry, dict) and str(entry.get("name", "")).rpartition("/")[2] == part
    return named or str(number) == part
