"""All combinations of some policies among stored worlds.

In a comparison, policies are what variants add to the base: ``x``, ``x+storage``, ``x+training``
and ``x+storage+training`` are all combinations of two. In a sweep, they are keys that are switched,
such as ``policies.Hub.training=[false,true]``; switches that are not named stay on, as the scenario
has them, and no other key may be varied. An explanation has all combinations of its own.
"""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import RunError, ScenarioError
from sim.experiments.causes import Cause, check_causes, stored_causes, worlds_of_sets
from sim.experiments.stored_worlds import StoredWorlds
from sim.experiments.worlds import JOINT, World
from sim.scenario import Scenario, with_changes
from sim.scenario.fields import listed, nearest
from sim.scenario.merging import key_path

_SHOWN: Final = 4


class Sets(NamedTuple):
    """Every set of causes, and the stored world that has it."""

    scenario: Scenario
    causes: tuple[Cause, ...]
    worlds: tuple[World, ...]
    """As of `worlds_of_sets`."""
    labels: tuple[str, ...]
    """Labels of the stored worlds, in the same order."""


def stored_sets(stored: StoredWorlds, policies: Sequence[str | Path]) -> Sets:
    """Return all combinations of some policies among stored worlds.

    Parameters
    ----------
    stored : StoredWorlds
        The worlds.
    policies : sequence of str or Path
        Policies by their names there; all that are there and not there if none is given.

    Raises
    ------
    ScenarioError
        If a policy is not there, or there are too few or too many.
    RunError
        If a combination is missing, or worlds differ by more than policies.
    """
    names = [str(name) for name in policies]
    find = {"comparison": _of_comparison, "sweep": _of_sweep, "explanation": _of_explanation}
    return find[stored.kind](stored, names)


def _of_explanation(stored: StoredWorlds, names: Sequence[str]) -> Sets:
    causes = stored_causes(stored.about["causes"])
    own = [cause.name for cause in causes]
    _check_known(stored, names, own)
    if names and set(names) != set(own):
        allowed = f"all policies of the explanation: {listed(own)}"
        raise ScenarioError(stored.place, "policies", ", ".join(names), allowed)
    scenario = Scenario.model_validate(stored.about["base"]["scenario"])
    worlds = worlds_of_sets(scenario, causes)
    return Sets(scenario, causes, worlds, tuple(world.label for world in worlds))


def _of_comparison(stored: StoredWorlds, names: Sequence[str]) -> Sets:
    prefix = f"{stored.base}{JOINT}"
    added = {
        frozenset(label.removeprefix(prefix).split(JOINT)): label
        for label in stored.labels
        if label.startswith(prefix)
    } | {frozenset(): stored.base}
    known = list(dict.fromkeys(chain(*(sorted(each) for each in added))))
    _check_known(stored, names, known)
    chosen = list(names) or known
    scenario = stored.scenario_of(stored.base)
    causes = tuple(Cause(name, policies=_added(stored, added, name)) for name in chosen)
    check_causes(scenario, causes)
    worlds = worlds_of_sets(scenario, causes)
    sets = [
        frozenset(name for bit, name in enumerate(chosen) if m >> bit & 1) for m in _all(chosen)
    ]
    _check_there(stored, [prefix + JOINT.join(sorted(each)) for each in sets if each not in added])
    labels = tuple(added[each] for each in sets)
    for world, label in zip(worlds, labels, strict=True):
        _check_alike(stored, world, label)
    return Sets(scenario, causes, worlds, labels)


def _added(stored: StoredWorlds, added: Mapping[frozenset[str], str], name: str) -> Any:
    """Return the policies that the world with one policy has more than the base."""
    label = added.get(frozenset([name]))
    if label is None:
        _check_there(stored, [f"{stored.base}{JOINT}{name}"])
    own = {policy.name for policy in stored.scenario_of(stored.base).policies}
    return tuple(p for p in stored.scenario_of(label or "").policies if p.name not in own)


def _check_alike(stored: StoredWorlds, world: World, label: str) -> None:
    """Refuse a stored world that is not the base and the policies that its label says."""
    ours, theirs = (
        each.model_dump(mode="json") | {"policies": {p.name: p.model_dump() for p in each.policies}}
        for each in (world.scenario, stored.scenario_of(label))
    )
    if ours != theirs:
        raise RunError(
            f"{stored.place}: {label!r} differs from {stored.base!r} by more than the policies in "
            "its name; allowed: a base, and the same scenario with policies added"
        )


def _of_sweep(stored: StoredWorlds, names: Sequence[str]) -> Sets:
    kinds: Mapping[str, str] = stored.about["keys"]
    switches = {_short(key): key for key in kinds if kinds[key] == "switch" and _is_policy(key)}
    if len(switches) < sum(_is_policy(key) for key in kinds):  # two services with one name
        switches = {key: key for key in switches.values()}
    by_key = {key: name for name, key in switches.items()}
    called = {text: name for key, name in by_key.items() for text in (key, _named(key))}
    keys = [called.get(name, name) for name in names]
    _check_known(stored, keys, list(switches))
    chosen = keys or list(switches)
    fixed = _fixed(stored, {switches[name] for name in chosen})
    scenario = with_changes(Scenario.model_validate(stored.about["scenario"]), fixed)
    causes = tuple(Cause(name, key=switches[name]) for name in chosen)
    check_causes(scenario, causes)
    sets = {
        tuple(bool(point.values[switches[name]]) for name in chosen): point.label
        for point in stored.points
        if all(point.values[key] for key in by_key.keys() - {switches[name] for name in chosen})
    }
    wanted = [tuple(bool(m >> bit & 1) for bit in range(len(chosen))) for m in _all(chosen)]
    missing = [
        ", ".join(f"{name}={str(on).lower()}" for name, on in zip(chosen, each, strict=True))
        for each in wanted
        if each not in sets
    ]
    _check_there(stored, missing)
    worlds = worlds_of_sets(scenario, causes)
    return Sets(scenario, causes, worlds, tuple(sets[each] for each in wanted))


def _fixed(stored: StoredWorlds, chosen: set[str]) -> dict[str, Any]:
    """Return the one value of every key that is no policy; refuse more than one."""
    others = [key for key in stored.about["keys"] if key not in chosen and not _is_policy(key)]
    values = {key: {str(point.values[key]) for point in stored.points} for key in others}
    for key, there in values.items():
        if len(there) > 1:
            allowed = "policies only, each switched on and off, with all else alike"
            raise ScenarioError(stored.place, key, f"{len(there)} values", allowed)
    first = stored.points[0].values
    return {key: first[key] for key in others}


def _check_known(stored: StoredWorlds, names: Sequence[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            allowed = f"policies that are there in some worlds and not in others: {listed(known)}"
            allowed = allowed if known else "runs with and without policies; there are none here"
            raise ScenarioError(stored.place, "policies", name, allowed, nearest(name, known))


def _check_there(stored: StoredWorlds, missing: Sequence[str]) -> None:
    if missing:
        shown = ", ".join(map(repr, missing[:_SHOWN])) + (" …" if len(missing) > _SHOWN else "")
        allowed = "runs of every combination of the policies"
        raise RunError(f"{stored.place}: no runs of {shown}; allowed: {allowed}")


def _those(names: Sequence[str], place: int) -> list[str]:
    return [name for bit, name in enumerate(names) if place >> bit & 1]


def _all(names: Sequence[str]) -> range:
    return range(1 << len(names))


def _is_policy(key: str) -> bool:
    return key_path(key)[0] == "policies"


def _short(key: str) -> str:
    """Return what an explanation calls a policy, or a service of one."""
    *_, last = path = key_path(key)
    return last if len(path) == 2 else last.replace("_", " ")


def _named(key: str) -> str:
    """Return a policy by its name, or a service as ``Hub.training``."""
    return ".".join(key_path(key)[1:])
