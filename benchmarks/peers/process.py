"""One contestant in a process of its own: ``python -m benchmarks.peers.process NAME``.

Reads a job from standard input as JSON and prints the answer as JSON: households and months, with
seeds to get the statistics of their outcomes, or with runs to get time and memory. Works in this
project's environment and in that of the peers.
"""

import gc
import json
import platform
import resource
import sys
import time
from importlib.metadata import version
from pathlib import Path

from benchmarks.peers.contestants import CONTESTANTS, Contestant
from benchmarks.peers.outcome import statistics

ENOUGH_S = 1.0
"""Short runs are repeated up to this time [s]."""
WARM_UP_HOUSEHOLDS, WARM_UP_MONTHS = 1000, 2


def peak_mb() -> float:
    """Return the most memory that this process has used so far [MB]."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    kib = [float(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    if not kib:
        unit = 1.0 if platform.system() == "Darwin" else 1024.0  # bytes there
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
    return kib[0] * 1024.0 / 1e6


def measured(contestant: Contestant, households: int, months: int, runs: int) -> dict[str, object]:
    """Run again and again, and tell what each run took; memory is that of the first."""
    before_mb = peak_mb()
    took = []
    began = time.perf_counter()
    peak = 0.0
    for seed in range(runs):
        gc.collect()
        wall, processor = time.perf_counter(), time.process_time()
        contestant.run(households, seed, months)
        took.append((time.perf_counter() - wall, time.process_time() - processor))
        peak = peak or peak_mb()
        if time.perf_counter() - began > ENOUGH_S:
            break
    return {
        "wall_s": min(wall for wall, _ in took),
        "processor_s": min(processor for _, processor in took),
        "peak_mb": peak,
        "before_mb": before_mb,
    }


def main() -> None:
    contestant = CONTESTANTS[sys.argv[1]]
    job = json.load(sys.stdin)
    contestant.run(WARM_UP_HOUSEHOLDS, 0, WARM_UP_MONTHS)
    if "seeds" in job:
        runs = (contestant.run(job["households"], seed, job["months"]) for seed in job["seeds"])
        answer: dict[str, object] = {"statistics": [statistics(outcome) for outcome in runs]}
    else:
        answer = measured(contestant, job["households"], job["months"], job["runs"])
    versions = {name: version(name) for name in contestant.packages}
    answer["versions"] = {"Python": platform.python_version()} | versions
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
