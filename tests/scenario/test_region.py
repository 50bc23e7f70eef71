"""Regions in scenarios: what may be asked for, and whom policies reach in them."""

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.engine.policy import PolicyTimeline
from sim.errors import ScenarioError
from sim.scenario import Scenario, load_scenario, register_of
from sim.scenario.region import Region
from sim.world.calendar import day_of

NINGBO = {"within": ["Zhejiang/Ningbo"]}


def scenario(region: dict[str, Any], **changes: Any) -> Scenario:
    dates = {"name": "x", "start": "2010-01-01", "end": "2012-12-31"}
    return Scenario.model_validate(dates | {"region": region} | changes)


def reached(target: dict[str, Any], region: dict[str, Any] = NINGBO, **changes: Any) -> list[str]:
    """Paths of the villages that a policy for a target reaches."""
    policy = {"kind": "cold_chain", "name": "cold", "start": "2010-01-01", "target": target}
    it = scenario(region, policies=[policy], **changes)
    levers = PolicyTimeline(it, register_of(it)).levers(day_of(it.start))
    return np.array(list(register_of(it).paths()))[levers.cold_chain > 0].tolist()


def test_nothing_said_of_a_region_is_all_of_rural_china() -> None:
    assert len(Region().county_paths()) == 2851


@pytest.mark.parametrize(
    ("within", "counties"),
    [("Zhejiang", 90), ("Zhejiang/Ningbo/Cixi", 1)],
)
def test_a_region_has_the_counties_of_its_places(within: str, counties: int) -> None:
    paths = Region(within=(within,)).county_paths()

    assert len(paths) == counties
    assert all(f"{path}/".startswith(f"{within}/") for path in paths)


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ({"within": ["Zhejang"]}, "Zhejiang"),
        ({"within": ["Cixi"]}, "Zhejiang/Ningbo/Cixi"),
        ({"within": ["Zhejiang/Ningbo/Cixi/Changhe"]}, "counties.csv"),
        ({"county_share": 0.0}, "greater than 0"),
        ({"county_share": 1.5}, "less than or equal to 1"),
        ({"seed": -1}, "greater than or equal to 0"),
        ({"part": 0, "county_share": 0.3}, "part = 0; allowed: nothing, or a county_share of one"),
        ({"part": 10, "county_share": 0.1}, "part = 10; allowed: 0 to 9"),
        ({"part": 1}, "part = 1; allowed: 0 to 0"),
        ({"part": -1, "county_share": 0.1}, "greater than or equal to 0"),
        ({"inside": ["Zhejiang"]}, "Extra inputs"),
        ({"file_sha256": "0" * 64}, "nothing without a file"),
    ],
)
def test_a_region_that_is_not_on_the_map_is_refused(region: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        scenario(region)


def test_a_scenario_needs_villages_or_a_region() -> None:
    with pytest.raises(ValidationError, match="a \\[region\\]"):
        Scenario.model_validate({"name": "x", "start": "2010-01-01", "end": "2010-12-31"})


def test_described_villages_stand_before_those_that_are_drawn() -> None:
    it = load_scenario("cixi")
    described = [village.path for village in it.expanded_villages()]

    paths = list(register_of(it).paths())

    assert paths[: len(described)] == described
    assert len(set(paths)) == len(paths) == 297


def test_the_seed_of_a_run_draws_the_same_villages() -> None:
    one, other = (register_of(scenario(NINGBO, seed=seed)) for seed in (1, 2))

    assert one.households.tolist() == other.households.tolist()


@pytest.mark.parametrize("name", ["Cixi", "Ningbo/Cixi"])
def test_a_policy_for_a_county_reaches_all_its_villages_and_no_other(name: str) -> None:
    everyone = list(register_of(scenario(NINGBO)).paths())

    found = reached({"counties": [name]})

    assert found == [path for path in everyone if path.startswith("Zhejiang/Ningbo/Cixi/")]
    assert len(found) == 297


def test_a_policy_for_a_county_outside_the_region_is_refused() -> None:
    with pytest.raises(ValidationError, match="Wenling"):
        reached({"counties": ["Wenling"]})


@pytest.mark.parametrize(
    ("target", "said"),
    [
        (
            {"counties": ["Cixi"]},
            "counties = 'Cixi'; allowed: counties of the region as it is thin",
        ),
        (
            {"towns": ["Changhe"]},
            "towns = 'Changhe'; allowed: towns of the region as it is thinned",
        ),
        ({"villages": ["Cixi 1"]}, "villages = 'Cixi 1'; allowed: villages of the region as it is"),
    ],
)
def test_a_policy_for_a_place_that_thinning_leaves_out_is_refused(
    target: dict[str, Any], said: str
) -> None:
    thinned = next(
        NINGBO | {"county_share": 0.5, "part": part}
        for part in (0, 1)
        if f"{NINGBO['within'][0]}/Cixi"
        not in register_of(scenario(NINGBO | {"county_share": 0.5, "part": part})).county_paths
    )

    with pytest.raises(ScenarioError, match=said):
        reached(target, thinned)


def test_a_policy_for_a_town_that_no_region_has_is_refused() -> None:
    with pytest.raises(ScenarioError, match=r"policies\.cold\.target\.towns = 'Chang'; .*Changhe"):
        reached({"towns": ["Chang"]}, {"within": ["Zhejiang/Ningbo/Cixi"]})


def test_a_share_of_villages_is_drawn_by_its_own_seed() -> None:
    count = len(register_of(scenario(NINGBO)))
    target = {"share": 0.3, "seed": 7}

    first = reached(target)

    assert len(first) == pytest.approx(0.3 * count, rel=0.1)
    assert reached(target, seed=1) == first
    assert reached(target | {"seed": 8}) != first
    assert set(first) < set(reached(target | {"share": 0.6}))


def test_a_share_does_not_depend_on_the_rest_of_the_region() -> None:
    target = {"share": 0.3, "seed": 7, "counties": ["Cixi"]}

    assert reached(target) == reached(target, {"within": ["Zhejiang/Ningbo/Cixi"]})


def test_the_same_villages_are_made_once_and_others_anew() -> None:
    first = register_of(scenario(NINGBO))

    assert register_of(scenario(NINGBO, seed=2)) is first
    assert register_of(scenario(NINGBO, geography={"people_per_household": 3.5})) is not first
    assert register_of(scenario(NINGBO)).people.tolist() == first.people.tolist()
