"""The command that holds runs against published facts."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sim.cli.progress import progress_bar
from sim.errors import RunError

_MOST_SEEDS: Final = 10_000
_HEADS: Final = ("", "role", "accepted", "median", "5 to 95 %", "seeds\nwithin", "")

Seeds = Annotated[
    int,
    typer.Option(
        min=1,
        max=_MOST_SEEDS,
        metavar="N",
        help="Runs of each scenario, with the seeds from 101 on.",
    ),
]
Tables = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="Folder for the tables as CSV files.", show_default="none"),
]


def validate(seeds: Seeds = 30, out: Tables = None) -> None:
    """Hold runs against published facts, and tell what would have come without policies."""
    from sim.experiments.validate import FIRST_SEED
    from sim.experiments.validate import validate as measured
    from sim.experiments.validation_tables import write_validation

    if out is not None and out.exists() and not out.is_dir():
        raise RunError(f"{out}: this is a file; allowed: a folder")
    with progress_bar("validate") as tell:
        found = measured(range(FIRST_SEED, FIRST_SEED + seeds), tell)
    _print_verdicts(found)
    _print_beside(found)
    _print_differences(found)
    for path in write_validation(out, found) if out is not None else []:
        print(path)


def _print_verdicts(found: Any) -> None:
    from rich.markup import escape

    from sim.experiments.validation_tables import readable

    table = _table("Published facts", _HEADS)
    for each in found.verdicts:
        table.add_row(
            escape(f"{each.measure} ({each.scenario})"),
            each.role,
            f"{readable(each.lower_bound, each.unit)} to {readable(each.upper_bound, each.unit)}",
            readable(each.found.median, each.unit),
            f"{readable(each.found.low, each.unit)} to {readable(each.found.high, each.unit)}",
            f"{each.share_within:.0%}",
            "[green]reached[/]" if each.is_reached else "[bold red]missed[/]",
        )
    _print(table)


def _print_beside(found: Any) -> None:
    from rich.markup import escape

    from sim.experiments.validation_tables import readable

    table = _table(
        "Facts beside them, neither fitted nor judged", ("", "published", "median", "5 to 95 %")
    )
    for each in found.beside:
        table.add_row(
            escape(f"{each.measure} ({each.scenario})"),
            readable(each.published, each.unit),
            readable(each.found.median, each.unit),
            f"{readable(each.found.low, each.unit)} to {readable(each.found.high, each.unit)}",
        )
    _print(table)


def _print_differences(found: Any) -> None:
    from rich.markup import escape

    from sim.experiments.validation_tables import readable

    heads = (
        "",
        "scenario",
        "without it",
        "difference,\nseed by seed",
        "5 to 95 %",
        "less, same,\nmore",
    )
    table = _table("What would have come without it", heads)
    for each in found.differences:
        paired = each.paired
        table.add_row(
            escape(f"{each.measure} ({each.without})"),
            readable(each.base.median, each.unit),
            readable(each.other.median, each.unit),
            readable(paired.median, each.unit),
            f"{readable(paired.low, each.unit)} to {readable(paired.high, each.unit)}",
            ", ".join(f"{share:.0%}" for share in each.shares),
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
