"""Policies for a random share of villages: a fair coin for each, whatever else is there."""

from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from small_worlds import data_of_scenario

from sim.engine.policy import PolicyTimeline
from sim.scenario import Scenario, register_of
from sim.world.calendar import day_of
from sim.world.register import Register

FIRST_DAY = day_of(date(2014, 6, 1))
SHARE = 0.3


def policy(name: str, **target: Any) -> dict[str, Any]:
    start = {"kind": "cooperative_brand", "name": name, "start": "2014-03-01", "intensity": 0.5}
    return start | {"target": {"share": SHARE} | target}


def scenario(*policies: dict[str, Any], **region: Any) -> Scenario:
    data = data_of_scenario(policies=list(policies)) | {"villages": []}
    return Scenario.model_validate(data | {"region": {"within": ["Qinghai"]} | region})


@cache
def register() -> Register:
    return register_of(scenario())


def reached(seed: int, *policies: dict[str, Any]) -> NDArray[np.float64]:
    """How strongly each village is reached, (villages,)."""
    timeline = PolicyTimeline(scenario(*policies), register(), seed)
    return timeline.levers(FIRST_DAY).brand


@cache
def by_seed() -> NDArray[np.bool_]:
    """Who is reached by a policy for a share, (seeds, villages)."""
    return np.array([reached(seed, policy("one")) > 0.0 for seed in range(40)])


def test_as_many_are_reached_as_coins_would_reach() -> None:
    counts = by_seed().sum(axis=1)
    mean, sd = SHARE * len(register()), (SHARE * (1.0 - SHARE) * len(register())) ** 0.5

    assert counts.mean() == pytest.approx(mean, abs=4.0 * sd / counts.size**0.5)
    assert counts.std() == pytest.approx(sd, rel=0.45)  # four standard errors


def test_every_village_has_the_same_chance() -> None:
    times = by_seed().sum(axis=0)

    variance = by_seed().shape[0] * SHARE * (1.0 - SHARE)
    assert times.var() == pytest.approx(variance, rel=4.0 * (2.0 / times.size) ** 0.5)


@pytest.mark.parametrize("of", ["households", "trade_tradition", "income_index", "broadband_year"])
def test_those_reached_are_like_the_others(of: str) -> None:
    values = getattr(register(), of).astype(float)
    z = np.array(
        [
            (values[here].mean() - values[~here].mean())
            / (values.var() * (1.0 / here.sum() + 1.0 / (~here).sum())) ** 0.5
            for here in by_seed()
        ]
    )

    assert abs(z.mean()) < 4.0 / z.size**0.5
    assert np.abs(z).max() < 4.5


def test_a_thinned_region_has_the_same_choice() -> None:
    thin = scenario(policy("one"), county_share=0.2)
    few = register_of(thin)
    place = {path: number for number, path in enumerate(register().paths())}
    here = np.array([place[path] for path in few.paths()])

    found = PolicyTimeline(thin, few, 5).levers(FIRST_DAY).brand

    assert 0 < len(few) < len(register())
    assert found.tolist() == reached(5, policy("one"))[here].tolist()


def test_two_policies_for_the_same_share_reach_the_same_villages() -> None:
    both = reached(5, policy("one"), policy("other"))

    assert set(both.tolist()) == {0.0, 1.0}


def test_policies_with_seeds_of_their_own_are_chosen_independently() -> None:
    both = reached(5, policy("one", seed=1), policy("other", seed=2))
    shares = [(both == strength).mean() for strength in (0.0, 0.5, 1.0)]

    expected = [(1.0 - SHARE) ** 2, 2.0 * SHARE * (1.0 - SHARE), SHARE**2]
    assert shares == pytest.approx(expected, abs=4.0 * (0.25 / len(register())) ** 0.5)
