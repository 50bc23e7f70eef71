"""Labour across the borders of villages: who fills whose places, computed by hand."""

from typing import Any

import numpy as np
import pytest
from small_worlds import months, scenario, village

from sim.engine.commuting import publish_commuting
from sim.engine.simulation import Simulation

WILLING = {"commuting_share": 0.5, "wage_tightness": 0.4}


def published(
    places: list[tuple[float, float, float]], towns: str = "TTT", **behaviour: float
) -> Any:
    """Villages after commuting has been published, from their staff, pool and income index."""
    villages = [
        village(f"Reed {number}", town=town, income_index=index)
        for number, (town, (_, _, index)) in enumerate(zip(towns, places, strict=True))
    ]
    simulation = Simulation(scenario(*villages, behaviour=WILLING | behaviour), threads=1)
    simulation.start_month()
    its = simulation.state.villages
    its["staff"] = [staff for staff, _, _ in places]
    its["labour_pool"] = [pool for _, pool, _ in places]
    its["hired_villagers"] = np.minimum(its["staff"], its["labour_pool"])
    publish_commuting(np.arange(len(places)), simulation.state, simulation.terms)
    return its


SHORT, BUSY, IDLE = (30.0, 10.0, 1.0), (20.0, 60.0, 1.0), (5.0, 205.0, 1.0)


def test_places_are_filled_from_the_free_hands_of_the_town() -> None:
    its = published([SHORT, BUSY, IDLE])

    # 20 places; half of 40 and of 200 free hands would come, so that a sixth of those do.
    np.testing.assert_allclose(its["hired_neighbours"], [20.0, 0.0, 0.0])
    np.testing.assert_allclose(its["commuters"], [0.0, 20.0 / 6.0, 100.0 / 6.0])


def test_where_hands_are_few_all_of_them_come_and_places_stay_open() -> None:
    its = published([SHORT, (80.0, 40.0, 1.0), (0.1, 30.1, 1.0)])

    np.testing.assert_allclose(its["hired_neighbours"], [5.0, 10.0, 0.0])
    np.testing.assert_allclose(its["commuters"], [0.0, 0.0, 15.0])


def test_commuters_are_paid_what_those_who_hire_them_pay_on_average() -> None:
    its = published([SHORT, (50.0, 40.0, 2.0), IDLE])

    wage = its["wage_yuan_per_month"] * 1.4
    mean = (20.0 * wage[0] + 10.0 * wage[1]) / 30.0
    np.testing.assert_allclose(its["commuter_wage_yuan"], mean)


@pytest.mark.parametrize(
    ("towns", "behaviour"), [("TUU", {}), ("TTT", {"commuting_share": 0.0})], ids=["town", "nobody"]
)
def test_nobody_comes_from_another_town_or_where_nobody_is_willing(
    towns: str, behaviour: dict[str, float]
) -> None:
    its = published([SHORT, BUSY, IDLE], towns, **behaviour)

    for name in ("hired_neighbours", "commuters", "commuter_wage_yuan"):
        assert not its[name].any()


def test_hands_of_villages_in_which_nobody_hires_are_counted() -> None:
    """A village without shops has no pool of its own until its town asks for hands."""
    makers = {"behaviour": {"orders_per_worker_day": 0.02, "hire_reserve_months": 0.01}}
    quiet = village("Quiet", internet_ratio=0.0, rooms_per_household=0.0)
    simulation = Simulation(scenario(village("Busy"), quiet, **makers), threads=1)

    sent = [m.state.villages["commuters"][1] for m in months(simulation)]

    its = simulation.state.villages
    assert sent[-1] > 0.0
    assert its["staff"][1] == 0.0
    # 70 operators, 20 makers who keep a hand, 30 farmers who keep their time: below 240 workers.
    assert 100.0 < its["labour_pool"][1] < 220.0
