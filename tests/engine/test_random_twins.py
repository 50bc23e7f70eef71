"""The check of common luck raises no false alarm: random worlds with random policies pass it."""

from typing import Any

from hypothesis import given, settings
from random_worlds import STEADY, worlds

from sim.experiments.check_crn import check_crn
from sim.scenario import Scenario


@settings(STEADY, max_examples=15)
@given(world=worlds())
def test_random_worlds_share_their_luck(world: dict[str, Any]) -> None:
    check = check_crn(Scenario.model_validate(world))

    assert [f"{trial.name}: {trial.fault}" for trial in check.trials if trial.fault] == []
