"""Measure sweeps: ``python -m benchmarks.sweep``, or ``make bench-sweep``.

How many runs of the village a second with results on disk, and what it takes to hand out a
thousand short runs beside a bare pool of processes, Mesa's batch runner and EMA Workbench. Takes
some minutes. Let nothing else run.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.machine import description
from benchmarks.measures import Measure, Tell
from benchmarks.report import print_tables, write_csv
from benchmarks.sweep_rivals import RIVALS, Took, measured
from benchmarks.sweep_village import run_sweep
from benchmarks.worlds import World

RESULTS = Path(__file__).parent / "results" / "sweep.csv"
VILLAGE = World("cangtian")
WORKERS = 2
TARGET_RUNS_PER_S = 30.0
TARGET_OVERHEAD_MS = 1.0
LONG_S = 0.05
"""Runs that take longer are done in one round only [s]."""


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sweep", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--village", help=f"the scenario with one village ({VILLAGE.label})")
    parser.add_argument("--village-runs", type=int, default=200, help="its runs (default 200)")
    parser.add_argument("--runs", type=int, default=1000, help="short runs (default 1000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all (default 3)")
    parser.add_argument(
        "--durations", type=float, nargs="*", default=[0.01, 0.1], help="of short runs [s]"
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file to write")
    return parser.parse_args(arguments)


def measure_village(world: World, runs: int, rounds: int, tell: Tell) -> list[Measure]:
    """Measure sweeps of the village on one worker and on two, in turns."""
    run_sweep(world, 4, 1)  # compiles, if that has not been done
    one, two = [], []
    for number in range(rounds):
        tell(f"the village on one worker and on two ({number + 1} of {rounds})")
        one.append(run_sweep(world, runs, 1))
        two.append(run_sweep(world, runs, WORKERS))
    label = f"{world.label}, {runs:,} runs"
    target = TARGET_RUNS_PER_S
    pairs = list(zip(one, two, strict=True))
    return [
        Measure("one worker", "runs/s", [each.runs_per_s for each in one], label),
        Measure("two workers", "runs/s", [each.runs_per_s for each in two], label, at_least=target),
        Measure("two over one", "times", [b.runs_per_s / a.runs_per_s for a, b in pairs], label),
        Measure("whole sweep, two workers", "s", [each.wall_s for each in two], label),
        Measure("processor, two workers", "ms/run", [each.cpu_ms_per_run for each in two], label),
        Measure("peak memory of the parent", "MB", [each.parent_mb for each in two], label),
        Measure("results on disk", "bytes/run", [each.bytes_per_run for each in two], label),
    ]


def measure_rivals(runs: int, duration_s: float, rounds: int, tell: Tell) -> list[Measure]:
    """Measure who does short runs how fast, in turns."""
    took: dict[str, list[Took]] = {name: [] for name in RIVALS}
    for number in range(rounds):
        for name, times in took.items():
            tell(f"{runs:,} runs of {1000 * duration_s:g} ms by {name} ({number + 1} of {rounds})")
            times.append(measured(name, runs, duration_s, WORKERS))
    label = f"{runs:,} runs of {1000 * duration_s:g} ms on {WORKERS} processes"
    measures = [
        Measure(name, "s", [t.wall_s for t in times], label) for name, times in took.items()
    ]
    for name, times in took.items():
        over = [t.cpu_s / runs - duration_s for t in times]
        measures.append(Measure(f"{name}, processor beside the runs", "ms/run", _ms(over), label))
    pairs = list(zip(took["sweep"], took["bare pool"], strict=True))
    overheads = {
        "sweep over bare pool": [(a.wall_s - b.wall_s) / runs for a, b in pairs],
        "sweep over bare pool, processor": [(a.cpu_s - b.cpu_s) / runs for a, b in pairs],
    }
    return measures + [
        Measure(name, "ms/run", _ms(values), label, at_most=TARGET_OVERHEAD_MS)
        for name, values in overheads.items()
    ]


def _ms(values: Sequence[float]) -> list[float]:
    return [1000.0 * value for value in values]


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = parsed(arguments)
    given = sys.argv[1:] if arguments is None else arguments
    about = {"command": " ".join(["python -m benchmarks.sweep", *given])} | description()
    world = World(chosen.village) if chosen.village else VILLAGE
    progress = Console(stderr=True)
    with progress.status("") as status:

        def tell(doing: str) -> None:
            status.update(f"measuring {doing} ...")

        measures = measure_village(world, chosen.village_runs, chosen.rounds, tell)
        for duration_s in chosen.durations:
            rounds = chosen.rounds if duration_s < LONG_S else 1
            measures += measure_rivals(chosen.runs, duration_s, rounds, tell)
    print_tables(measures, about, Console(highlight=False))
    write_csv(measures, about, chosen.out)
    print(f"\nwritten to {chosen.out}")


if __name__ == "__main__":
    main()
