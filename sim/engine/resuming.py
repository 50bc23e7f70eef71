"""What a simulation carries from one month to the next, and how another one goes on from it.

Everything else a simulation makes anew from its scenario and seed.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.engine.simulation import Simulation
from sim.scenario import Scenario
from sim.world.columns import TABLES, State, row_type

MADE_ANEW: Final = frozenset(
    {
        "scenario",
        "threads",
        "seed",
        "register",
        "timeline",
        "start_day",
        "end_day",
        "drivers",
        "_levers",
        "_links",
        "_by_key",
    }
)
"""Attributes of a simulation that are the same in every run of its scenario, or set each month."""
CARRIED_TERMS: Final = ("goods", "m", "county_attraction", "competition")
"""Parts of the terms that change; the others depend on the scenario and the month alone."""

_SIZE: Final = "shops_size"


def carried_arrays(simulation: Simulation) -> dict[str, NDArray[Any]]:
    """Return the state as arrays by name, without the rows of shops that were never used.

    Parameters
    ----------
    simulation : Simulation
        A simulation at the start of a month.
    """
    state = simulation.state
    arrays: dict[str, NDArray[Any]] = state._asdict()
    villages = state.villages
    used = int((villages["first_shop"] + villages["shop_capacity"]).max(initial=0))
    return {
        **arrays,
        "shops": state.shops[:used],
        _SIZE: np.array([state.shops.size], np.int64),
    }


def carried_parts(simulation: Simulation) -> dict[str, Any]:
    """Return all else that is carried on, by attribute."""
    parts = {
        name: value
        for name, value in vars(simulation).items()
        if name not in MADE_ANEW and name not in ("state", "terms")
    }
    return {**parts, "terms": {name: getattr(simulation.terms, name) for name in CARRIED_TERMS}}


def resumed(
    scenario: Scenario, seed: int, threads: int | None, arrays: dict[str, NDArray[Any]]
) -> Simulation:
    """Return a simulation with the state of another one.

    What `carried_parts` has returned is still to be put in.

    Parameters
    ----------
    scenario : Scenario
        Its scenario.
    seed : int
        Its seed.
    threads : int, optional
        Threads that run villages side by side.
    arrays : dict
        What `carried_arrays` has returned.
    """
    arrays = dict(arrays)
    shops = np.zeros(int(arrays.pop(_SIZE)[0]), row_type("shops"))
    shops[: arrays["shops"].size] = _typed("shops", arrays["shops"])
    arrays["shops"] = shops
    state = State(**{name: _typed(name, array) for name, array in arrays.items()})
    return Simulation(scenario, seed, threads, state)


def _typed(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Return a table with its own type, which kernels tell from one that is merely equal."""
    return array.view(row_type(name)) if name in TABLES else array
