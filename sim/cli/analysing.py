"""Commands that analyse many runs: what moves outcomes, under what conditions, and how long."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.comparing import workers_of
from sim.cli.options import Changes, NoFigures, Policies
from sim.cli.progress import progress_bar
from sim.cli.sweeping import INTERRUPTED, Dask, DesignSeed, Seed, Vary, Workers

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
        help="Analyse this sweep folder instead of new runs.",
        show_default="new runs",
    ),
]
Outcomes = Annotated[
    list[str] | None,
    typer.Option(
        "--outcome",
        metavar="NAME",
        help="An outcome to look at; may be repeated.",
        show_default="the usual ones",
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="sobol, morris, or rbd-fast for any random points and grids.",
        show_default="sobol, or what the points of --from are made for",
    ),
]
Samples = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Base samples of sobol (times keys + 2 points), trajectories of morris (times keys + "
        "1 points), points of others.",
        show_default="128, of morris 20, of rbd-fast 256",
    ),
]
Points = Annotated[int, typer.Option("--samples", metavar="N", help="Points to run.")]
SomePoints = Annotated[
    int | None,
    typer.Option(
        "--samples",
        metavar="N",
        help="Points to run; of a grid, so many chosen at random.",
        show_default="all of a grid, else 128",
    ),
]
Replicates = Annotated[
    int, typer.Option(metavar="N", help="Runs of each point, each with a seed of its own.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the runs, whose same command goes on with what is there, and the findings "
        "in it; with --from for the findings alone.",
        show_default="out/SCENARIO-COMMAND, or the folder of --from",
    ),
]
Question = Annotated[
    str,
    typer.Option(
        metavar="TEXT",
        help="What is asked of a run: 'crossed within 18 months', 'active_stores>=100'.",
    ),
]
Search = Annotated[str, typer.Option("--method", metavar="NAME", help="prim or cart.")]
Threshold = Annotated[
    float, typer.Option(metavar="SHARE", help="Share of yes that a rule should reach.")
]
Boxes = Annotated[int, typer.Option(metavar="N", help="Rules at most.")]
Confirm = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Fresh pairs of runs, with seeds that no run had, to put each rule to the test.",
        show_default="100, with --from none",
    ),
]
Event = Annotated[str, typer.Option(metavar="NAME", help="listed or crossed.")]
By = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY",
        help="A varied key whose values make groups; may be repeated.",
        show_default="every key that is varied",
    ),
]
EachPolicy = Annotated[
    list[str] | None,
    typer.Option(
        "--policies",
        metavar="NAME",
        help="A policy to compare: none, each alone, all together; may be repeated.",
        show_default=False,
    ),
]


def sensitivity(  # noqa: PLR0913 - every option of the command is an argument
    name: Name = None,
    vary: Vary = None,
    stored: From = None,
    method: Method = None,
    outcomes: Outcomes = None,
    samples: Samples = None,
    replicates: Replicates = 4,
    seed: Seed = None,
    design_seed: DesignSeed = 0,
    changes: Changes = None,
    policies: Policies = None,
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    no_figures: NoFigures = False,
) -> None:
    """Tell which keys move outcomes, how surely, and how much of it is plain luck."""
    from sim.experiments.sensitivity import sensitivity as analysed

    def analyse(scenario: Any, folder: Path | None, means: Any) -> Any:
        return analysed(
            scenario,
            vary or (),
            folder,
            runs=stored,
            method=method,
            outcomes=outcomes,
            samples=samples,
            replicates=replicates,
            seed=seed,
            design_seed=design_seed,
            means=means,
        )

    scenario = _scenario(name, changes, policies)
    _carry_out(
        "sensitivity", analyse, scenario, (stored, out), workers_of(workers, dask), no_figures
    )


def discover(  # noqa: PLR0913 - every option of the command is an argument
    name: Name = None,
    vary: Vary = None,
    stored: From = None,
    question: Question = "listed within 5 years",
    method: Search = "prim",
    threshold: Threshold = 0.8,
    boxes: Boxes = 1,
    confirm: Confirm = None,
    samples: Points = 128,
    replicates: Replicates = 8,
    seed: Seed = None,
    design_seed: DesignSeed = 0,
    changes: Changes = None,
    policies: Policies = None,
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    no_figures: NoFigures = False,
) -> None:
    """Find a rule for when something comes about, and put it to the test with fresh runs."""
    from sim.experiments.discover import discover as analysed

    def analyse(scenario: Any, folder: Path | None, means: Any) -> Any:
        return analysed(
            scenario,
            vary or (),
            folder,
            runs=stored,
            question=question,
            method=method,
            threshold=threshold,
            boxes=boxes,
            confirm=confirm,
            samples=samples,
            replicates=replicates,
            seed=seed,
            design_seed=design_seed,
            means=means,
        )

    scenario = _scenario(name, changes, policies)
    _carry_out("discover", analyse, scenario, (stored, out), workers_of(workers, dask), no_figures)


def survival(  # noqa: PLR0913 - every option of the command is an argument
    name: Name = None,
    vary: Vary = None,
    stored: From = None,
    event: Event = "listed",
    by: By = None,
    each_policy: EachPolicy = None,
    samples: SomePoints = None,
    replicates: Replicates = 100,
    seed: Seed = None,
    changes: Changes = None,
    policies: Policies = None,
    workers: Workers = None,
    dask: Dask = None,
    out: Out = None,
    no_figures: NoFigures = False,
) -> None:
    """Tell how long it takes until a village crosses or is listed, as survival curves."""
    from sim.experiments.survival import survival as analysed

    def analyse(scenario: Any, folder: Path | None, means: Any) -> Any:
        return analysed(
            scenario,
            vary or (),
            folder,
            runs=stored,
            event=event,
            by=by,
            policies=each_policy or (),
            samples=samples,
            replicates=replicates,
            seed=seed,
            means=means,
        )

    scenario = _scenario(name, changes, policies)
    _carry_out("survival", analyse, scenario, (stored, out), workers_of(workers, dask), no_figures)


def _scenario(name: str | None, changes: Any, policies: Any) -> Any:
    from sim.scenario import load_scenario

    if name is None:
        if changes or policies:
            what = "--set" if changes else "--policy"
            raise typer.BadParameter(f"{what}; allowed: only with a scenario that is run")
        return None
    return load_scenario(name, changes or (), policies or ())


def _carry_out(
    command: str, analyse: Any, scenario: Any, places: Any, workers: Any, no_figures: bool
) -> None:
    from sim.cli.analyses_story import print_analysis
    from sim.cli.sweep_story import Meter, print_stopped
    from sim.experiments.analysis import check_findings, write_analysis
    from sim.experiments.sweep import Means

    stored, out = places
    if (stored is None) == (scenario is None):
        raise typer.BadParameter("allowed: either SCENARIO, or --from with a sweep folder")
    runs = None if scenario is None else out or Path("out") / f"{scenario.name}-{command}"
    folder = (stored if out is None else out) if runs is None else runs
    check_findings(folder / command)
    with progress_bar(command) as tell:
        try:
            found = analyse(scenario, runs, Means(workers, progress=Meter(tell)))
        except KeyboardInterrupt:
            print_stopped(folder)
            raise typer.Exit(INTERRUPTED) from None
        write_analysis(found, folder / command)
        if not no_figures:
            from sim.plots.drawing import write_figures

            tell(1.0, "drawing figures")
            write_figures({command: found.plot()}, folder / command)
    print_analysis(found, folder / command)
