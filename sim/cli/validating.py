"""The command that holds runs against published facts."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sim.cli.options import NoFigures, read_count, read_seed
from sim.cli.progress import progress_bar
from sim.cli.stopping import told_if_stopped
from sim.cli.sweeping import Workers
from sim.errors import RunError

_MOST_SEEDS: Final = 10_000
_HEADS: Final = ("", "role", "accepted", "median", "5 to 95 %", "seeds\nwithin", "")
_BLOCKS: Final = ("village", "region")
_REGIONS_OUT: Final = Path("out/validate-regions")

Block = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="[bold]village[/]: seeds of single villages against facts. [bold]region[/]: draws of "
        "the posterior, China and Zhejiang thinned, against the lists, beside simple curves and "
        "the model without parts of it.",
    ),
]
Seeds = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=_MOST_SEEDS,
        metavar="N",
        help="Runs of each scenario of single villages, with the seeds from 101 on.",
        show_default="30",
    ),
]
Tables = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the tables as CSV files; of regions also for runs and figures. The same "
        "command goes on with what is there.",
        show_default="none; out/validate-regions",
    ),
]
Draws = Annotated[
    int | None,
    typer.Option(parser=read_count, metavar="N", help="Draws of the posterior.", show_default="40"),
]
AblationDraws = Annotated[
    int | None,
    typer.Option(
        "--ablation-draws",
        parser=read_count,
        metavar="N",
        help="Draws that are run without each part of the model too.",
        show_default="all",
    ),
]
Share = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Share of China's counties that are simulated; of Zhejiang's ten times as many.",
        show_default="0.02",
    ),
]
Posterior = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A file of draws with provenance.json beside it.",
        show_default="the package's",
    ),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="Run only this scenario of those that have a target; may be repeated.",
        show_default="all",
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(parser=read_seed, metavar="N", help="Seed of draws and runs.", show_default="1"),
]


def validate(  # noqa: PLR0913 - every option of the command is an argument
    block: Block = "village",
    seeds: Seeds = None,
    out: Tables = None,
    draws: Draws = None,
    ablation_draws: AblationDraws = None,
    share: Share = None,
    posterior: Posterior = None,
    scenarios: Scenarios = None,
    seed: Seed = None,
    workers: Workers = None,
    no_figures: NoFigures = False,
) -> None:
    """Hold runs against published facts, and tell what would have come without policies.

    With [bold]--block region[/], score forecasts of lists that no parameter was fitted to.
    """
    if block not in _BLOCKS:
        raise typer.BadParameter(f"--block {block!r}; allowed: {' or '.join(_BLOCKS)}")
    of_regions = {
        "--draws": draws,
        "--ablation-draws": ablation_draws,
        "--share": share,
        "--posterior": posterior,
        "--scenario": scenarios,
        "--seed": seed,
        "--workers": workers,
        "--no-figures": no_figures or None,
    }
    not_here = {"--seeds": seeds} if block == "region" else of_regions
    for name, given in not_here.items():
        if given is not None:
            raise typer.BadParameter(f"{name}; allowed: not with --block {block}")
    if out is not None and out.exists() and not out.is_dir():
        raise RunError(f"{out}: this is a file; allowed: a folder")
    if block == "village":
        _validate_villages(30 if seeds is None else seeds, out)
        return
    asked = {
        "draws": draws,
        "ablation_draws": ablation_draws,
        "share": share,
        "posterior": posterior,
        "scenarios": scenarios,
        "seed": seed,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}
    _validate_regions(wanted, out or _REGIONS_OUT, workers, draw=not no_figures)


def _validate_villages(seeds: int, out: Path | None) -> None:
    from sim.experiments.validate import FIRST_SEED
    from sim.experiments.validate import validate as measured
    from sim.experiments.validation_tables import write_validation

    with progress_bar("validate") as tell:
        found = measured(range(FIRST_SEED, FIRST_SEED + seeds), tell)
    _print_verdicts(found)
    _print_beside(found)
    _print_differences(found)
    for path in write_validation(out, found) if out is not None else []:
        print(path)


def _validate_regions(asked: dict[str, Any], out: Path, workers: int | None, *, draw: bool) -> None:
    from sim.cli.sweep_story import Meter
    from sim.cli.validation_story import draw_figures, print_regions
    from sim.experiments.sweep import Means
    from sim.experiments.validate_regions import Asked, validate_regions

    left = f"The same command goes on with what is in {out}."
    with progress_bar("validate regions", 16) as tell, told_if_stopped(left):
        found = validate_regions(Asked(**asked), out, Means(workers, progress=Meter(tell)))
    if draw:
        draw_figures(found)
    print_regions(found)


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
