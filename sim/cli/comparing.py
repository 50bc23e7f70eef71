"""The command that compares worlds under the same luck."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import Changes, Json, Language, NoFigures, Policies, Until, read_seed
from sim.cli.progress import progress_bar
from sim.cli.stopping import NOTHING_WRITTEN, told_if_stopped


def read_count(given: str | int) -> int:
    """Read how many from the command line."""
    text = str(given)  # a default is given as it is
    if not text.isascii() or not text.isdigit():
        raise typer.BadParameter(f"{text!r}; allowed: a whole number")
    return int(text)


def read_share(text: str) -> float:
    """Read a share from the command line."""
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}; allowed: a number above 0 and below 1") from None


Base = Annotated[
    str | None,
    typer.Argument(
        metavar="BASE",
        help="The scenario that others are compared with; with [bold]--from[/] one of its worlds.",
        show_default=False,
    ),
]
Variants = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="VARIANT",
        help="Scenarios, or policies to add to BASE, such as [bold]training[/] or "
        "[bold]storage+training[/]; with [bold]--from[/] other worlds of it, all if none is named.",
        show_default=False,
    ),
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="DIR",
        help="Compare runs of this folder of a comparison, explanation or sweep instead of new "
        "ones.",
        show_default="new runs",
    ),
]
Replicates = Annotated[
    int | None,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Runs of each world, each with a seed of its own.",
        show_default="20",
    ),
]
FirstSeed = Annotated[
    int | None,
    typer.Option(
        "--seed",
        parser=read_seed,
        metavar="N",
        help="Seed of the first replicate of every world; the next one has the next seed.",
        show_default="the scenario's",
    ),
]
Widths = Annotated[
    list[str] | None,
    typer.Option(
        "--width",
        metavar="WIDTH",
        help="Width of the interval that you want, to be told how many more runs it takes: a "
        "share of the base's mean, or for one outcome in its unit, such as active_stores=10; may "
        "be repeated.",
        show_default="0.1",
    ),
]
Confidence = Annotated[
    float,
    typer.Option(
        parser=read_share, metavar="SHARE", help="Share of intervals that cover what is true."
    ),
]
Households = Annotated[
    bool | None,
    typer.Option(
        "--households/--no-households",
        help="Compare each household with its twin.",
        show_default="up to 100,000 households",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Processes that run side by side; results do not depend on it.",
        show_default="as many as are worth it",
    ),
]
Dask = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS",
        help="Dask scheduler whose workers run it instead, such as tcp://10.0.0.1:8786.",
        show_default="none",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the results, in place of those of an earlier comparison.",
        show_default="out/BASE-compared, or out/DIR-compared",
    ),
]


def compare(  # noqa: PLR0913 - every option of the command is an argument
    base: Base = None,
    variants: Variants = None,
    stored: From = None,
    replicates: Replicates = None,
    seed: FirstSeed = None,
    until: Until = None,
    changes: Changes = None,
    policies: Policies = None,
    widths: Widths = None,
    confidence: Confidence = 0.95,
    households: Households = None,
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    no_figures: NoFigures = False,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Run scenarios with the same luck, and tell what differs, how sure that is, and for whom."""
    if stored is None and not variants:
        missing = "BASE" if base is None else "VARIANT"
        raise typer.BadParameter(
            f"no {missing!r}; allowed: BASE and VARIANT, or --from with a folder"
        )
    folder = out or Path("out") / f"{(stored or Path(base or '')).stem}-compared"
    with told_if_stopped(NOTHING_WRITTEN), progress_bar("compare") as tell:
        from sim.experiments.compare import compare as compared

        found = compared(
            base,
            *(variants or ()),
            runs=stored,
            replicates=replicates,
            out=folder,
            seed=seed,
            until=until,
            overrides=changes or (),
            policies=policies or (),
            wish=_wish(widths or (), confidence),
            keep_households=households,
            workers=workers_of(workers, dask),
            progress=tell,
        )
    figures = [] if no_figures else drawn_figures(folder, "compare", _draw)
    from sim.cli.comparison_story import print_comparison, print_comparison_json

    print_comparison_json(found) if as_json else print_comparison(found, folder, figures)


def drawn_figures(folder: Path, command: str, draw: Callable[[Path], list[Path]]) -> list[Path]:
    """Draw the figures of a folder that is written, and say so if that is stopped."""
    left = f"Results are in {folder}{os.sep}, but not all figures."
    with told_if_stopped(left), progress_bar(command) as tell:
        tell(1.0, "drawing figures")
        return draw(folder)


def _draw(folder: Path) -> list[Path]:
    from sim.plots.comparison import draw_comparison

    return draw_comparison(folder)


def workers_of(workers: int | None, dask: str | None) -> int | str | None:
    """Return who runs: a number of processes, or the address of a scheduler."""
    if workers is not None and dask is not None:
        raise typer.BadParameter("--workers and --dask; allowed: one of them")
    return workers if dask is None else dask


def _wish(widths: list[str] | tuple[str, ...], confidence: float) -> Any:
    """Read what is wished for: a share, or widths by outcome."""
    from sim.experiments.differences import WIDTH_SHARE, Wish

    share, by_outcome = WIDTH_SHARE, {}
    for text in widths:
        outcome, _, number = text.rpartition("=")
        try:
            value = float(number)
        except ValueError:
            allowed = "a share such as 0.1, or an outcome and its width such as active_stores=10"
            raise typer.BadParameter(f"--width {text!r}; allowed: {allowed}") from None
        if outcome:
            by_outcome[outcome] = value
        else:
            share = value
    return Wish(confidence, share, by_outcome)
