"""Whether what policies are for is there, in regions whose villages a scenario does not name."""

from typing import Final

from sim.errors import ScenarioError
from sim.scenario.fields import listed, nearest
from sim.scenario.policy import Target, is_named
from sim.scenario.region import Region
from sim.scenario.schema import Scenario
from sim.world.register import Register

_MOST_COMPARED: Final = 20_000
"""Up to so many names, the one most like a wrong one is looked for: it takes long."""


def check_targets(scenario: Scenario, register: Register) -> None:
    """Refuse a policy for a place that a region does not have.

    Parameters
    ----------
    scenario : Scenario
        A scenario with a region.
    register : Register
        Its villages.

    Raises
    ------
    ScenarioError
        For the first name of a county, town or village that means none of them.
    """
    if scenario.region is None:
        return
    for policy in scenario.policies:
        for kind in ("counties", "towns", "villages"):
            for name in getattr(policy.target, kind):
                if not _is_there(kind, name, register):
                    key = f"policies.{policy.name}.target.{kind}"
                    there = _names(kind, register)
                    like = nearest(name, there) if len(there) <= _MOST_COMPARED else ""
                    allowed = f"{kind} {_of(scenario.region)}: {listed(there)}"
                    raise ScenarioError(scenario.name, key, name, allowed, like)


def _is_there(kind: str, name: str, register: Register) -> bool:
    if kind == "villages":
        target = Target(villages=(name,))
        return any(map(target.reaches, register.paths()))
    paths = register.county_paths if kind == "counties" else register.town_paths
    return any(is_named(path, name) for path in paths)


def _names(kind: str, register: Register) -> list[str]:
    if kind == "villages":
        return sorted(set(register.names))
    paths = register.county_paths if kind == "counties" else register.town_paths
    return sorted({path.rpartition("/")[2] for path in paths})


def _of(region: Region) -> str:
    if region.county_share < 1.0:
        return "of the region as it is thinned"
    return "of the region" if region.file is None else "of the file"
