"""Measure the core here and in the peers: ``python -m benchmarks.peers``, or ``make bench-peers``.

First the outcomes of all are compared over seeds; unless their distributions are the same, there
is no ratio to tell. Takes about ten minutes. Let nothing else run.
"""

import argparse
import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.machine import description
from benchmarks.peers.agreement import BOUND, Comparison, compared
from benchmarks.peers.contestants import CONTESTANTS, OURS, PEERS_PYTHON, asked
from benchmarks.peers.settings import MONTH_DAYS

RESULTS = Path(__file__).parents[1] / "results" / "peers.csv"
WIDTH_WITHOUT_TERMINAL = 130
AGREEMENT_HOUSEHOLDS = 1000
FIRST_SEED = 101
RUNS = 5
"""Runs of a process at most, if they are short."""
HEADS = ("households", "who", "time s", "processor s", "peak MB", "before MB",
         "time over ours", "processor over ours", "memory over ours")  # fmt: skip


class Row(NamedTuple):
    """The best of all runs of a contestant."""

    households: int
    who: str
    wall_s: float
    processor_s: float
    peak_mb: float
    before_mb: float
    """Peak before the run, of imports and a small run to warm up."""

    def cells(self, ours: "Row") -> tuple[str, ...]:
        ratios = (
            self.wall_s / ours.wall_s,
            self.processor_s / ours.processor_s,
            self.peak_mb / ours.peak_mb,
        )
        numbers = (self.wall_s, self.processor_s, self.peak_mb, self.before_mb, *ratios)
        return (str(self.households), self.who, *(f"{number:.3g}" for number in numbers))


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--households", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--seeds", type=int, default=100, help="to compare outcomes (default 100)")
    parser.add_argument("--rounds", type=int, default=3, help="processes of each (default 3)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the file to write")
    return parser.parse_args(arguments)


def agreement(seeds: int, console: Console) -> list[Comparison]:
    """Compare outcomes of all peers with ours; each has seeds of its own."""
    found = {}
    for place, (name, contestant) in enumerate(CONTESTANTS.items()):
        if contestant.is_ours and contestant is not OURS:
            continue  # the same bits, as a test holds
        with console.status(f"outcomes of {name} ..."):
            first = FIRST_SEED + 1000 * place
            job = {"households": AGREEMENT_HOUSEHOLDS, "months": len(MONTH_DAYS),
                   "seeds": list(range(first, first + seeds))}  # fmt: skip
            found[name] = asked(contestant, job)["statistics"]
    ours = found.pop(OURS.name)
    return compared(ours, found)


def measurements(
    sizes: Sequence[int], rounds: int, console: Console
) -> tuple[list[Row], dict[str, str]]:
    """Measure all contestants in turns; also return the versions of what they are built on."""
    took: dict[tuple[int, str], list[dict]] = {}
    for households in sizes:
        for number in range(rounds):
            for name, contestant in CONTESTANTS.items():
                doing = f"{households:,} households, {name} ({number + 1} of {rounds}) ..."
                with console.status(doing):
                    job = {"households": households, "months": len(MONTH_DAYS), "runs": RUNS}
                    took.setdefault((households, name), []).append(asked(contestant, job))
    fields = ("wall_s", "processor_s", "peak_mb", "before_mb")
    rows = [Row(*key, *(min(t[f] for t in times) for f in fields)) for key, times in took.items()]
    versions = {}
    for (_, name), times in took.items():
        packages = times[0]["versions"]
        versions[f"versions of {name}"] = ", ".join(f"{p} {v}" for p, v in packages.items())
    return rows, versions


def comparison_cells(each: Comparison) -> tuple[str, ...]:
    return (
        each.who,
        each.statistic,
        f"{each.ours:.5g}",
        f"{each.theirs:.5g}",
        f"{each.low:+.1%} … {each.high:+.1%}",
        f"{each.p_value:.2g}",
        "" if each.agrees else "NO",
    )


def print_table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], texts: int, console: Console
) -> None:
    """Print a table whose first columns, `texts` of them, hold no numbers."""
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for place, head in enumerate(heads):
        is_text = place < texts
        table.add_column(head, justify="left" if is_text else "right", no_wrap=is_text)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print()


def write_csv(rows: Sequence[Sequence[str]], about: Mapping[str, str], path: Path) -> None:
    """Write a row for each contestant and size below lines with # that say what measured them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {name}: {text}\n" for name, text in about.items())
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows(rows)


def main(arguments: Sequence[str] | None = None) -> None:
    chosen = parsed(arguments)
    if not PEERS_PYTHON.exists():
        sys.exit("The peers are not installed. Run: make bench-peers")
    given = sys.argv[1:] if arguments is None else arguments
    about = {"command": " ".join(["python -m benchmarks.peers", *given])} | description()
    progress = Console(stderr=True)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL)
    comparisons = agreement(chosen.seeds, progress)
    heads = ("who", "statistic", "ours", "theirs", "difference, 90 %", "p", "agrees")
    title = f"Outcomes of {chosen.seeds} seeds, {AGREEMENT_HOUSEHOLDS:,} households, two years"
    print_table(title, heads, [comparison_cells(each) for each in comparisons], 2, console)
    if differing := [each for each in comparisons if not each.agrees]:
        names = sorted({each.who for each in differing})
        sys.exit(f"No ratios: the outcomes of {', '.join(names)} are not shown to be the same.")
    about["agreement"] = (
        f"{len(comparisons)} comparisons over {chosen.seeds} seeds, no difference found, "
        f"each within {BOUND:.0%}"
    )
    rows, versions = measurements(chosen.households, chosen.rounds, progress)
    ours = {row.households: row for row in rows if row.who == OURS.name}
    cells = [row.cells(ours[row.households]) for row in rows]
    print_table(f"The best of {chosen.rounds} processes each", HEADS, cells, 2, console)
    about |= versions
    for name, text in about.items():
        console.print(f"{name}: {text}", markup=False, highlight=False, soft_wrap=True)
    write_csv(cells, about, chosen.out)
    print(f"\nwritten to {chosen.out}")


if __name__ == "__main__":
    main()
