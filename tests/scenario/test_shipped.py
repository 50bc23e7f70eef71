"""The scenario and policy files that come with the package."""

import pytest

from sim.scenario import Scenario, list_policies, list_scenarios, load_scenario

SCENARIOS = ["bayberry", "bayberry-offline", "cangtian", "cangtian-without-platform"]
SCENARIOS += ["grapes", "mixed"]
POLICIES = [name for name, _ in list_policies()]


def growers(scenario: Scenario, town: str = "") -> tuple[int, float]:
    """Grower households and their area [mu]."""
    villages = [v for v in scenario.expanded_villages() if town in ("", v.town)]
    farmers = [v.farmers for v in villages if v.farmers]
    return (
        sum(group.households for group in farmers),
        sum(group.households * group.orchard_mu_mean for group in farmers),
    )


def test_the_shipped_scenarios_are_listed_with_titles() -> None:
    listed = dict(list_scenarios())

    assert set(SCENARIOS) <= set(listed)
    assert all(listed[name] for name in SCENARIOS)


def test_there_is_a_policy_file_for_each_lever_of_a_government() -> None:
    assert len(POLICIES) == 15
    assert all(title for _, title in list_policies())


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_policy_file_can_be_added_to_every_scenario(name: str, policy: str) -> None:
    base = load_scenario(name)

    assert len(load_scenario(name, policies=[policy]).policies) == len(base.policies) + 1


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_asks_something_and_tunes_nothing(name: str) -> None:
    scenario = load_scenario(name)

    assert scenario.question.endswith(("?", "."))
    assert (scenario.behaviour, scenario.goods, scenario.platform_terms) == ({}, {}, {})
    assert scenario.observer.rule == "strict"


def test_cangtian_is_the_village_that_was_reported() -> None:
    (village,) = load_scenario("cangtian").expanded_villages()

    assert (village.people, village.households) == (4600, 1500)
    assert village.manufacturers is not None
    assert village.manufacturers.households == 300
    assert village.income_index == pytest.approx(34927 / 27302, abs=5e-4)


def test_the_platform_of_cangtian_has_four_services_from_2017() -> None:
    (platform,) = load_scenario("cangtian").policies

    assert {measure.start.year for measure in platform.measures()} == {2017}
    assert len(platform.measures()) == 1 + 4


def test_cangtian_without_its_platform_differs_in_nothing_else() -> None:
    said = {"name", "title", "question", "policies"}
    with_it, without = load_scenario("cangtian"), load_scenario("cangtian-without-platform")

    assert without.policies == ()
    assert with_it.model_dump(exclude=said) == without.model_dump(exclude=said)


def test_the_bayberries_of_cixi_have_their_growers_and_area() -> None:
    scenario = load_scenario("bayberry")

    assert growers(scenario) == (16_000, 80_000)
    assert growers(scenario, "Kuangyan") == (3_000, 15_000)
    assert {v.farmers.crop for v in scenario.villages if v.farmers} == {"bayberry"}


def test_bayberries_offline_differ_in_the_platforms_only() -> None:
    said = {"name", "title", "question", "platforms"}
    online, offline = load_scenario("bayberry"), load_scenario("bayberry-offline")

    assert offline.platforms == ()
    assert online.model_dump(exclude=said) == offline.model_dump(exclude=said)


def test_the_grapes_have_their_area() -> None:
    scenario = load_scenario("grapes")

    assert growers(scenario, "Andong")[1] == 15_000
    assert growers(scenario, "Xinpu")[1] == 2_000


def test_the_mixed_village_has_everyone_and_both_kinds_of_goods() -> None:
    (village,) = load_scenario("mixed").villages

    assert village.farmers is not None
    assert village.manufacturers is not None
    assert village.operators > 0
    assert len(village.within_reach) == 2
