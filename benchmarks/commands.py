"""The whole command, from the shell to the last figure, compiled before (warm) or not (cold)."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.measures import Measure, Tell
from benchmarks.worlds import World

WARM_TARGET_S = 4.0
COLD_TARGET_S = 20.0


class Took(NamedTuple):
    wall_s: float
    cpu_s: float
    """Of all processors together; 0 where the system does not tell."""
    peak_mb: float | None
    """Most memory in use until the tables are written; None where the system does not tell."""


def run_command(
    world: World, out: Path, cache: Path | None = None, options: Sequence[str] = ()
) -> Took:
    """Run `villagesim run` as a user does, with a folder of compiled code of its own if given."""
    changes = [part for text in world.overrides for part in ("--set", text)]
    command = ["villagesim", "run", world.name, *changes, *options, "--out", str(out)]
    own = {} if cache is None else {"NUMBA_CACHE_DIR": str(cache)}
    before, started = os.times(), time.perf_counter()
    done = subprocess.run(
        [str(shutil.which(command[0], path=Path(sys.executable).parent)), *command[1:]],
        check=False,
        capture_output=True,
        env=os.environ | own,
    )
    after, wall_s = os.times(), time.perf_counter() - started
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
    cpu_s = sum(after[2:4]) - sum(before[2:4])  # of processes that this one waited for
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return Took(wall_s, cpu_s, manifest["machine"]["peak_mb"])


def measure_commands(world: World, runs: int, cold_runs: int, tell: Tell) -> list[Measure]:
    """Measure cold runs, each with an empty folder of compiled code, and warm ones after them.

    Without cold runs, warm ones use the user's own folder, after one run that does not count.
    """
    cold = []
    with TemporaryDirectory() as scratch:
        out, cache = Path(scratch) / "run", None
        for number in range(cold_runs):
            tell(f"the whole command, cold ({number + 1} of {cold_runs})")
            cache = Path(scratch) / f"cache-{number}"
            cold.append(run_command(world, out, cache))
        tell(f"the whole command, warm ({runs} runs)")
        if cache is None:
            run_command(world, out)
        warm = [run_command(world, out, cache) for _ in range(runs)]
    measures = _times("whole command, warm", warm, world, WARM_TARGET_S)
    if cold:
        measures += _times("whole command, cold", cold, world, COLD_TARGET_S)
    peaks = [took.peak_mb for took in warm if took.peak_mb is not None]
    if peaks:
        measures.append(Measure("peak memory of the run", "MB", peaks, world.label))
    return measures


def _times(name: str, took: list[Took], world: World, at_most: float) -> list[Measure]:
    clock, processor = [one.wall_s for one in took], [one.cpu_s for one in took]
    measures = [Measure(name, "s", clock, world.label, at_most=at_most)]
    if all(processor):
        measures.append(Measure(f"{name}, processor", "s", processor, world.label))
    return measures
