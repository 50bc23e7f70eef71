"""The compiled model in this process, and the same rules with plain Mesa agents beside it.

Time on the clock counts other programs' work too, time on the processor does not: the first is
what a user waits for, the second is what two models are compared by. Runs that are compared take
turns, so that a machine that slows down slows down both.
"""

import gc
import time
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from benchmarks.measures import Measure, Tell
from benchmarks.worlds import World, household_days
from sim.model import CommerceModel
from sim.scenario import Scenario

COMPUTE_TARGET_S = 0.2
RATIO_TARGET = 200.0
SAME = 1e-9
"""Relative difference up to which sales count as the same: sums in another order."""


class Took(NamedTuple):
    wall_s: float
    cpu_s: float
    sales_yuan: float
    """Online sales of all villages and months."""


def run_compiled(scenario: Scenario, threads: int = 1) -> Took:
    """Set up and run the compiled model, with all its tables."""

    def run() -> float:
        model = CommerceModel(scenario, threads=threads)
        model.run_until(scenario.end)
        return float(np.sum(model.tables["village_months"]["online_sales_yuan"]))

    return _took(run)


def run_plain(scenario: Scenario) -> Took:
    """Set up and run the plain model, with all its tables."""
    from benchmarks.plain_mesa.model import PlainVillageModel

    def run() -> float:
        model = PlainVillageModel(scenario)
        model.run()
        return sum(row["online_sales_yuan"] for row in model.village_months)

    return _took(run)


def _took(run: Callable[[], float]) -> Took:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    sales_yuan = run()
    return Took(time.perf_counter() - wall, time.process_time() - cpu, sales_yuan)


def measure_village(world: World, runs: int, plain_runs: int, tell: Tell) -> list[Measure]:
    """Measure one village, and how many times longer the plain model takes."""
    scenario = world.load()
    tell("the compiled model, once to warm up")
    run_compiled(scenario)
    tell(f"the compiled model ({runs} runs)")
    compiled = [run_compiled(scenario) for _ in range(runs)]
    clock = [took.wall_s for took in compiled]
    measures = [
        Measure("compute, warm", "s", clock, world.label, at_most=COMPUTE_TARGET_S),
        Measure("compute, warm, processor", "s", [t.cpu_s for t in compiled], world.label),
    ]
    plain: list[Took] = []
    beside: list[Took] = []
    for number in range(plain_runs):
        tell(f"the plain model ({number + 1} of {plain_runs})")
        plain.append(run_plain(scenario))
        beside.append(run_compiled(scenario))
    return measures + (_compared(plain, beside, world.label) if plain else [])


def _compared(plain: list[Took], beside: list[Took], world: str) -> list[Measure]:
    ratios = [slow.cpu_s / fast.cpu_s for slow, fast in zip(plain, beside, strict=True)]
    difference = abs(plain[0].sales_yuan / beside[0].sales_yuan - 1.0)
    return [
        Measure("plain Mesa, processor", "s", [took.cpu_s for took in plain], world),
        Measure("plain Mesa over compiled", "times", ratios, world, at_least=RATIO_TARGET),
        Measure("difference of their sales", "relative", [difference], world, at_most=SAME),
    ]


def measure_threads(world: World, runs: int, tell: Tell) -> list[Measure]:
    """Measure many villages on one thread and on two."""
    scenario = world.load()
    tell("many villages, once to warm up")
    work = household_days(scenario) / 1e6
    run_compiled(scenario)
    one: list[Took] = []
    two: list[Took] = []
    for number in range(runs):
        tell(f"many villages on one and two threads ({number + 1} of {runs})")
        one.append(run_compiled(scenario, threads=1))
        two.append(run_compiled(scenario, threads=2))
    unit = "million household-days/s"
    gains = [slow.wall_s / fast.wall_s for slow, fast in zip(one, two, strict=True)]
    return [
        Measure("one thread", unit, [work / took.wall_s for took in one], world.label),
        Measure("one thread, processor", unit, [work / took.cpu_s for took in one], world.label),
        Measure("two threads", unit, [work / took.wall_s for took in two], world.label),
        Measure("two threads over one", "times", gains, world.label),
    ]
