"""Worlds that are compared: a base, and variants of it that are named, read or built from it.

A variant is a scenario, the name or file of one, or policies that are added to the base: the name
or file of a policy, several joined by ``+``, such as ``storage+training``. A scenario may have
policies added the same way: ``cangtian+cold-chain``.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from sim.errors import ScenarioError
from sim.scenario import (
    Scenario,
    is_policy_file,
    list_policies,
    list_scenarios,
    load_scenario,
    register_of,
    with_policies,
)
from sim.scenario.fields import listed, nearest

JOINT: Final = "+"
"""Between a scenario and the policies that are added to it."""
_SUFFIX: Final = ".toml"


class World(NamedTuple):
    """A scenario with the name that tables call it by."""

    label: str
    scenario: Scenario


def worlds_of(
    base: Scenario | str | Path,
    variants: Sequence[Scenario | str | Path],
    overrides: Sequence[str] = (),
    policies: Sequence[str | Path] = (),
) -> tuple[World, ...]:
    """Return the base and its variants, the base first.

    Parameters
    ----------
    base : Scenario, str or Path
        What the variants are compared with.
    variants : sequence of Scenario, str or Path
        Scenarios, or policies to add to the base.
    overrides : sequence of str
        Changes that hold in every world, such as ``"end=2015-12-31"``.
    policies : sequence of str or Path
        Policies that are there in every world.

    Raises
    ------
    ScenarioError
        If one of them is not valid, there is none, or they cannot be compared: worlds must have
        the same dates and a village in common.
    """
    if not variants:
        raise ScenarioError("compare", allowed="at least one variant: a scenario or a policy")
    check_once("policies", policies)
    first = _base(base, overrides, policies)
    worlds = [first, *(_variant(base, each, overrides, policies) for each in variants)]
    for place, world in enumerate(worlds):
        if world.label in (other.label for other in worlds[:place]):
            allowed = "worlds with names that differ"
            raise ScenarioError("compare", "", world.label, allowed)
        check_comparable(first, world)
    return tuple(worlds)


def check_once(where: str, policies: Sequence[str | Path]) -> None:
    """Refuse a policy that is added twice, for it would act once.

    Raises
    ------
    ScenarioError
        If one is.
    """
    names = [str(policy) for policy in policies]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ScenarioError(where, "", name, "each policy once, for it acts once")


def _base(
    base: Scenario | str | Path, overrides: Sequence[str], policies: Sequence[str | Path]
) -> World:
    if isinstance(base, Scenario):
        if overrides or policies:
            allowed = "no changes of a scenario made before; change it first"
            raise ScenarioError("compare", "", [*overrides, *map(str, policies)], allowed)
        return World(base.name, base)
    name, *added = _parts(base)
    check_once(str(base), [*policies, *added])
    scenario = load_scenario(name, overrides, [*policies, *added])
    return World(_label(scenario.name, added), scenario)


def _variant(
    base: Scenario | str | Path,
    variant: Scenario | str | Path,
    overrides: Sequence[str],
    policies: Sequence[str | Path],
) -> World:
    if isinstance(variant, Scenario):
        return World(variant.name, variant)
    first, *more = _parts(variant)
    if not _is_policy(first):
        return _base(variant, overrides, policies)
    if isinstance(base, Scenario):
        check_once(str(variant), [first, *more])
        scenario = with_policies(base, [first, *more])
        return World(_label(base.name, [first, *more]), scenario)
    name, *added = _parts(base)
    added += [first, *more]
    check_once(str(variant), [*policies, *added])
    scenario = load_scenario(name, overrides, [*policies, *added])
    return World(_label(scenario.name, added), scenario)


def _parts(text: str | Path) -> list[str | Path]:
    """Take ``scenario+policy`` apart; a file whose name has a plus is one part."""
    if isinstance(text, Path) or Path(text).is_file():
        return [text]
    parts = [part.strip() for part in text.split(JOINT)]
    if JOINT in text and not all(parts):
        allowed = f"a name on both sides of {JOINT}, such as storage{JOINT}training"
        raise ScenarioError("compare", "", text, allowed)
    return [*parts] if JOINT in text else [text]


def _is_policy(name: str | Path) -> bool:
    """Whether a variant adds a policy to the base, rather than being a scenario of its own."""
    if not isinstance(name, Path) and not name.endswith(_SUFFIX):
        scenarios, policies = ({n for n, _ in known()} for known in (list_scenarios, list_policies))
        if name not in scenarios | policies:
            allowed = (
                f"a scenario: {listed(sorted(scenarios))}; a policy to add to the base: "
                f"{listed(sorted(policies))}; or the path of a {_SUFFIX} file"
            )
            like = nearest(name, [*scenarios, *policies])
            raise ScenarioError(name or "(no name)", "no such variant", None, allowed, like)
        return name in policies and name not in scenarios
    return is_policy_file(Path(name))


def _label(name: str, added: Sequence[str | Path]) -> str:
    return JOINT.join([name, *(Path(policy).stem for policy in added)])


def check_comparable(base: World, world: World) -> None:
    """Refuse a world with other dates than the base, or without any of its villages.

    Raises
    ------
    ScenarioError
        If it is one.
    """
    for key in ("start", "end"):
        ours, theirs = getattr(base.scenario, key), getattr(world.scenario, key)
        if ours != theirs:
            allowed = f"{ours}, the {key} of {base.label}: worlds that are compared have one time"
            raise ScenarioError(world.label, key, theirs.isoformat(), allowed)
    if _same_place(base.scenario, world.scenario):
        return
    paths = [set(register_of(each.scenario).paths()) for each in (base, world)]
    if not paths[0] & paths[1]:
        allowed = f"at least one village of {base.label}"
        raise ScenarioError(world.label, "villages", sorted(paths[1])[0], allowed)


def _same_place(base: Scenario, other: Scenario) -> bool:
    """Whether two scenarios say the same of villages, so that these need not be drawn."""
    keys = ("villages", "region", "geography")
    return all(getattr(base, key) == getattr(other, key) for key in keys)
