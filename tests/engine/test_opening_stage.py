"""The opening stage of a month: who waits for room in the table of shops is not forgotten."""

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
