"""The opening stage of a month: who waits for room in the table of shops is not forgotten."""

import numpy as np
import pytest
from small_worlds import months, scenario, village

from sim.engine import shops
from sim.engine.simulation import Simulation
from sim.world.records import Month

EAGER = {"settle_intercept": 50.0, "incomer_capital_yuan": 1e7}
"""With which outside operators take every room at once."""


def test_the_very_first_to_open_gets_room_when_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shops, "FIRST_BLOCK", 1)
    study = scenario(village(households=120, rooms_per_household=0.1), behaviour=EAGER)

    first_month = next(months(Simulation(study, threads=1)))

    assert first_month.state.month[0, Month.SETTLERS] == 12


FLAT = dict.fromkeys(
    ("open_knowledge", "open_schooling", "open_city", "open_age", "open_span", "open_gain"), 0.0
) | dict.fromkeys(("open_away", "open_entry_cost"), 0.0)
"""Traits count for nothing, so that what is seen of peers decides alone."""
COPYING = FLAT | {"open_imitation": 25.0, "open_intercept": -7.0}


@pytest.mark.parametrize("seed", [6, 19])
def test_nobody_is_passed_over_who_would_have_opened(seed: int) -> None:
    """Most households are passed over unlooked at; where agents are asked, none is.

    With these seeds someone opens who has the same seller for two acquaintances.
    """
    few = village(households=24, farmers=0, manufacturers=0, rooms_per_household=0.0)
    study = scenario(few, behaviour=COPYING, seed=seed, end="2014-12-31")
    opened = []
    for is_asked in (False, True):
        simulation = Simulation(study, threads=1)
        simulation.state.villages["is_asked"] = is_asked
        opened.append([m.state.households["shops_ever"].copy() for m in months(simulation)])

    assert opened[1][-1].any()
    np.testing.assert_array_equal(*opened)
