"""The command that holds a trial by lot inside the model."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.comparing import FirstSeed, read_count
from sim.cli.options import Changes, NoFigures, Policies, ScenarioName
from sim.cli.progress import progress_bar
from sim.cli.stopping import NOTHING_WRITTEN, told_if_stopped

Programme = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The policy of the scenario that is drawn by lot.",
        show_default="the one whose target is a share of villages",
    ),
]
Years = Annotated[
    int,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Complete years of the programme until incomes are asked for.",
    ),
]
Survey = Annotated[
    int,
    typer.Option(parser=read_count, metavar="N", help="Households of each village that are asked."),
]
Replicates = Annotated[
    int,
    typer.Option(
        parser=read_count, metavar="N", help="Trials, each with other luck and other lots."
    ),
]
Placebos = Annotated[
    int,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Lots without consequence for each trial, which show how often one errs.",
    ),
]
Permutations = Annotated[
    int,
    typer.Option(
        parser=read_count, metavar="N", help="Lots drawn again for randomisation inference."
    ),
]
Workers = Annotated[
    int,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Processes that run side by side; results do not depend on it.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for tables and figure.",
        show_default="out/SCENARIO-trial",
    ),
]


def trial(  # noqa: PLR0913 - every option of the command is an argument
    name: ScenarioName,
    programme: Programme = None,
    years: Years = 1,
    survey: Survey = 38,
    replicates: Replicates = 20,
    placebos: Placebos = 10,
    permutations: Permutations = 999,
    seed: FirstSeed = None,
    changes: Changes = None,
    policies: Policies = None,
    workers: Workers = 1,
    out: Out = None,
    no_figures: NoFigures = False,
) -> None:
    """Hold a trial by lot many times: what it shows, how often it errs, and what is true."""
    folder = out or Path("out") / f"{Path(name).stem}-trial"
    with told_if_stopped(NOTHING_WRITTEN), progress_bar("trial") as tell:
        from sim.experiments.trial import trial as held
        from sim.scenario import load_scenario

        found = held(
            load_scenario(name, changes or (), policies or ()),
            policy=programme,
            years=years,
            survey=survey,
            replicates=replicates,
            placebos=placebos,
            permutations=permutations,
            seed=seed,
            out=folder,
            workers=workers,
            progress=tell,
        )
        if not no_figures:
            from sim.plots.drawing import write_figures

            tell(1.0, "drawing the figure")
            write_figures({"trial": found.plot()}, folder)
    from sim.cli.trial_story import print_trial

    print_trial(found, folder)
