"""What was measured, as a table on screen and as a file."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from benchmarks.measures import Measure

HEADS = ("measure", "unit", "median", "lowest", "highest", "runs", "target", "reached", "scenario")
REACHED = {True: "yes", False: "no", None: ""}


def cells(measure: Measure) -> tuple[str, ...]:
    numbers = (measure.median, min(measure.values), max(measure.values))
    return (
        measure.name,
        measure.unit,
        *(str(number) if isinstance(number, int) else f"{number:.4g}" for number in numbers),
        str(len(measure.values)),
        measure.target,
        REACHED[measure.is_reached],
        measure.world,
    )


def print_tables(measures: Sequence[Measure], about: Mapping[str, str], console: Console) -> None:
    """Print a table for each scenario, then what measured them."""
    for world in dict.fromkeys(measure.world for measure in measures):
        console.print(Text(world, style="bold cyan"))
        console.print(_table([measure for measure in measures if measure.world == world]))
        console.print()
    for name, text in about.items():
        console.print(f"{name}: {text}", markup=False, soft_wrap=True)


def _table(measures: Sequence[Measure]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for head in HEADS[:-1]:
        is_number = head in {"median", "lowest", "highest", "runs"}
        is_text = head in {"measure", "unit"}  # may take two lines on a narrow terminal
        table.add_column(head, justify="right" if is_number else "left", no_wrap=not is_text)
    for measure in measures:
        style = "red" if measure.is_reached is False else ""
        table.add_row(*map(escape, cells(measure)[:-1]), style=style)
    return table


def write_csv(measures: Sequence[Measure], about: Mapping[str, str], path: Path) -> None:
    """Write a row for each measure below lines with # that say what measured them."""
    write_table([HEADS, *map(cells, measures)], about, path)


def write_table(rows: Sequence[Sequence[str]], about: Mapping[str, str], path: Path) -> None:
    """Write rows, the first of them heads, below lines with # that say what measured them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {name}: {text}\n" for name, text in about.items())
        csv.writer(file, lineterminator="\n").writerows(rows)
