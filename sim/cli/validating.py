"""The command that holds runs against published facts."""

import math
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sim.cli.progress import progress_bar

_MOST_SEEDS: Final = 10_000
_HEADS: Final = ("", "accepted", "median", "5 to 95 %", "seeds within", "")

Seeds = Annotated[
    int,
    typer.Option(
        min=1, max=_MOST_SEEDS, metavar="N", help="Runs of each scenario, with the seeds 1 to N."
    ),
]
Tables = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder for the tables as CSV files.", show_default="none"),
]


def validate(seeds: Seeds = 20, out: Tables = None) -> None:
    """Hold runs against published facts, and tell what would have come without policies."""
    from sim.experiments.validate import validate as measured
    from sim.experiments.validation_tables import write_validation

    with progress_bar("validate") as tell:
        found = measured(range(1, seeds + 1), tell)
    _print_verdicts(found)
    _print_differences(found)
    for path in write_validation(out, found) if out is not None else []:
        print(path)


def _print_verdicts(found: Any) -> None:
    from rich.markup import escape

    table = _table("Published facts", _HEADS)
    for each in found.verdicts:
        table.add_row(
            escape(f"{each.measure} ({each.scenario})"),
            f"{_number(each.lower_bound, each.unit)} to {_number(each.upper_bound, each.unit)}",
            _number(each.found.median, each.unit),
            f"{_number(each.found.low, each.unit)} to {_number(each.found.high, each.unit)}",
            f"{each.share_within:.0%}",
            "[green]reached[/]" if each.is_reached else "[bold red]missed[/]",
        )
    _print(table)


def _print_differences(found: Any) -> None:
    from rich.markup import escape

    heads = ("", "scenario", "without it", "difference, seed by seed", "5 to 95 %")
    table = _table("What would have come without it", heads)
    for each in found.differences:
        paired = each.paired
        table.add_row(
            escape(f"{each.measure} ({each.without})"),
            _number(each.base.median, each.unit),
            _number(each.other.median, each.unit),
            _number(paired.median, each.unit),
            f"{_number(paired.low, each.unit)} to {_number(paired.high, each.unit)}",
        )
    _print(table)


def _table(title: str, heads: tuple[str, ...]) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(title=f"[bold]{title}[/]", title_justify="left", box=box.SIMPLE_HEAD)
    for head in heads:
        table.add_column(head, justify="right" if head else "left")
    return table


def _print(table: Any) -> None:
    from sim.cli.terminal import output_console, show

    show(output_console(), table)


def _number(value: float, unit: str) -> str:
    """Return a number with its unit as a reader expects it."""
    if not math.isfinite(value):
        return "never" if value > 0 else "–"
    if unit == "year":
        return f"{value:.0f}"
    if unit == "1":
        return f"{100 * value:.1f} %"
    if unit == "yuan" and abs(value) >= 1e6:
        return f"{value / 1e6:,.1f} m yuan"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
