"""Measure regions: ``python -m benchmarks.regions cixi zhejiang scaling``, part of ``make bench``.

Each run is a process of its own, so that its peak memory is its own. Villages are kept by year,
households and shops not at all, as `villagesim run` does where they are many. ``scaling``
thins a province to some hundred thousand and more households, on one and two threads.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from benchmarks.machine import description
from benchmarks.measures import Measure
from benchmarks.report import print_tables, write_csv
from benchmarks.worlds import LAST_DAY, World, household_days

RESULTS = Path(__file__).parent / "results" / "regions.csv"
END = f"end={LAST_DAY}"
WORLDS = {name: World(name, (END,)) for name in ("cixi", "zhejiang", "china")}
TARGETS: dict[str, dict[str, float]] = {
    "cixi": {"s": 3.0},
    "zhejiang": {"s": 60.0, "MB": 2500.0},
    "china": {"s": 1200.0, "MB": 16_000.0},
}
SCALES = tuple(
    World("zhejiang", (END, f"region.county_share={share}")) for share in (0.01, 0.03, 0.1)
)
"""The same kind of world with about two hundred thousand to two million households."""
THREADS = (1, 2)


def run_once(world: World, threads: int) -> dict[str, Any]:
    """Run a world in this process; return what it took."""
    from sim.engine.recorder import Record
    from sim.model import CommerceModel
    from sim.results.manifest import peak_memory_mb

    scenario = world.load()
    lean = Record(villages="year", seasons="none", households="none", shops="none")
    wall, cpu = time.perf_counter(), time.process_time()
    model = CommerceModel(scenario, threads=threads, record=lean, collect=False)
    model.run()
    return {
        "s": time.perf_counter() - wall,
        "processor_s": time.process_time() - cpu,
        "MB": peak_memory_mb(),
        "households": int(model.simulation.register.households.sum()),
        "household_days": household_days(scenario),
    }


def in_own_process(world: World, threads: int) -> dict[str, Any]:
    """Run a world in a process of its own, warm: kernels have been compiled before."""
    command = [sys.executable, "-m", "benchmarks.regions", "--once", str(threads), world.name]
    shown = subprocess.run([*command, *world.overrides], check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(shown.stdout)
    return found


def measure_region(name: str) -> list[Measure]:
    """Measure a region on all threads."""
    world, targets = WORLDS[name], TARGETS[name]
    took = in_own_process(world, THREADS[-1])
    rate = took["household_days"] / 1e6
    return [
        Measure("compute, two threads", "s", [took["s"]], world.label, at_most=targets["s"]),
        Measure("the same, processor", "s", [took["processor_s"]], world.label),
        Measure("peak memory", "MB", [took["MB"]], world.label, at_most=targets.get("MB")),
        Measure("households", "households", [took["households"]], world.label),
        Measure("speed", "million household-days/s", [rate / took["s"]], world.label),
    ]


def measure_scaling(tell: Any) -> list[Measure]:
    """Measure how cost grows with households, on one and two threads."""
    measures = []
    points: list[tuple[float, float]] = []
    for world in SCALES:
        for threads in THREADS:
            tell(f"{world.label} on {threads} threads")
            took = in_own_process(world, threads)
            rate = took["household_days"] / 1e6 / took["s"]
            name = f"{took['households']:,} households, {threads} thread{'s' * (threads > 1)}"
            unit = "million household-days/s"
            measures.append(Measure(name, unit, [rate], world.label))
            if threads == 1:
                points.append((took["household_days"], took["processor_s"]))
    days, seconds = np.log(np.array(points)).T
    exponent = float(np.polyfit(days, seconds, 1)[0])
    return [*measures, Measure("exponent of processor time", "1", [exponent], "all of these")]


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.regions", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("what", nargs="+", help="cixi, zhejiang, china or scaling")
    parser.add_argument("--once", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = parsed(arguments)
    if chosen.once:
        name, *overrides = chosen.what
        print(json.dumps(run_once(World(name, tuple(overrides)), chosen.once)))
        return
    about = {"command": f"python -m benchmarks.regions {' '.join(chosen.what)}"} | description()
    console = Console(stderr=True)
    measures: list[Measure] = []
    with console.status("") as status:

        def tell(doing: str) -> None:
            status.update(f"measuring {doing} ...")

        tell("a small world, to warm up")
        in_own_process(World("cixi-without-platforms", ("end=2009-03-31",)), 1)
        for name in chosen.what:
            tell(name)
            measures += measure_scaling(tell) if name == "scaling" else measure_region(name)
    print_tables(measures, about, Console(highlight=False, width=130))
    write_csv(measures, about, chosen.out)
    print(f"\nwritten to {chosen.out}")


if __name__ == "__main__":
    main()
