"""Measure how cost grows with households: ``python -m benchmarks.scaling``, ``make bench-scaling``.

Each size is a sample of the villages of Zhejiang, every so many-th of them, so that all sizes hold
the same mixture of villages. A few villages may happen to trade much or little: small sizes are run
with several samples that have no village in common. Takes a minute or two; with ``--largest
10000000``, which is nearly the province, some ten minutes more. Let nothing else run.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from rich.console import Console

from benchmarks.machine import description
from benchmarks.progress import progress
from benchmarks.report import write_table
from benchmarks.scaling_figure import scaling_figure
from benchmarks.worlds import LAST_DAY, World
from sim.engine.recorder import Record
from sim.model import CommerceModel
from sim.scenario import register_of
from sim.scenario.village_file import write_villages
from sim.world.register import Register, chosen

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "scaling.csv"
FIGURE = ROOT / "docs" / "images" / "scaling.png"
PROVINCE = World("zhejiang", (f"end={LAST_DAY}",))
SIZES = {1_000: 20, 10_000: 20, 100_000: 4, 1_000_000: 1, 10_000_000: 1}
"""Samples by the households of each, about."""
LARGEST = 1_000_000
THREADS = (1, 2)
LEAN = Record(villages="year", seasons="none", households="none", shops="none")
DOTS_PER_INCH = 130
HEADS = (
    "households",
    "threads",
    "samples",
    "days",
    "wall s",
    "processor s",
    "million household-days/s",
    "lowest",
    "highest",
    "orders per household",
)


class Once(NamedTuple):
    """A sample that has been run."""

    households: int
    wall_s: float
    cpu_s: float
    orders: float


class Point(NamedTuple):
    """All samples of a size on some threads."""

    threads: int
    days: int
    runs: tuple[Once, ...]

    @property
    def households(self) -> float:
        """Mean households of a sample."""
        return sum(run.households for run in self.runs) / len(self.runs)

    @property
    def wall_s(self) -> float:
        """Mean time of a sample on the clock."""
        return sum(run.wall_s for run in self.runs) / len(self.runs)

    @property
    def cpu_s(self) -> float:
        """Mean time of a sample on all processors together."""
        return sum(run.cpu_s for run in self.runs) / len(self.runs)

    @property
    def rate(self) -> float:
        """Household-days per second [millions]."""
        return self.households * self.days / self.wall_s / 1e6

    @property
    def rates(self) -> list[float]:
        """The same of each sample."""
        return [run.households * self.days / run.wall_s / 1e6 for run in self.runs]

    @property
    def orders_per_household(self) -> float:
        """Orders shipped over all days: whether the samples did the same kind of work."""
        return sum(run.orders for run in self.runs) / sum(run.households for run in self.runs)


def sampled(register: Register, households: int, samples: int) -> list[Register]:
    """Return samples of about so many households, spread evenly over all villages.

    No village is in two of them, where there are enough villages.
    """
    mean = float(register.households.mean())
    villages = min(len(register), max(1, round(households / mean)))
    step = len(register) / villages
    offsets = (np.arange(samples) + 0.5) / samples
    rows = [((np.arange(villages) + offset) * step).astype(np.int64) for offset in offsets]
    return [chosen(register, part) for part in rows]


def run_sample(world: World, villages: Register, threads: int) -> Once:
    """Run some villages of a world, given as a researcher's own file."""
    with TemporaryDirectory() as scratch:
        path = Path(scratch) / "villages.parquet"
        write_villages(villages, path)
        override = f"region.file='{path.as_posix()}'"
        scenario = World(world.name, (*world.overrides, override)).load()
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        model = CommerceModel(scenario, threads=threads, record=LEAN, collect=False)
        model.run()
        wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    orders = float(np.sum(model.tables["village_years"]["orders_shipped"]))
    return Once(int(villages.households.sum()), wall_s, cpu_s, orders)


def measure(world: World, sizes: Mapping[int, int], tell: Callable[[str], None]) -> list[Point]:
    """Measure all sizes, each sample on one thread and on two in turn."""
    scenario = world.load()
    register, days = register_of(scenario), (scenario.end - scenario.start).days + 1
    smallest = min(sizes)
    tell("a small sample, to warm up")
    for threads in THREADS:
        run_sample(world, sampled(register, smallest, 1)[0], threads)
    points = []
    for size, samples in sizes.items():
        took: dict[int, list[Once]] = {threads: [] for threads in THREADS}
        for number, villages in enumerate(sampled(register, size, samples), start=1):
            for threads, runs in took.items():
                tell(f"{size:,} households on {threads} threads (sample {number} of {samples})")
                runs.append(run_sample(world, villages, threads))
        points += [Point(threads, days, tuple(runs)) for threads, runs in took.items()]
    return points


def exponent(points: Sequence[Point], least: float = 0.0) -> float:
    """Return the power of households that processor time on one thread grows with.

    Sizes below `least` households are left out.
    """
    on_one = [p for p in points if p.threads == 1 and p.households >= least]
    if len(on_one) < 2:
        return float("nan")
    households, seconds = np.log([(p.households, p.cpu_s) for p in on_one]).T
    return float(np.polyfit(households, seconds, 1)[0])


def cells(point: Point) -> tuple[str, ...]:
    numbers = (point.wall_s, point.cpu_s, point.rate, min(point.rates), max(point.rates))
    return (
        f"{point.households:.0f}",
        str(point.threads),
        str(len(point.runs)),
        str(point.days),
        *(f"{number:.4g}" for number in (*numbers, point.orders_per_household)),
    )


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling", description=__doc__.partition("\n")[0]
    )
    parser.add_argument(
        "--largest",
        type=int,
        default=LARGEST,
        choices=list(SIZES)[1:],
        help=f"households of the largest sample (default {LARGEST})",
    )
    parser.add_argument("--out", type=Path, default=RESULTS, help="the table to write")
    parser.add_argument("--figure", type=Path, default=FIGURE, help="the figure to draw")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen_ones = parsed(arguments)
    given = sys.argv[1:] if arguments is None else arguments
    about = {"command": " ".join(["python -m benchmarks.scaling", *given])} | description()
    sizes = {size: many for size, many in SIZES.items() if size <= chosen_ones.largest}
    with progress(Console(stderr=True)) as tell:
        points = measure(PROVINCE, sizes, tell)
    about["scenario"] = f"{PROVINCE.label}, samples of its villages"
    from_second = sorted(sizes)[1]
    of_all, of_larger = exponent(points), exponent(points, from_second / 2)
    about["exponent"] = (
        f"processor time on one thread grows with households to the power of {of_all:.3f}, "
        f"or {of_larger:.3f} from {from_second:,} households on"
    )
    rows = [HEADS, *map(cells, points)]
    for row in rows:
        print("  ".join(f"{cell:>12}" for cell in row))
    print(f"\n{about['exponent']}")
    write_table(rows, about, chosen_ones.out)
    chosen_ones.figure.parent.mkdir(parents=True, exist_ok=True)
    figure = scaling_figure(points, of_larger, about["load before"])
    figure.savefig(chosen_ones.figure, dpi=DOTS_PER_INCH)
    print(f"\nwritten to {chosen_ones.out} and {chosen_ones.figure}")


if __name__ == "__main__":
    main()
