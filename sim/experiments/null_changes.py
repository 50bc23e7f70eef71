"""Changes of a scenario that must change nothing: null policies, and one household more."""

from collections.abc import Iterator
from math import floor
from typing import Any, Final, NamedTuple

import numpy as np

from sim.engine.hearsay import town_links
from sim.scenario import Scenario, VillageSpec, register_of
from sim.world.columns import FARMER, INCOMER, MANUFACTURER, OPERATOR
from sim.world.parameters import behaviour, good_names, goods
from sim.world.register import NO_GOOD

PREFIX: Final = "nothing: "
"""What names of null policies begin with."""
OWN_VILLAGE: Final = "A household of its own"
_MOST_CONNECTED: Final = 100
"""Villages that are named by the null policy for broadband, at most."""
_OWN_PLACE: Final = "A place of its own"
_KINDS: Final = {
    FARMER: "farmer",
    MANUFACTURER: "manufacturer",
    OPERATOR: "operator",
    INCOMER: "incomer",
}


class Newcomer(NamedTuple):
    """One household more."""

    village: str
    """Path of its village."""
    kind: int
    number: int

    @property
    def words(self) -> str:
        """What is added, in words."""
        name = self.village.rpartition("/")[2]
        what = (
            "one more room for incomers"
            if self.kind == INCOMER
            else f"one more {_KINDS[self.kind]}"
        )
        return f"{what} in {name}"


def with_null_policies(scenario: Scenario) -> Scenario:
    """Return the scenario with a policy of every kind, each at a strength that does nothing."""
    policies = [policy.model_dump(mode="json") for policy in scenario.policies]
    data = scenario.model_dump(mode="json") | {"policies": [*policies, *_null_policies(scenario)]}
    return Scenario.model_validate(data)


def _null_policies(scenario: Scenario) -> Iterator[dict[str, Any]]:
    zero = {"intensity": 0.0}
    strengths: dict[str, dict[str, Any]] = {
        "service_platform": dict.fromkeys(
            ("storage", "product_supply", "training", "logistics"), zero
        ),
        "startup_subsidy": {"yuan_per_shop": 0.0},
        "startup_credit": {"yuan_per_household": 0.0},
        "cold_chain": zero,
        "greenhouse": {"orchard_share": 0.0, "days_earlier": 20},
        "cooperative_brand": zero,
        "cross_border_pilot": zero,
        "parcel_price": {"multiple": 1.0},
        "commission": {"multiple": 1.0},
    }
    for kind, strength in strengths.items():
        dated = {"kind": kind, "name": PREFIX + kind, "start": scenario.start.isoformat()}
        yield dated | strength
    year = scenario.end.year
    yield {"kind": "weather", "name": f"{PREFIX}weather", "year": year}
    register = register_of(scenario)
    has_broadband = register.broadband_year <= year
    connected = [path for path, has in zip(register.paths(), has_broadband, strict=True) if has]
    if connected:
        target = {"villages": connected[:_MOST_CONNECTED]}
        yield {"kind": "broadband", "name": f"{PREFIX}broadband", "year": year, "target": target}


def newcomers(scenario: Scenario) -> Iterator[tuple[Newcomer, Scenario]]:
    """Give a scenario with one household more for each kind, in the first village that has it.

    Only villages that the scenario describes can have one more: those of a region are as they are
    drawn, or as their file says.
    """
    villages = scenario.expanded_villages()
    for kind in _KINDS:
        place = next((v for v, spec in enumerate(villages) if counts_of(spec)[kind]), None)
        if place is not None:
            spec = villages[place]
            count = counts_of(spec)[kind]
            changed = [*villages[:place], _with_one_more(spec, kind), *villages[place + 1 :]]
            newcomer = Newcomer(spec.path, kind, count)
            yield newcomer, scenario.model_copy(update={"villages": tuple(changed)})


def counts_of(spec: VillageSpec) -> tuple[int, int, int, int]:
    """Return the households of a village by kind; of incomers, the rooms."""
    return (
        spec.farmers.households if spec.farmers else 0,
        spec.manufacturers.households if spec.manufacturers else 0,
        spec.operators,
        floor(spec.rooms_per_household * spec.households + 0.5),
    )


def _with_one_more(spec: VillageSpec, kind: int) -> VillageSpec:
    rooms, households = counts_of(spec)[INCOMER], spec.households
    if kind == INCOMER:
        return spec.model_copy(update={"rooms_per_household": (rooms + 1) / households})
    changes: dict[str, Any] = {
        "households": households + 1,
        "people": spec.people + 1,
        "rooms_per_household": rooms / (households + 1),
    }
    for group, name in ((FARMER, "farmers"), (MANUFACTURER, "manufacturers")):
        producers = getattr(spec, name)
        if kind == group:
            more = producers.households + 1
            changes[name] = producers.model_copy(update={"households": more})
    return spec.model_copy(update=changes)


def with_household_of_its_own(scenario: Scenario) -> Scenario:
    """Return the scenario with a further village, before all others, of one household.

    It lies in a county of its own and has a good that nobody else has, or none if there is none
    left, so that it can reach nobody.
    """
    register = register_of(scenario)
    perishable = goods().perishable
    sold = set(np.unique(register.goods).tolist())
    free = [
        good
        for number, good in enumerate(good_names())
        if number not in sold and not perishable[number]
    ]
    own = VillageSpec(
        name=OWN_VILLAGE,
        province=_OWN_PLACE,
        prefecture=_OWN_PLACE,
        county=_OWN_PLACE,
        town=_OWN_PLACE,
        people=3,
        households=1,
        broadband_year=int(register.broadband_year.min()),
        internet_ratio=10.0,
        rooms_per_household=0.0,
        within_reach=tuple(free[:1]),
    )
    return scenario.model_copy(update={"villages": (own, *scenario.expanded_villages())})


def tied_villages(scenario: Scenario, path: str) -> set[str]:
    """Return the villages that something in one of them may reach: paths, its own among them.

    Villages of a county and of neighbouring towns hear of each other, and those with the same good
    compete, wherever they lie; what one reaches may reach others.
    """
    register = register_of(scenario)
    links = town_links(register, behaviour(scenario.behaviour).hearsay_reach_km)
    heard: dict[int, list[str]] = {}
    for town, neighbour in zip(links.town.tolist(), links.neighbour.tolist(), strict=True):
        tie = f"between {min(town, neighbour)} and {max(town, neighbour)}"
        for end in (town, neighbour):
            heard.setdefault(end, []).append(tie)
    by_tie: dict[str, set[str]] = {}
    ties: dict[str, list[str]] = {}
    places = zip(register.paths(), register.town.tolist(), register.county.tolist(), strict=True)
    for (its_path, town, county), its_goods in zip(places, register.goods.tolist(), strict=True):
        sells = [f"sells {good}" for good in its_goods if good != NO_GOOD]
        ties[its_path] = [f"in {county}", *sells, *heard.get(town, [])]
        for tie in ties[its_path]:
            by_tie.setdefault(tie, set()).add(its_path)
    reached, waiting = {path}, [path]
    while waiting:
        for tie in ties[waiting.pop()]:
            further = by_tie.pop(tie, set()) - reached
            reached |= further
            waiting += further
    return reached
