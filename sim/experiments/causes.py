"""Causes that are switched on and off to see what each does: policies, and services of them."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter

from sim.errors import ScenarioError
from sim.experiments.worlds import World
from sim.scenario import Scenario, list_policies, with_changes, with_policies
from sim.scenario.fields import dotted, listed, nearest
from sim.scenario.policy import Policy, ServicePlatform

NOTHING: Final = "none of them"
"""Label of the world without any of the causes."""
FEWEST: Final = 2
MOST: Final = 10
_SUFFIX: Final = ".toml"
_POLICIES: Final[TypeAdapter[tuple[Policy, ...]]] = TypeAdapter(tuple[Policy, ...])


class Cause(NamedTuple):
    """Something that is there or not."""

    name: str
    """Name in tables."""
    key: str = ""
    """Key of a policy, or a service of one, that the scenario has; it can be switched off."""
    policies: tuple[Policy, ...] = ()
    """Policies that the scenario does not have; they can be added."""

    def told(self) -> dict[str, Any]:
        """Return the cause as plain JSON, for manifests."""
        return {
            "name": self.name,
            "key": self.key,
            "policies": [policy.model_dump(mode="json") for policy in self.policies],
        }


def causes_of(scenario: Scenario, policies: Sequence[str | Path]) -> tuple[Cause, ...]:
    """Return the causes that are to be told apart.

    Parameters
    ----------
    scenario : Scenario
        Where they act.
    policies : sequence of str or Path
        Policies of the scenario by name, services of them such as ``"Hub.training"``, or policy
        files to add; if there are none, the services of the scenario's service platforms.

    Raises
    ------
    ScenarioError
        If one of them is not there, is there twice, or there are too few or too many.
    """
    names = policies or _services(scenario)
    causes = tuple(_cause(scenario, name) for name in names)
    check_causes(scenario, causes)
    return causes


def stored_causes(told: Sequence[Mapping[str, Any]]) -> tuple[Cause, ...]:
    """Return causes from a manifest, as of `Cause.told`."""
    return tuple(
        Cause(each["name"], each["key"], _POLICIES.validate_python(each["policies"]))
        for each in told
    )


def check_causes(scenario: Scenario, causes: Sequence[Cause]) -> None:
    """Refuse causes that cannot be told apart.

    Raises
    ------
    ScenarioError
        If there are too few or too many, or one is there twice.
    """
    if not FEWEST <= len(causes) <= MOST:
        allowed = f"{FEWEST} to {MOST} policies"
        raise ScenarioError("explain", "policies", len(causes), allowed)
    for place, cause in enumerate(causes):
        if cause.name in (other.name for other in causes[:place]):
            raise ScenarioError("explain", "policies", cause.name, "each policy once")
    _check_added(scenario, causes)


def worlds_of_sets(scenario: Scenario, causes: Sequence[Cause]) -> tuple[World, ...]:
    """Return the world of every set of causes; bit i of a world's place stands for cause i."""
    return tuple(_world(scenario, causes, place) for place in range(1 << len(causes)))


def _world(scenario: Scenario, causes: Sequence[Cause], place: int) -> World:
    there = [cause for bit, cause in enumerate(causes) if place >> bit & 1]
    off = {cause.key: False for cause in causes if cause.key and cause not in there}
    changed = with_changes(scenario, off) if off else scenario
    added = chain(*(cause.policies for cause in there))
    changed = changed.model_copy(update={"policies": (*changed.policies, *added)})
    return World(" + ".join(cause.name for cause in there) or NOTHING, changed)


def _services(scenario: Scenario) -> list[str]:
    platforms = [policy for policy in scenario.policies if isinstance(policy, ServicePlatform)]
    found = [[f"{policy.name}.{service}" for service in policy.services] for policy in platforms]
    if not found:
        allowed = f"policies; {scenario.name} has no service platform whose services could be meant"
        raise ScenarioError("explain", "policies", None, allowed)
    return list(chain(*found))


def _cause(scenario: Scenario, name: str | Path) -> Cause:
    own = {policy.name: policy for policy in scenario.policies}
    text = str(name)
    if text in own:
        return Cause(text, key=dotted(("policies", text)))
    policy, _, service = text.rpartition(".")
    if policy in own and service in getattr(own[policy], "services", {}):
        key = dotted(("policies", policy, service))
        return Cause(service.replace("_", " "), key=key)
    known = [known for known, _ in list_policies()]
    if not isinstance(name, Path) and not text.endswith(_SUFFIX) and text not in known:
        services = chain(
            *(
                [f"{policy.name}.{s}" for s in getattr(policy, "services", {})]
                for policy in scenario.policies
            )
        )
        there = [*own, *services]
        allowed = (
            f"a policy of the scenario: {listed(there) or 'it has none'}; a policy to add: "
            f"{listed(known)}; or the path of a {_SUFFIX} file"
        )
        like = nearest(text, [*there, *known])
        raise ScenarioError("explain", "policies", text, allowed, like)
    bare = scenario.model_copy(update={"policies": ()})
    return Cause(Path(text).stem, policies=with_policies(bare, [name]).policies)


def _check_added(scenario: Scenario, causes: Sequence[Cause]) -> None:
    """Refuse policies to add that are there already, in the scenario or in another file."""
    taken = {policy.name: scenario.name for policy in scenario.policies}
    for cause in causes:
        for policy in cause.policies:
            if policy.name in taken:
                allowed = f"policies with names of their own; {taken[policy.name]} has it too"
                raise ScenarioError(cause.name, "policies", policy.name, allowed)
        taken |= {policy.name: cause.name for policy in cause.policies}
