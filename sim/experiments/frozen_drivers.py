"""Runs in which what drives the model from outside stays as it was in some year."""

import time
from datetime import date

from sim.experiments.run import (
    Clock,
    Keepers,
    RunOptions,
    RunResult,
    Task,
    carry_out,
    record_of_task,
)
from sim.scenario import Scenario
from sim.world.drivers import build_drivers
from sim.world.parameters import behaviour, goods


def run_with_frozen_drivers(
    scenario: Scenario, seed: int, until: date, options: RunOptions, last_year: int
) -> RunResult:
    """Run a scenario once with drivers that know nothing after a year.

    The same as `sim.experiments.run.run` without a folder, but for the drivers.

    Parameters
    ----------
    scenario : Scenario
        What to run.
    seed : int
        Seed of all draws.
    until : date
        Last day to run.
    options : RunOptions
        How to run.
    last_year : int
        The last year whose values are known; see `sim.world.drivers.build_drivers`.
    """
    # They compile what they import.
    from sim.engine.simulation import Simulation
    from sim.model import CommerceModel
    from sim.results.store import Store
    from sim.results.totals import Totals

    started = time.perf_counter()
    simulation = Simulation(scenario, seed, options.threads)
    simulation.drivers = build_drivers(
        scenario.start,
        scenario.end,
        goods(scenario.goods),
        behaviour(scenario.behaviour),
        last_year,
    )
    model = CommerceModel(
        scenario,
        seed,
        threads=options.threads,
        record=record_of_task(scenario, options),
        collect=False,
        simulation=simulation,
    )
    villages = simulation.register
    task = Task(scenario, seed, until, None, options, None)
    keepers = Keepers(Store(villages, None), Totals(villages), None)
    return carry_out(task, model, keepers, Clock(started, started))
