"""The model without a part: imitation, the years after the fitted ones, what counties are like."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.experiments.ablations import (
    ABLATIONS,
    FROZEN_DRIVERS,
    NO_IMITATION,
    RANDOM_VILLAGES,
    USUAL,
    changes_without,
)
from sim.experiments.frozen_drivers import run_with_frozen_drivers
from sim.experiments.run import RunOptions, run
from sim.rules.opening import (
    expected_profit_yuan_per_month,
    product_weight,
    settling_probability,
)
from sim.scenario import Scenario, load_scenario, with_changes
from sim.world.area import Area
from sim.world.drawn_counties import Counties, counties_of
from sim.world.drawn_trades import trade_shares
from sim.world.parameters import behaviour, geography

CHINA = load_scenario("china")


def without(variant: str, scenario: Scenario = CHINA) -> Scenario:
    changes: Mapping[str, Any] = changes_without(variant, scenario)
    return with_changes(scenario, changes)


def unimitating() -> Any:
    return behaviour(without(NO_IMITATION).behaviour)


def test_the_whole_model_and_frozen_drivers_change_nothing_of_a_scenario() -> None:
    assert changes_without(USUAL, CHINA) == {}
    assert changes_without(FROZEN_DRIVERS, CHINA) == {}


def test_an_unknown_ablation_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ScenarioError, match="did you mean 'no_imitation'"):
        changes_without("no_imitaton", CHINA)


@pytest.mark.parametrize("variant", ABLATIONS)
def test_villages_without_a_map_can_be_run_without_each_part(variant: str) -> None:
    assert without(variant, load_scenario("cangtian")).region is None


# --- without imitation


def test_what_others_earn_does_not_tell_what_to_expect() -> None:
    b = unimitating()
    alone = expected_profit_yuan_per_month(2000.0, 0, 0.0, 0, 0.0, False, 0.0, 0.0, 0.0, b)
    among = expected_profit_yuan_per_month(2000.0, 3, 9e4, 50, 3e4, False, 0.0, 0.9, 3e4, b)
    assert among == alone > 0
    usual = expected_profit_yuan_per_month(
        2000.0, 3, 9e4, 50, 3e4, False, 0.0, 0.9, 3e4, behaviour()
    )
    assert usual > among


def test_what_one_has_tried_oneself_still_tells() -> None:
    b = unimitating()
    poor, rich = (
        expected_profit_yuan_per_month(2000.0, 0, 0.0, 0, 0.0, True, own, 0.0, 0.0, b)
        for own in (0.0, 1e4)
    )
    assert rich > poor


def test_shops_of_others_draw_nobody_to_a_village() -> None:
    b = unimitating()
    empty, full = (
        settling_probability(profit, 3000.0, 0.5, shops, b)
        for profit, shops in ((0.0, 0.0), (9e4, 300.0))
    )
    assert full == empty > 0


def test_a_product_is_not_chosen_because_others_sell_it() -> None:
    b = unimitating()
    made, copied = (product_weight(2000.0, 3000.0, shops, 0.1, b) for shops in (0.0, 500.0))
    assert copied / made == pytest.approx(1.0, abs=1e-5)
    brought = product_weight(2000.0, 3000.0, 0.0, 0.05, b)
    assert brought / made == pytest.approx(0.5)


def test_fewer_open_shops_where_nobody_imitates() -> None:
    dongfeng = with_changes(load_scenario("dongfeng"), {"end": "2014-12-31"})
    options = RunOptions(threads=1, record={"households": "none"})
    usual, alone = (
        run(scenario, 3, options=options).summary["years"]["2014"]["active_stores"]
        for scenario in (dongfeng, without(NO_IMITATION, dongfeng))
    )
    assert alone < usual


# --- random villages


def china_counties(scenario: Scenario, **changes: float) -> Counties:
    assert scenario.region is not None
    g = geography(scenario.geography) | changes
    return counties_of(Area((), 1.0, scenario.region.seed), g, None)


def village_weights(counties: Counties) -> np.ndarray:
    return counties.villages / counties.villages.sum()


def spread_of(values: np.ndarray, weight: np.ndarray) -> float:
    return float(np.sqrt(((values - values @ weight) ** 2) @ weight))


def test_counties_vary_as_much_by_luck_as_they_did_by_trades_and_incomes() -> None:
    usual, luck = china_counties(CHINA), china_counties(without(RANDOM_VILLAGES))
    weight = village_weights(usual)
    assert spread_of(luck.tradition, weight) == pytest.approx(
        spread_of(usual.tradition, weight), rel=0.06
    )
    # Of few counties with the highest odds, so over several maps and without the luck of each.
    maps = [china_counties(with_changes(CHINA, {"region.seed": seed})) for seed in range(4)]
    odds = np.mean([np.exp(counties.tradition) @ weight for counties in maps])
    changed = geography(without(RANDOM_VILLAGES).geography)
    expected = np.exp(changed["tradition_mean"] + changed["tradition_sd_county"] ** 2 / 2)
    assert expected == pytest.approx(odds, rel=0.15)


def test_trades_and_incomes_say_nothing_of_the_tradition_of_a_random_county() -> None:
    def correlations(scenario: Scenario) -> list[float]:
        counties = china_counties(scenario)
        strength = counties.strength.max(axis=1)
        return [
            float(np.corrcoef(counties.tradition, other)[0, 1])
            for other in (strength, np.log(counties.income))
        ]

    assert min(correlations(CHINA)) > 0.4
    assert max(np.abs(correlations(without(RANDOM_VILLAGES)))) < 0.06


def test_as_many_villages_make_something_but_not_more_where_a_trade_is_known() -> None:
    found = {}
    for name, scenario in (("usual", CHINA), ("luck", without(RANDOM_VILLAGES))):
        counties, g = china_counties(scenario), geography(scenario.geography)
        share = np.minimum(trade_shares(counties.strength, g).sum(axis=1), 1.0)
        is_known = (counties.strength > 0).any(axis=1)
        weight = village_weights(counties)
        found[name] = (share @ weight, *(
            share[rows] @ weight[rows] / weight[rows].sum() for rows in (is_known, ~is_known)
        ))  # fmt: skip
    assert found["luck"][0] == pytest.approx(found["usual"][0], rel=0.02)
    assert found["luck"][1] == pytest.approx(found["luck"][2], rel=0.02)
    assert found["usual"][1] > 10 * found["usual"][2]


# --- frozen drivers


def totals(result: Any) -> dict[str, Any]:
    return {key: value for key, value in result.summary.items() if key in ("years", "designations")}


def test_drivers_that_are_all_known_change_no_number(tiny_file: Path) -> None:
    scenario, end = load_scenario(tiny_file), date(2015, 12, 31)
    options = RunOptions(threads=1)
    usual = run(scenario, 7, options=options)
    frozen = run_with_frozen_drivers(scenario, 7, end, options, 2022)
    assert totals(frozen) == totals(usual)
    for name, columns in usual.record.tables.items():
        for column, values in columns.items():
            np.testing.assert_array_equal(frozen.record.tables[name][column], values)


def test_frozen_drivers_change_what_comes_after_and_nothing_before() -> None:
    scenario = with_changes(load_scenario("dongfeng"), {"end": "2013-12-31"})
    options = RunOptions(threads=1)
    usual = run(scenario, 5, options=options)
    frozen = run_with_frozen_drivers(scenario, 5, date(2013, 12, 31), options, 2011)
    sales = [
        np.asarray(result.record.tables["village_months"]["online_sales_yuan"])
        for result in (usual, frozen)
    ]
    first_frozen_month = 2 * 12 + 6
    np.testing.assert_array_equal(*(each[:first_frozen_month] for each in sales))
    assert sales[1][first_frozen_month:].sum() < sales[0][first_frozen_month:].sum()
