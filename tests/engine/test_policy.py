"""From policies to levers: who is reached, when, how strongly, and what it costs."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.engine.policy import Levers, PolicyTimeline
from sim.scenario import Scenario, registered
from sim.world.calendar import day_of

VILLAGE = {
    "province": "P",
    "prefecture": "Q",
    "county": "C",
    "town": "T",
    "people": 300,
    "households": 100,
    "broadband_year": 2012,
}
VILLAGES = [
    VILLAGE | {"name": "Reed"},
    VILLAGE | {"name": "Willow", "town": "U", "people": 900, "households": 300},
    VILLAGE | {"name": "Alder", "county": "D", "broadband_year": 2005},
]


def scenario(*policies: dict[str, Any], **changes: Any) -> Scenario:
    data = {"name": "x", "start": "2010-01-01", "end": "2019-12-31", "villages": VILLAGES}
    return Scenario.model_validate(data | {"policies": policies} | changes)


def cold_chain(name: str = "cold", **changes: Any) -> dict[str, Any]:
    return {"kind": "cold_chain", "name": name, "start": "2012-01-01", **changes}


def levers(it: Scenario, text: str = "2015-01-01") -> Levers:
    return PolicyTimeline(it).levers(day_of(date.fromisoformat(text)))


NEUTRAL = {"yield_multiple": 1, "parcel_price_multiple": 1, "commission_multiple": 1}


def test_without_policies_nothing_changes() -> None:
    neutral = levers(scenario())

    for name, lever in zip(Levers._fields, neutral, strict=True):
        if name != "broadband_day":
            assert lever.tolist() == [NEUTRAL.get(name, 0)] * 3
            assert lever.dtype == np.float64
    assert neutral.broadband_day.dtype == np.int64


def test_a_policy_of_intensity_zero_changes_nothing() -> None:
    null = levers(scenario(cold_chain(intensity=0)))

    for lever, neutral in zip(null, levers(scenario()), strict=True):
        np.testing.assert_array_equal(lever, neutral)


@pytest.mark.parametrize(
    ("month", "value"),
    [
        ("2012-01-01", 0),
        ("2012-02-01", 0.5),
        ("2013-03-01", 0.5),
        ("2013-04-01", 0),
    ],
)
def test_a_policy_is_in_force_in_months_on_whose_first_day_it_is(month: str, value: float) -> None:
    it = scenario(cold_chain(start="2012-01-15", end="2013-04-01", intensity=0.5))

    assert levers(it, month).cold_chain.tolist() == [value] * 3


def test_a_policy_that_starts_on_the_first_is_in_force_that_day() -> None:
    assert levers(scenario(cold_chain()), "2012-01-01").cold_chain[0] == 1


def test_each_service_has_its_own_dates_and_lever() -> None:
    platform = {
        "kind": "service_platform",
        "name": "hub",
        "start": "2012-01-01",
        "storage": {"intensity": 0.3, "end": "2014-01-01"},
        "product_supply": {"intensity": 0.4},
        "training": {"intensity": 0.5, "start": "2016-01-01"},
        "logistics": {"intensity": 0.6},
    }
    its = levers(scenario(platform))

    assert [its.storage[0], its.product_supply[0], its.training[0], its.logistics[0]] == [
        0,
        0.4,
        0,
        0.6,
    ]


@pytest.mark.parametrize(
    ("target", "reached"),
    [
        ({}, [1, 1, 1]),
        ({"villages": ["Reed"]}, [1, 0, 0]),
        ({"towns": ["T"]}, [1, 0, 1]),
        ({"towns": ["C/T"]}, [1, 0, 0]),
        ({"counties": ["D"]}, [0, 0, 1]),
        ({"villages": ["Reed"], "counties": ["D"]}, [1, 0, 1]),
        ({"share": 0.0}, [0, 0, 0]),
    ],
)
def test_only_targets_are_reached(target: dict[str, Any], reached: list[int]) -> None:
    assert levers(scenario(cold_chain(target=target))).cold_chain.tolist() == reached


class TestRandomTargets:
    MANY = (VILLAGE | {"name": "Reed", "count": 400},)

    def reached(self, share: float, seed: int | None = None, scenario_seed: int = 69) -> np.ndarray:
        target = {"share": share, "seed": seed}
        it = scenario(cold_chain(target=target), villages=self.MANY, seed=scenario_seed)
        return levers(it).cold_chain > 0

    def test_the_share_is_about_what_was_asked_for(self) -> None:
        assert 0.22 < self.reached(0.3).mean() < 0.38

    def test_a_larger_share_contains_a_smaller_one(self) -> None:
        small, large = self.reached(0.2), self.reached(0.6)

        assert (large | ~small).all()
        assert large.sum() > small.sum()

    def test_the_choice_follows_the_seed_of_the_scenario(self) -> None:
        assert (self.reached(0.5, scenario_seed=1) != self.reached(0.5, scenario_seed=2)).any()

    def test_a_seed_of_its_own_makes_it_independent_of_the_scenario_s(self) -> None:
        fixed = self.reached(0.5, 7, scenario_seed=1)

        assert (fixed == self.reached(0.5, 7, scenario_seed=2)).all()
        assert (fixed != self.reached(0.5, 8, scenario_seed=1)).any()

    def test_one_village_more_changes_the_choice_of_no_other(self) -> None:
        target = {"share": 0.5}
        fewer = levers(scenario(cold_chain(target=target))).cold_chain
        more = [*VILLAGES, VILLAGE | {"name": "Elm"}]
        changed = levers(scenario(cold_chain(target=target), villages=more)).cold_chain

        assert changed[:3].tolist() == fewer.tolist()


def test_intensities_add_up_to_one_at_most() -> None:
    both = [cold_chain("a", intensity=0.4), cold_chain("b", intensity=0.3)]

    assert levers(scenario(*both)).cold_chain[0] == pytest.approx(0.7)
    assert levers(scenario(*both, cold_chain("c"))).cold_chain[0] == 1


@pytest.mark.parametrize(
    ("kind", "field", "values", "lever", "together"),
    [
        ("startup_subsidy", "yuan_per_shop", (100, 50), "subsidy_yuan", 150),
        ("startup_credit", "yuan_per_household", (100, 50), "credit_yuan", 150),
        ("parcel_price", "multiple", (0.5, 0.8), "parcel_price_multiple", 0.4),
        ("commission", "multiple", (2.0, 1.5), "commission_multiple", 3),
        ("cooperative_brand", "intensity", (0.5, 0.25), "brand", 0.75),
        ("cross_border_pilot", "intensity", (0.5, 0.75), "cross_border_pilot", 1),
    ],
)
def test_two_policies_of_a_kind_act_together(
    kind: str, field: str, values: tuple[float, float], lever: str, together: float
) -> None:
    policies = [
        {"kind": kind, "name": name, "start": "2012-01-01", field: value}
        for name, value in zip("ab", values, strict=True)
    ]

    assert getattr(levers(scenario(*policies)), lever) == pytest.approx([together] * 3)


def test_of_greenhouses_the_largest_counts() -> None:
    policies = [
        {"kind": "greenhouse", "name": name, "start": "2012-01-01", "orchard_share": share}
        | {"days_earlier": days}
        for name, share, days in (("a", 0.1, 20), ("b", 0.3, 10))
    ]
    its = levers(scenario(*policies))

    assert (its.greenhouse_share[0], its.greenhouse_days_earlier[0]) == (0.3, 20)


def test_a_greenhouse_without_orchards_does_not_change_when_fruit_of_another_ripens() -> None:
    some = {"kind": "greenhouse", "start": "2012-01-01"}
    real = some | {"name": "a", "orchard_share": 0.3, "days_earlier": 10}
    empty = some | {"name": "b", "orchard_share": 0.0, "days_earlier": 40}

    its = levers(scenario(real, empty))

    assert (its.greenhouse_share[0], its.greenhouse_days_earlier[0]) == (0.3, 10)


def test_weather_acts_in_every_month_of_its_year_alone() -> None:
    it = scenario(
        {"kind": "weather", "name": "a", "year": 2015, "yield_multiple": 0.5, "shift_days": 4},
        {"kind": "weather", "name": "b", "year": 2015, "yield_multiple": 0.5, "shift_days": -1},
    )
    years = [levers(it, month) for month in ("2014-12-01", "2015-01-01", "2015-12-01")]

    assert [its.yield_multiple[0] for its in years] == [1, 0.25, 0.25]
    assert [its.season_shift_days[0] for its in years] == [0, 3, 3]
    assert levers(it, "2016-01-01").yield_multiple[0] == 1


def test_broadband_comes_by_the_earlier_year_and_is_known_from_the_start() -> None:
    early = {"kind": "broadband", "name": "early", "year": 2008}
    later = {"kind": "broadband", "name": "later", "year": 2011, "target": {"towns": ["U"]}}
    years = [2008, 2008, 2005]

    days = levers(scenario(early, later), "2010-01-01").broadband_day

    assert days.tolist() == [day_of(date(year, 1, 1)) for year in years]


class TestCosts:
    def test_a_twelfth_of_a_year_is_spread_by_households(self) -> None:
        target = {"towns": ["T", "U"]}
        its = levers(scenario(cold_chain(yearly_cost_yuan=6000, target=target)))

        assert its.policy_cost_yuan.tolist() == [100, 300, 100]

    def test_costs_fall_only_on_those_reached_and_add_up(self) -> None:
        its = levers(
            scenario(
                cold_chain("a", yearly_cost_yuan=1200, target={"villages": ["Reed"]}),
                cold_chain("b", yearly_cost_yuan=4800, target={"villages": ["Reed", "Willow"]}),
            )
        )

        assert its.policy_cost_yuan.tolist() == [200, 300, 0]

    def test_a_platform_costs_besides_its_services(self) -> None:
        platform = {
            "kind": "service_platform",
            "name": "hub",
            "start": "2012-01-01",
            "yearly_cost_yuan": 1200,
            "target": {"villages": ["Reed"]},
            "storage": {"yearly_cost_yuan": 2400},
            "training": {"yearly_cost_yuan": 3600, "start": "2018-01-01"},
        }
        it = scenario(platform)

        assert levers(it, "2015-01-01").policy_cost_yuan[0] == 300
        assert levers(it, "2018-01-01").policy_cost_yuan[0] == 600

    def test_what_reaches_nobody_costs_nothing(self) -> None:
        its = levers(scenario(cold_chain(yearly_cost_yuan=6000, target={"share": 0.0})))

        assert its.policy_cost_yuan.tolist() == [0, 0, 0]


class TestTimeline:
    def test_months_with_the_same_policies_share_their_levers(self) -> None:
        timeline = PolicyTimeline(scenario(cold_chain()))
        months = [day_of(date(2012, month, 1)) for month in (1, 2)]

        assert timeline.levers(months[0]) is timeline.levers(months[1])
        assert timeline.levers(months[0]) is not timeline.levers(months[0] - 31)

    def test_the_villages_may_have_another_order(self) -> None:
        it = scenario(cold_chain(target={"villages": ["Reed"]}))
        villages = registered(it.expanded_villages()[::-1])

        assert PolicyTimeline(it, villages).levers(
            day_of(date(2015, 1, 1))
        ).cold_chain.tolist() == [
            0,
            0,
            1,
        ]

    def test_another_seed_may_reach_others(self) -> None:
        many = [VILLAGE | {"name": "Reed", "count": 50}]
        it = scenario(cold_chain(target={"share": 0.5}), villages=many)
        day = day_of(date(2015, 1, 1))

        assert (
            PolicyTimeline(it, seed=1).levers(day).cold_chain
            != PolicyTimeline(it, seed=2).levers(day).cold_chain
        ).any()

    def test_events_are_the_starts_during_the_run_in_order(self) -> None:
        platform = {
            "kind": "service_platform",
            "name": "hub",
            "start": "2012-05-06",
            "storage": {"start": "2016-01-01"},
            "training": {},
        }
        before = cold_chain("before", start="2009-12-31")
        first = cold_chain("first", start="2010-01-01", target={"villages": ["Willow"]})

        events = PolicyTimeline(scenario(platform, before, first)).events

        assert [(event.policy, event.service) for event in events] == [
            ("first", ""),
            ("hub", ""),
            ("hub", "training"),
            ("hub", "storage"),
        ]
        assert events[0].day == day_of(date(2010, 1, 1))
        assert events[0].villages.tolist() == [1]
        assert events[1].day == day_of(date(2012, 5, 6))
        assert events[1].villages.tolist() == [0, 1, 2]
