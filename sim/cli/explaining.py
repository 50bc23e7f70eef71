"""The command that tells what each of several policies did."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.comparing import Confidence, Dask, FirstSeed, Replicates, Workers, workers_of
from sim.cli.options import Changes, NoFigures, ScenarioName, Until
from sim.cli.progress import Tell, progress_bar

First = Annotated[
    list[str] | None,
    typer.Option(
        "--policies",
        metavar="POLICY...",
        help="Policies of the scenario, services of them such as [bold]HUB.training[/], or policy "
        "files to add.",
        show_default="the services of its service platform",
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
        show_default="out/SCENARIO-explained",
    ),
]


def explain(  # noqa: PLR0913 - every option of the command is an argument
    name: ScenarioName,
    more: More = None,
    policies: First = None,
    replicates: Replicates = 20,
    seed: FirstSeed = None,
    until: Until = None,
    changes: Changes = None,
    confidence: Confidence = 0.95,
    households: Incomes = None,
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    no_figures: NoFigures = False,
) -> None:
    """Run every combination of some policies with the same luck, and tell what each one does."""
    folder = out or Path("out") / f"{Path(name).stem}-explained"
    with progress_bar("explain") as tell:
        from sim.experiments.explain import explain as explained

        found = explained(
            name,
            *(policies or ()),
            *(more or ()),
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
        figures = [] if no_figures else _drawn(folder, tell)
    from sim.cli.comparison_story import print_explanation

    print_explanation(found, folder, figures)


def _drawn(folder: Path, tell: Tell) -> list[Path]:
    tell(1.0, "drawing figures")
    from sim.plots.explanation import draw_explanation

    return draw_explanation(folder)
