"""What was measured, as a table on screen and as a file."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.measures import Measure

HEADS = ("measure", "unit", "median", "lowest", "highest", "runs", "target", "reached", "scenario")
REACHED = {True: "yes", False: "no", None: ""}


def cells(measure: Measure) -> tuple[str, ...]:
    numbers = (measure.median, min(measure.values), max(measure.values))
    return (
        measure.name,
        measure.unit,
        *(f"{number:.4g}" for number in numbers),
        str(len(measure.values)),
        measure.target,
        REACHED[measure.is_reached],
        measure.world,
    )


def print_table(measures: Sequence[Measure], about: Mapping[str, str], console: Console) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in HEADS[:-1]:
        is_number = head in {"median", "lowest", "highest", "runs"}
        table.add_column(head, justify="right" if is_number else "left")
    world = None
    for measure in measures:
        if measure.world != world:
            world = measure.world
            table.add_row()
            table.add_row(f"[cyan]{escape(world)}[/]")
        style = "red" if measure.is_reached is False else ""
        table.add_row(*map(escape, cells(measure)[:-1]), style=style)
    console.print(table)
    console.print()
    for name, text in about.items():
        console.print(f"{name}: {text}", markup=False, highlight=False)


def write_csv(measures: Sequence[Measure], about: Mapping[str, str], path: Path) -> None:
    """Write a row for each measure below lines with # that say what measured them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {name}: {text}\n" for name, text in about.items())
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADS)
        writer.writerows(map(cells, measures))
