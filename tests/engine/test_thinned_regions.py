"""A thinned region: its counties stand for those left out, in competition as well."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_worlds import data_of_scenario

from sim.engine.simulation import Simulation
from sim.scenario import Scenario

COUNTIES = 3
"""Counties of Shizuishan."""


@cache
def after_a_month(part: int | None) -> Simulation:
    """All counties, or the part with one of them, after the first month in which shops open."""
    region: dict[str, Any] = {"within": ["Ningxia/Shizuishan"]}
    if part is not None:
        region |= {"county_share": 1.0 / COUNTIES, "part": part}
    data = data_of_scenario(behaviour={"open_intercept": 3.0}) | {"villages": [], "region": region}
    simulation = Simulation(Scenario.model_validate(data), threads=1)
    simulation.start_month()
    simulation.walk(simulation.month_end_day)
    return simulation


def inside(part: int | None) -> NDArray[np.float64]:
    """What simulated sellers weigh in the first month, by good and platform."""
    found: NDArray[np.float64] = after_a_month(part).terms.competition["inside"].ravel()
    return found


def test_each_part_is_one_county() -> None:
    parts = [after_a_month(part).register.county_paths for part in range(COUNTIES)]

    assert sorted(path for paths in parts for path in paths) == (
        after_a_month(None).register.county_paths
    )


def test_on_average_parts_compete_as_the_whole_does() -> None:
    parts = np.array([inside(part) for part in range(COUNTIES)])

    assert np.count_nonzero(inside(None)) > 3
    assert parts.mean(axis=0) == pytest.approx(inside(None))


def test_sellers_outside_are_as_many_however_thin_the_region() -> None:
    whole, part = (after_a_month(which).terms.competition for which in (None, 1))

    for name in ("outside", "market_yuan_per_day"):
        assert part[name].tobytes() == whole[name].tobytes()
    assert whole["outside"].any()


def test_a_county_opens_the_same_shops_in_a_part_as_in_the_whole() -> None:
    """So that the tests above compare nothing but the weight of counties."""
    whole, part = after_a_month(None), after_a_month(1)
    here = np.isin(list(whole.register.paths()), list(part.register.paths()))
    counts = whole.state.villages["open_shops"][here]

    assert counts.sum() > 100
    assert counts.tolist() == part.state.villages["open_shops"].tolist()
    assert (
        whole.state.villages["attraction"][here].tobytes()
        == part.state.villages["attraction"].tobytes()
    )
