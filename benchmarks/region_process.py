"""A region run once in a process of its own, so that its peak memory is its own.

``python -m benchmarks.region_process 2 cixi end=2022-12-31`` runs a scenario, with keys changed,
on two threads. Villages are kept by year and go to a file on disk as they become many; households
and shops are not kept. Standard error tells how far it is, standard output what it took, as JSON.
"""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measures import Tell
from benchmarks.worlds import World

MARK = "progress "
"""What lines begin with that tell how far it is."""


@dataclass(frozen=True)
class RegionTook:
    wall_s: float
    """From making the model to its last day, without loading the scenario."""
    cpu_s: float
    """Of all threads together, for the same."""
    peak_mb: float | None
    """Most memory the process ever had; None where the system does not tell."""
    households: int
    days: int

    @property
    def household_days(self) -> int:
        return self.households * self.days


def run_once(world: World, threads: int, tell: Callable[[str], None]) -> RegionTook:
    """Run a world in this process."""
    from sim.engine.recorder import Record
    from sim.experiments.run import month_ends
    from sim.model import CommerceModel
    from sim.results.manifest import peak_memory_mb
    from sim.results.store import Store

    scenario = world.load()
    lean = Record(villages="year", seasons="none", households="none", shops="none")
    with TemporaryDirectory() as scratch:
        wall, cpu = time.perf_counter(), time.process_time()
        model = CommerceModel(scenario, threads=threads, record=lean, collect=False)
        register = model.simulation.register
        model.recorder.sink = Store(register, Path(scratch))
        days = (scenario.end - scenario.start).days + 1
        for last in month_ends(scenario.start, scenario.end):
            share = (model.date - scenario.start).days / days
            gone = time.perf_counter() - wall
            tell(f"{model.date:%B %Y}, {share:.0%} of all days, {gone:,.0f} s so far")
            model.run_until(last)
        took_s = time.perf_counter() - wall, time.process_time() - cpu
        return RegionTook(*took_s, peak_memory_mb(), int(register.households.sum()), days)


def in_own_process(world: World, threads: int, tell: Tell) -> RegionTook:
    """Run a world in a process of its own and pass on how far it is.

    A run that fails ends the benchmark with what it said.
    """
    command = [sys.executable, "-m", "benchmarks.region_process", str(threads), world.name]
    said = []
    with subprocess.Popen(
        [*command, *world.overrides],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            if line.startswith(MARK):
                tell(f"{world.name}: {line.removeprefix(MARK).strip()}")
            else:
                said.append(line)
        shown = process.stdout.read()
    if process.returncode:
        sys.exit(f"{world.label} failed:\n{''.join(said)}")
    return RegionTook(**json.loads(shown))


def main() -> None:
    threads, name, *overrides = sys.argv[1:]

    def tell(doing: str) -> None:
        print(f"{MARK}{doing}", file=sys.stderr, flush=True)

    print(json.dumps(asdict(run_once(World(name, tuple(overrides)), int(threads), tell))))


if __name__ == "__main__":
    main()
