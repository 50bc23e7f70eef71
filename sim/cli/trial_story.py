"""What a trial has found, as tables on screen."""

import os
from pathlib import Path
from typing import Any

from sim.cli.terminal import output_console, show
from sim.experiments.analysis import percent, shown
from sim.experiments.trial_estimates import LOG


def print_trial(found: Any, folder: Path) -> None:
    """Print what trials show, what is true, and where the tables are."""
    from rich.markup import escape

    console = output_console()
    show(console, f"[bold]{escape(found.headline())}[/]")
    for table in (_estimates(found), _truths(found)):
        print()
        show(console, table)
    for note in found.notes:
        show(console, f"[dim]{escape(note)}[/]")
    show(console, f"Tables and figures are in [bold]{escape(str(folder))}{os.sep}[/]")


def _estimates(found: Any) -> Any:
    heads = ("", "outcome", "asked", "effect", "error", "found", "80 % from", "true")
    table = _table("What trials show, on average", heads, 3)
    for row in found.table.iter_rows(named=True):
        write = _hundredths if row["outcome"] == LOG else shown
        numbers = [write(row[name]) for name in ("effect", "error")]
        ends = [write(row[name]) for name in ("detectable", "true_effect")]
        cells = [row["outcome"], row["who"], *numbers, percent(row["found_share"]), *ends]
        table.add_row(_name(row, found.about["programme"]), *cells)
    return table


def _name(row: dict[str, Any], programme: str) -> str:
    is_real = row["world"].startswith("the programme")
    return f"{row['analysis']}, {programme if is_real else row['world']}"


def _truths(found: Any) -> Any:
    heads = ("", "whom", "households", "without it", "difference", "95 % interval", "median")
    table = _table("What is true, yuan a year", heads, 2)
    for row in found.truths.iter_rows(named=True):
        bounds = f"{shown(row['low'])} to {shown(row['high'])}"
        table.add_row(
            row["cause"],
            row["group"],
            *(shown(row[name]) for name in ("households", "income_without_yuan")),
            shown(row["difference_yuan"]),
            bounds,
            shown(row["median_yuan"]),
        )
    return table


def _hundredths(value: float) -> str:
    """Return a difference of logarithms as a percentage."""
    return "–" if value != value else f"{100.0 * value:.2g} %"


def _table(title: str, heads: tuple[str, ...], words: int) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        table.add_column(head, justify="left" if place < words else "right", overflow="fold")
    return table
