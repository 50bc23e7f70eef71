"""Measure regions: ``python -m benchmarks.regions cixi zhejiang``, or ``make bench-china``.

Each run is a process of its own. Villages are kept by year, households and shops not at all; with
``--commands`` the whole of `villagesim run` follows, with all its tables and figures. A thinned
region runs a share of its counties, and nothing is extrapolated from it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.console import Console

from benchmarks.commands import run_command
from benchmarks.machine import description
from benchmarks.measures import Measure, Tell
from benchmarks.progress import progress
from benchmarks.region_process import in_own_process
from benchmarks.report import print_tables, write_csv
from benchmarks.worlds import LAST_DAY, World

RESULTS = Path(__file__).parent / "results"
END = f"end={LAST_DAY}"
SMALL = World("cixi-without-platforms", ("end=2009-03-31",))
"""Run first, so that everything is compiled."""
THINNED = "a share of {:g} of the counties ran; nothing is extrapolated, and no target applies"


class Region(NamedTuple):
    world: World
    compute_s: float | None = None
    """Most time it may take."""
    peak_mb: float | None = None
    """Most memory it may use."""

    def thinned(self, share: float) -> "Region":
        """Return a share of its counties (0-1), to which no target applies."""
        changed = (*self.world.overrides, f"region.county_share={share:g}")
        return Region(World(self.world.name, changed))


REGIONS = {
    "cixi": Region(World("cixi", (END,)), compute_s=3.0),
    "zhejiang": Region(World("zhejiang", (END,)), compute_s=60.0, peak_mb=2_500.0),
    "china": Region(World("china", (END,)), compute_s=1_200.0, peak_mb=16_000.0),
}


def measure_region(region: Region, threads: int, tell: Tell) -> list[Measure]:
    """Measure what a region takes to compute."""
    took = in_own_process(region.world, threads, tell)
    label, millions = _label(region, threads), took.household_days / 1e6
    measures = [
        Measure("compute", "s", [took.wall_s], label, at_most=region.compute_s),
        Measure("compute, processor", "s", [took.cpu_s], label),
        Measure("threads", "threads", [threads], label),
        Measure("households", "households", [took.households], label),
        Measure("days", "days", [took.days], label),
        Measure("speed", "million household-days/s", [millions / took.wall_s], label),
    ]
    if took.peak_mb is not None:
        peak = Measure("peak memory", "MB", [took.peak_mb], label, at_most=region.peak_mb)
        measures.append(peak)
    return measures


def measure_command(region: Region, threads: int, tell: Tell) -> list[Measure]:
    """Measure the whole command, from the shell to the last figure."""
    label = _label(region, threads)
    tell(f"the whole command: villagesim run {label}")
    with TemporaryDirectory() as scratch:
        out = Path(scratch) / "run"
        took = run_command(region.world, out, options=("--threads", str(threads)))
    measures = [Measure("whole command", "s", [took.wall_s], label)]
    if took.cpu_s:
        measures.append(Measure("whole command, processor", "s", [took.cpu_s], label))
    if took.peak_mb is not None:
        name = "whole command, peak memory before figures"
        measures.append(Measure(name, "MB", [took.peak_mb], label))
    return measures


def _label(region: Region, threads: int) -> str:
    return f"{region.world.label} --threads {threads}"


def _share(text: str) -> float:
    share = float(text)
    if not 0.0 < share <= 1.0:
        raise argparse.ArgumentTypeError(f"{text}; allowed: above 0, up to 1")
    return share


def _threads(text: str) -> int:
    threads = int(text)
    if threads < 1:
        raise argparse.ArgumentTypeError(f"{text}; allowed: 1 or more")
    return threads


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.regions", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("what", nargs="+", choices=list(REGIONS), help="what to measure")
    parser.add_argument("--threads", type=_threads, default=2, help="threads (default 2)")
    parser.add_argument(
        "--thin", type=_share, metavar="SHARE", help="run a share of the counties (0-1) only"
    )
    parser.add_argument("--commands", action="store_true", help="the whole command too")
    parser.add_argument("--out", type=Path, help="the file to write (by what is measured)")
    return parser.parse_args(arguments)


def results_file(what: Sequence[str], share: float | None) -> Path:
    """Return the file for what is measured; a thinned region is not mistaken for a whole one."""
    name = "china" if what == ["china"] else "regions"
    return RESULTS / f"{name}{'' if share is None else '_thinned'}.csv"


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = parsed(arguments)
    given = sys.argv[1:] if arguments is None else arguments
    about = {"command": " ".join(["python -m benchmarks.regions", *given])} | description()
    if chosen.thin is not None:
        about["thinned"] = THINNED.format(chosen.thin)
    measures: list[Measure] = []
    with progress(Console(stderr=True)) as tell:
        tell("a small world, to warm up")
        in_own_process(SMALL, 1, tell)
        for name in chosen.what:
            region = REGIONS[name]
            region = region if chosen.thin is None else region.thinned(chosen.thin)
            measures += measure_region(region, chosen.threads, tell)
            if chosen.commands:
                measures += measure_command(region, chosen.threads, tell)
    print_tables(measures, about, Console(highlight=False, width=130))
    out = chosen.out or results_file(chosen.what, chosen.thin)
    write_csv(measures, about, out)
    print(f"\nwritten to {out}")


if __name__ == "__main__":
    main()
