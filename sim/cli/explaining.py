"""The command that tells what each of several policies did."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.comparing import (
    Confidence,
    Dask,
    FirstSeed,
    Replicates,
    Workers,
    drawn_figures,
    workers_of,
)
from sim.cli.options import Changes, Json, Language, NoFigures, Until
from sim.cli.progress import progress_bar
from sim.cli.stopping import NOTHING_WRITTEN, told_if_stopped

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario file or name to run; none with [bold]--from[/].",
        show_default=False,
    ),
]
From = Annotated[
    Path | None,
    typer.Option(
        "--from",
        metavar="DIR",
        help="Explain runs of this folder of a comparison, explanation or sweep instead of new "
        "ones; it must have every combination of the policies.",
        show_default="new runs",
    ),
]

First = Annotated[
    list[str] | None,
    typer.Option(
        "--policies",
        metavar="POLICY...",
        help="Policies of the scenario, services of them such as [bold]HUB.training[/], or policy "
        "files to add.",
        show_default="the services of its service platform, or all policies of --from",
    ),
]
More = Annotated[
    list[str] | None, typer.Argument(metavar="[POLICY...]", help="Further policies.", hidden=True)
]
Incomes = Annotated[
    bool | None,
    typer.Option(
        "--households/--no-households",
        help="Keep households, so that incomes are known.",
        show_default="up to 100,000 households",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the results, in place of those of an earlier explanation.",
        show_default="out/SCENARIO-explained, or out/DIR-explained",
    ),
]


def explain(  # noqa: PLR0913 - every option of the command is an argument
    name: Name = None,
    more: More = None,
    policies: First = None,
    stored: From = None,
    replicates: Replicates = None,
    seed: FirstSeed = None,
    until: Until = None,
    changes: Changes = None,
    confidence: Confidence = 0.95,
    households: Incomes = None,
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    no_figures: NoFigures = False,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Run every combination of some policies with the same luck, and tell what each one does."""
    named = [*(policies or ()), *(more or ())]
    if stored is not None and name is not None and policies:
        # Without a scenario, the second policy stands in its place.
        name, named = None, [*(policies or ()), name, *(more or ())]
    if (stored is None) == (name is None):
        raise typer.BadParameter("allowed: either SCENARIO, or --from with a folder")
    folder = out or Path("out") / f"{(stored or Path(name or '')).stem}-explained"
    with told_if_stopped(NOTHING_WRITTEN), progress_bar("explain") as tell:
        from sim.experiments.explain import explain as explained

        found = explained(
            name,
            *named,
            runs=stored,
            replicates=replicates,
            out=folder,
            seed=seed,
            until=until,
            overrides=changes or (),
            confidence=confidence,
            keep_households=households,
            workers=workers_of(workers, dask),
            progress=tell,
        )
    figures = [] if no_figures else drawn_figures(folder, "explain", _draw)
    from sim.cli.comparison_story import print_explanation, print_explanation_json

    print_explanation_json(found) if as_json else print_explanation(found, folder, figures)


def _draw(folder: Path) -> list[Path]:
    from sim.plots.explanation import draw_explanation

    return draw_explanation(folder)
