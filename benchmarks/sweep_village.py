"""A sweep of the village in a process of its own: how fast, how much memory, how many bytes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.worlds import World

TRAILING_DAYS = [361, 363, 365, 367, 369]


class VillageSweep(NamedTuple):
    runs_per_s: float
    """From the first finished batch on, when every worker has loaded the compiled code."""
    wall_s: float
    """With all that comes before."""
    cpu_ms_per_run: float
    """Of all processes together, with all that comes before."""
    parent_mb: float
    """Most memory of the process that hands out runs and writes results."""
    bytes_per_run: float


def run_sweep(world: World, runs: int, workers: int) -> VillageSweep:
    """Run a sweep with results on disk: of what is observed, so that every run is as long."""
    with TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "benchmarks.sweep_village", world.name, str(runs),
                   str(workers), str(Path(scratch) / "sweep"), *world.overrides]  # fmt: skip
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    return VillageSweep(**json.loads(done.stdout))


def main() -> None:
    from sim.cli.sweep_story import Meter
    from sim.experiments.sweep import Means, sweep
    from sim.results.manifest import peak_memory_mb

    name, runs, workers, folder, *overrides = sys.argv[1:]
    scenario = World(name, tuple(overrides)).load()
    meter = Meter(lambda share, doing: None)
    means = Means(int(workers), progress=meter)
    replicates = -(-int(runs) // len(TRAILING_DAYS))
    vary = {"observer.trailing_days": TRAILING_DAYS}
    result = sweep(scenario, vary, folder, replicates=replicates, means=means)
    if result.errors or not result.is_complete:
        sys.exit(f"runs have failed: {result.errors}")
    size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    peak_mb = peak_memory_mb() or float("nan")
    done = result.runs_there
    found = VillageSweep(
        meter.runs_per_s or float("nan"),
        meter.progress.elapsed_s,
        1000.0 * sum(os.times()[:4]) / done,
        peak_mb,
        size / done,
    )
    print(json.dumps(found._asdict()))


if __name__ == "__main__":
    main()
