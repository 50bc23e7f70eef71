"""The whole command, from the shell to the last figure, compiled before (warm) or not (cold)."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks.measures import Measure, Tell
from benchmarks.worlds import World

WARM_TARGET_S = 4.0
COLD_TARGET_S = 20.0
BYTES_PER_MB = 1e6


class Took(NamedTuple):
    wall_s: float
    peak_mb: float | None
    """Most memory in use until the tables are written; None where the system does not tell."""


def run_command(world: World, cache: Path, out: Path) -> Took:
    """Run `villagesim run` as a user does, with a folder of compiled code of its own."""
    changes = [part for text in world.overrides for part in ("--set", text)]
    command = ["villagesim", "run", world.name, *changes, "--out", str(out)]
    started = time.perf_counter()
    subprocess.run(
        [Path(sys.executable).with_name(command[0]), *command[1:]],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)},
    )
    wall_s = time.perf_counter() - started
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    return Took(wall_s, manifest["machine"]["peak_mb"])


def measure_commands(world: World, runs: int, cold_runs: int, tell: Tell) -> list[Measure]:
    """Measure cold runs, each with an empty folder of compiled code, and warm ones after them.

    Without cold runs, warm ones use the user's own folder, after one run that does not count.
    """
    with TemporaryDirectory() as scratch:
        cold, caches = [], []
        for number in range(cold_runs):
            tell(f"the whole command, cold ({number + 1} of {cold_runs})")
            caches.append(Path(scratch) / f"cache-{number}")
            cold.append(run_command(world, caches[-1], Path(scratch) / "run"))
        cache = caches[-1] if caches else _usual_cache()
        tell(f"the whole command, warm ({runs} runs)")
        if not caches:
            run_command(world, cache, Path(scratch) / "run")
        warm = [run_command(world, cache, Path(scratch) / "run") for _ in range(runs)]
    measures = [_wall("whole command, warm", warm, world, WARM_TARGET_S)]
    if cold:
        measures.append(_wall("whole command, cold", cold, world, COLD_TARGET_S))
    peaks = [took.peak_mb for took in warm if took.peak_mb is not None]
    if peaks:
        measures.append(Measure("peak memory of the run", "MB", peaks, world.label))
    return measures


def _usual_cache() -> Path:
    from sim.compiled import CACHE_FOLDER

    # The cache folder is made as `villagesim/kernels-…` below the one that is asked for.
    return CACHE_FOLDER.parents[1] if CACHE_FOLDER else Path()


def _wall(name: str, took: list[Took], world: World, at_most: float) -> Measure:
    return Measure(name, "s", [one.wall_s for one in took], world.label, at_most=at_most)
