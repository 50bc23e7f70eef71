"""Write docs/calibration/thinning.csv: what maps thinned to different shares have on average.

    scripts/check_thinning --scenario china --share 0.01 --share 0.02 --share 0.04 --maps 20

Every run has a map and a seed of its own. If thinning does not matter, means of different shares
agree within their errors; standard deviations fall with the share.
"""

import argparse
import csv
import math
import statistics
from collections.abc import Iterator
from pathlib import Path

from sim.experiments.calibrate.block import block_runs
from sim.experiments.calibrate.luck import run_seed
from sim.experiments.calibrate.priors import priors_of
from sim.experiments.executors import Request, finish_batches, workplace_of

TABLE = Path(__file__).resolve().parents[1] / "docs" / "calibration" / "thinning.csv"
HEADS = ("scenario", "county_share", "maps", "measure", "year", "mean", "sd", "error")


def rows_of(scenario: str, share: float, maps: int, workers: int) -> Iterator[tuple[object, ...]]:
    """Give mean and spread of every target of the whole over some maps."""
    priors = priors_of("region")
    runs = block_runs("region", priors, scenarios=(scenario,), county_shares={scenario: share})
    usual = {prior.path: prior.value for prior in priors}
    batches = [(n, [Request(usual, run_seed(0, f"thinning {share}", n))]) for n in range(maps)]
    with workplace_of(workers) as place:
        done = [result.numbers for _, (result,) in finish_batches(place, runs, batches)]
    for number, target in enumerate(runs.targets):
        if target.place not in ("China", "Zhejiang"):
            continue
        values = [row[number] for row in done if row is not None and math.isfinite(row[number])]
        if len(values) > 1:
            sd = statistics.stdev(values)
            mean, error = statistics.fmean(values), sd / math.sqrt(len(values))
            numbers = (f"{value:.5g}" for value in (mean, sd, error))
            yield scenario, share, len(values), target.measure, target.year, *numbers


def main() -> None:
    """Run maps, and write what they have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", default="china")
    parser.add_argument("--share", type=float, action="append", required=True)
    parser.add_argument("--maps", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, default=TABLE)
    asked = parser.parse_args()
    rows = [
        row
        for share in asked.share
        for row in rows_of(asked.scenario, share, asked.maps, asked.workers)
    ]
    rows.sort(key=lambda row: (row[3], row[4], row[1]))
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with asked.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
