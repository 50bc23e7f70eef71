"""Measure speed and memory: ``python -m benchmarks``, or ``make bench``.

Takes some minutes, most of them for compiling and for the plain model. Let nothing else run.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.commands import measure_commands
from benchmarks.machine import description
from benchmarks.models import measure_threads, measure_village
from benchmarks.report import print_tables, write_csv
from benchmarks.worlds import MANY_VILLAGES, VILLAGE, World

WIDTH_WITHOUT_TERMINAL = 130
RESULTS = Path(__file__).parent / "results" / "village.csv"


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--runs", type=int, default=7, help="runs of what is fast (default 7)")
    parser.add_argument("--cold", type=int, default=3, help="cold runs, 0 for none (default 3)")
    parser.add_argument("--plain", type=int, default=3, help="plain runs, 0 for none (default 3)")
    parser.add_argument("--village", help=f"the scenario with one village ({VILLAGE.label})")
    parser.add_argument("--many", help=f"the one with many villages ({MANY_VILLAGES.label})")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = parsed(arguments)
    village = World(chosen.village) if chosen.village else VILLAGE
    many = World(chosen.many) if chosen.many else MANY_VILLAGES
    given = sys.argv[1:] if arguments is None else arguments
    about = {"command": " ".join(["python -m benchmarks", *given])} | description()
    progress = Console(stderr=True)
    with progress.status("") as status:

        def tell(doing: str) -> None:
            status.update(f"measuring {doing} ...")

        measures = measure_village(village, chosen.runs, chosen.plain, tell)
        measures += measure_commands(village, chosen.runs, chosen.cold, tell)
        measures += measure_threads(many, chosen.runs, tell)
    width = None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL
    print_tables(measures, about, Console(width=width, highlight=False))
    write_csv(measures, about, chosen.out)
    print(f"\nwritten to {chosen.out}")


if __name__ == "__main__":
    main()
