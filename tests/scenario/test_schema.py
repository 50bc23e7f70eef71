"""What a scenario is, once it is loaded."""

from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from sim.scenario import Policy, Scenario, Target, VillageSpec
from sim.scenario.policy import SERVICES
from sim.scenario.vocabulary import PlatformName
from sim.world.parameters import platform_names

VILLAGE = {
    "name": "Reed",
    "province": "P",
    "prefecture": "Q",
    "county": "C",
    "town": "T",
    "people": 1200,
    "households": 400,
    "broadband_year": 2006,
}


def village(**changes: Any) -> VillageSpec:
    return VillageSpec.model_validate(VILLAGE | changes)


def scenario(**changes: Any) -> Scenario:
    data = {"name": "x", "start": "2010-01-01", "end": "2012-12-31", "villages": [VILLAGE]}
    return Scenario.model_validate(data | changes)


def policy(kind: str, **changes: Any) -> Any:
    data = {"kind": kind, "name": "it", **changes}
    return TypeAdapter(Policy).validate_python(data)


def test_operators_are_the_households_that_produce_nothing() -> None:
    farmers = {"households": 100, "crop": "grape", "orchard_mu_mean": 3}
    makers = {"households": 50, "product": "shoes", "capacity_pieces_per_month_mean": 10}

    assert village().operators == 400
    assert village(farmers=farmers, manufacturers=makers).operators == 250


def test_paths_name_the_village_and_its_weather_zone() -> None:
    assert village().path == "P/Q/C/T/Reed"
    assert village().zone_path == "P/Q/C"


def test_a_counted_village_becomes_that_many_with_equal_numbers() -> None:
    expanded = village(count=3).expanded()

    assert [v.path for v in expanded] == list(village(count=3).paths)
    assert [v.name for v in expanded] == ["Reed 1", "Reed 2", "Reed 3"]
    assert {(v.count, v.people, v.households) for v in expanded} == {(1, 1200, 400)}


def test_a_single_village_keeps_its_name() -> None:
    assert village().expanded() == [village()]


def test_expanded_villages_keep_the_order_of_the_file() -> None:
    it = scenario(villages=[VILLAGE | {"count": 2}, VILLAGE | {"name": "Willow"}])

    assert [v.name for v in it.expanded_villages()] == ["Reed 1", "Reed 2", "Willow"]


def test_a_village_named_like_a_counted_one_is_refused() -> None:
    villages = [VILLAGE | {"count": 2}, VILLAGE | {"name": "Reed 2"}]

    with pytest.raises(
        ValidationError, match="villages = 'Reed 2'; allowed: names that are unique"
    ):
        scenario(villages=villages)


def test_defaults_are_the_documented_ones() -> None:
    it = scenario()

    assert it.seed == 69
    assert it.platforms == platform_names()
    assert (it.observer.rule, it.observer.listing_date) == ("strict", "06-30")
    assert (it.observer.trailing_days, it.observer.active_within_days) == (365, 365)
    assert it.villages[0].rooms_per_household == 0.1


def test_the_platforms_are_those_of_the_data() -> None:
    assert PlatformName.__args__ == platform_names()


def test_a_scenario_cannot_be_changed() -> None:
    it = scenario()

    with pytest.raises(ValidationError, match="frozen"):
        it.seed = 3  # type: ignore[misc]


def test_a_scenario_of_one_day_is_possible() -> None:
    assert scenario(end="2010-01-01").end == date(2010, 1, 1)


def test_an_error_without_a_file_is_readable_too() -> None:
    with pytest.raises(
        ValidationError, match="people = 2401; allowed: one to 6 people a household"
    ):
        village(people=2401)


@pytest.mark.parametrize("rise", [1.5, 4.0])
def test_commissions_may_rise_but_not_to_the_whole_price(rise: float) -> None:
    policies = [
        {"kind": "commission", "name": name, "start": "2010-01-01", "multiple": rise}
        for name in ("first", "second")
    ]
    if rise < 2:
        assert len(scenario(policies=policies).policies) == 2
        return

    with pytest.raises(ValidationError, match=r"policies\.first\.multiple = 4.0; .* on jd 144%"):
        scenario(policies=policies)


class TestTarget:
    def test_without_names_it_reaches_everyone(self) -> None:
        assert Target().reaches("P/Q/C/T/Reed")

    @pytest.mark.parametrize(
        ("kind", "name", "reached"),
        [
            ("villages", "Reed 3", True),
            ("villages", "Reed", True),
            ("villages", "T/Reed", True),
            ("villages", "P/Q/C/T/Reed 3", True),
            ("villages", "Reed 4", False),
            ("villages", "U/Reed", False),
            ("villages", "eed 3", False),
            ("villages", "T", False),
            ("towns", "T", True),
            ("towns", "C/T", True),
            ("towns", "C", False),
            ("counties", "C", True),
            ("counties", "Q/C", True),
            ("counties", "T", False),
        ],
    )
    def test_names_are_ends_of_paths(self, kind: str, name: str, reached: bool) -> None:
        assert Target.model_validate({kind: [name]}).reaches("P/Q/C/T/Reed 3") is reached

    def test_names_of_several_kinds_add_up(self) -> None:
        target = Target(villages=("Reed",), towns=("U",))

        assert [target.reaches(f"P/Q/C/{end}") for end in ("T/Reed", "U/X", "T/X")] == [
            True,
            True,
            False,
        ]


class TestMeasures:
    def test_a_platform_is_taken_apart_into_its_services(self) -> None:
        platform = policy(
            "service_platform",
            start="2012-01-01",
            end="2014-01-01",
            yearly_cost_yuan=10,
            training={},
            storage={"start": "2013-01-01", "intensity": 0.5, "yearly_cost_yuan": 20},
        )

        whole, storage, training = platform.measures()

        assert (whole.part, whole.yearly_cost_yuan, whole.levers) == ("", 10, {})
        assert storage.part == "storage"
        assert (storage.start, storage.end) == (date(2013, 1, 1), date(2014, 1, 1))
        assert (storage.yearly_cost_yuan, storage.levers) == (20, {"storage": 0.5})
        assert (training.start, training.levers) == (date(2012, 1, 1), {"training": 1.0})

    @pytest.mark.parametrize("service", SERVICES)
    def test_each_service_can_be_alone(self, service: str) -> None:
        platform = policy("service_platform", start="2012-01-01", **{service: {}})

        assert [measure.part for measure in platform.measures()] == ["", service]

    @pytest.mark.parametrize(
        ("kind", "fields", "levers"),
        [
            ("startup_subsidy", {"yuan_per_shop": 5}, {"subsidy_yuan": 5}),
            ("startup_credit", {"yuan_per_household": 5}, {"credit_yuan": 5}),
            ("cold_chain", {"intensity": 0.5}, {"cold_chain": 0.5}),
            (
                "greenhouse",
                {"orchard_share": 0.1, "days_earlier": 10},
                {"greenhouse_share": 0.1, "greenhouse_days_earlier": 10},
            ),
            ("cooperative_brand", {}, {"brand": 1}),
            ("cross_border_pilot", {"intensity": 0.5}, {"cross_border_pilot": 0.5}),
            ("parcel_price", {"multiple": 0.5}, {"parcel_price_multiple": 0.5}),
            ("commission", {"multiple": 2}, {"commission_multiple": 2}),
        ],
    )
    def test_a_dated_policy_is_one_measure(
        self, kind: str, fields: dict[str, float], levers: dict[str, float]
    ) -> None:
        (measure,) = policy(kind, start="2012-03-04", yearly_cost_yuan=7, **fields).measures()

        assert (measure.policy, measure.part, measure.start) == ("it", "", date(2012, 3, 4))
        assert (measure.end, measure.yearly_cost_yuan, measure.levers) == (None, 7, levers)

    def test_weather_is_in_force_all_year(self) -> None:
        (measure,) = policy("weather", year=2015, yield_multiple=0.5, shift_days=-3).measures()

        assert (measure.start, measure.end) == (date(2015, 1, 1), date(2016, 1, 1))
        assert measure.levers == {"yield_multiple": 0.5, "season_shift_days": -3}

    def test_broadband_comes_on_new_year_and_stays(self) -> None:
        (measure,) = policy("broadband", year=2000).measures()

        assert (measure.start, measure.end) == (date(2000, 1, 1), None)
        assert measure.levers == {"broadband_day": 0}
