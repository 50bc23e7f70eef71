"""The same thousand runs done by a sweep, by a bare pool, by Mesa and by EMA Workbench.

A run works for a stated time on the processor and gives one number. All start their processes
anew, as a user's script does. Only the sweep leaves its results on disk.
"""

import gc
import logging
import multiprocessing
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sim.experiments.design import design_of_numbers
from sim.experiments.sweep import Means, run_points
from sim.experiments.variant import FunctionExperiment


class Took(NamedTuple):
    wall_s: float
    cpu_s: float
    """Of all processes together."""


def work(duration_s: float) -> float:
    """Keep the processor busy for a time, however many others want it too."""
    end = time.thread_time() + duration_s
    number = 1.0
    while time.thread_time() < end:
        number = number * 1.0000001 % 7.0
    return number


def work_at_point(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"number": work(values["duration_s"])}


def work_for_ema(duration_s: float, place: float) -> dict[str, float]:
    return {"number": work(duration_s)}


def by_sweep(runs: int, duration_s: float, workers: int) -> int:
    """Run a sweep with its results in a folder; return the number of its results."""
    design = design_of_numbers({"duration_s": [duration_s] * runs})
    experiment = FunctionExperiment(work_at_point, ("number",))
    with TemporaryDirectory() as scratch:
        means = Means(workers)
        return run_points(experiment, design, Path(scratch) / "sweep", means=means).runs_there


def by_pool(runs: int, duration_s: float, workers: int) -> int:
    """Hand runs to a pool of the standard library."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context) as pool:
        return len(list(pool.map(work, [duration_s] * runs)))


def by_mesa(runs: int, duration_s: float, workers: int) -> int:
    """Run a Mesa model with `mesa.batch_run`."""
    from mesa.batchrunner import batch_run

    from benchmarks.sweep_mesa import Worker

    found = batch_run(
        Worker,
        {"duration_s": duration_s},
        number_processes=workers,
        rng=range(runs),
        max_steps=1,
        display_progress=False,
    )
    return len(found)


def by_ema(runs: int, duration_s: float, workers: int) -> int:
    """Run a function with EMA Workbench's multiprocessing evaluator."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells which of its further libraries are missing
        from ema_workbench import (
            Constant,
            Model,
            MultiprocessingEvaluator,
            RealParameter,
            ScalarOutcome,
        )

        model = Model("work", function=work_for_ema)
        model.uncertainties = [RealParameter("place", 0.0, 1.0)]
        model.constants = [Constant("duration_s", duration_s)]
        model.outcomes = [ScalarOutcome("number")]
        logging.getLogger("EMA").setLevel(logging.ERROR)
        with MultiprocessingEvaluator(model, n_processes=workers) as evaluator:
            _, outcomes = evaluator.perform_experiments(scenarios=runs)
    return len(outcomes["number"])


RIVALS: dict[str, Callable[[int, float, int], int]] = {
    "sweep": by_sweep,
    "bare pool": by_pool,
    "mesa.batch_run": by_mesa,
    "EMA Workbench": by_ema,
}


def measured(name: str, runs: int, duration_s: float, workers: int) -> Took:
    """Have the runs done, and tell what they took."""
    gc.collect()
    with _start_method_of_the_system():
        cpu, started = _processor_s(), time.perf_counter()
        done = RIVALS[name](runs, duration_s, workers)
        took = Took(time.perf_counter() - started, _processor_s() - cpu)
    if done != runs:
        raise RuntimeError(f"{name} did {done} of {runs} runs")
    return took


@contextmanager
def _start_method_of_the_system() -> Iterator[None]:
    """Undo what Mesa does to all other pools of the process."""
    multiprocessing.set_start_method(None, force=True)
    try:
        yield
    finally:
        multiprocessing.set_start_method(None, force=True)


def _processor_s() -> float:
    return sum(os.times()[:4])
