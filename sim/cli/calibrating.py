"""The command that fits parameters to published history."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import Changes, NoFigures, read_count, read_seed
from sim.cli.progress import progress_bar
from sim.cli.stopping import told_if_stopped
from sim.cli.sweeping import Workers


def read_share(text: str) -> tuple[str, float]:
    """Read SCENARIO=SHARE from the command line."""
    name, _, share = str(text).partition("=")
    try:
        found = float(share)
    except ValueError:
        found = -1.0
    if not name or not 0 < found <= 1:
        raise typer.BadParameter(f"{text!r}; allowed: SCENARIO=SHARE such as china=0.05")
    return name, found


Block = Annotated[str, typer.Option(metavar="NAME", help="village or region.")]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for runs and results. The same command goes on with what is there.",
        show_default="out/calibrate-BLOCK",
    ),
]
Method = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="replenish (generation by generation, draws copied and moved), sequence (the same "
        "with importance weights, by pyABC), table (rejection and regression from one table of "
        "runs) or search (Optuna, the best point).",
    ),
]
Population = Annotated[
    int, typer.Option(parser=read_count, metavar="N", help="Accepted runs of each generation.")
]
GenerationCount = Annotated[
    int, typer.Option("--generations", parser=read_count, metavar="N", help="Generations.")
]
Quantile = Annotated[
    float,
    typer.Option(
        metavar="SHARE", help="Share of a generation that stays, or that the next accepts."
    ),
]
Rounds = Annotated[
    int,
    typer.Option(
        parser=read_count, metavar="N", help="Steps that each copied draw tries in a generation."
    ),
]
Mixing = Annotated[
    int,
    typer.Option(
        "--mix", parser=read_count, metavar="N", help="Steps that every draw tries at the end."
    ),
]
TableRuns = Annotated[
    int,
    typer.Option(
        "--table", parser=read_count, metavar="N", help="First runs, or runs of the table."
    ),
]
PointCount = Annotated[
    int, typer.Option("--points", parser=read_count, metavar="N", help="Points of a search.")
]
LuckRuns = Annotated[
    int,
    typer.Option(
        "--luck", parser=read_count, metavar="N", help="Runs that tell how far luck takes runs."
    ),
]
Predicted = Annotated[
    int,
    typer.Option(
        "--predict", parser=read_count, metavar="N", help="New runs that the fit is told by."
    ),
]
Recover = Annotated[
    int,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Simulate with N known sets of parameters and fit them back from the table.",
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PARAMETER",
        help="Fit this parameter and no other; may be repeated.",
        show_default="all of grade calibrated",
    ),
]
Fix = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PARAMETER", help="Do not fit this one; may be repeated.", show_default=False
    ),
]
Scenarios = Annotated[
    list[str] | None,
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="Run this scenario of the block; may be repeated.",
        show_default="all of the block",
    ),
]
Shares = Annotated[
    list[Any] | None,
    typer.Option(
        "--county-share",
        parser=read_share,
        metavar="SCENARIO=SHARE",
        help="Share of a scenario's counties to simulate; may be repeated.",
        show_default="china=0.02, zhejiang=0.2",
    ),
]
Given = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A posterior.csv of the other block, to begin with and to correct.",
        show_default="the registry's values",
    ),
]
Reuse = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Take the runs of this sweep for the table.", show_default="new runs"
    ),
]
Seed = Annotated[
    int, typer.Option(parser=read_seed, metavar="N", help="Seed of proposals and of all runs.")
]
MaxRuns = Annotated[
    int | None,
    typer.Option(
        "--max-runs",
        parser=read_count,
        metavar="N",
        help="Runs that this command may do.",
        show_default="no limit",
    ),
]
MaxMinutes = Annotated[
    float | None,
    typer.Option(
        "--max-minutes",
        metavar="N",
        help="Begin no further run after so many minutes.",
        show_default="no limit",
    ),
]
NotAdjusted = Annotated[
    bool, typer.Option("--no-adjust", help="Leave the last generation as it is: no regression.")
]


def calibrate(  # noqa: PLR0913 - every option of the command is an argument
    block: Block = "village",
    out: Out = None,
    method: Method = "replenish",
    population: Population = 100,
    generations: GenerationCount = 5,
    quantile: Quantile = 0.5,
    rounds: Rounds = 4,
    mixing: Mixing = 20,
    table: TableRuns = 400,
    points: PointCount = 200,
    luck: LuckRuns = 20,
    predict: Predicted = 30,
    recover: Recover = 0,
    only: Only = None,
    fix: Fix = None,
    scenarios: Scenarios = None,
    shares: Shares = None,
    changes: Changes = None,
    given: Given = None,
    reuse: Reuse = None,
    no_adjust: NotAdjusted = False,
    seed: Seed = 1,
    workers: Workers = None,
    max_runs: MaxRuns = None,
    max_minutes: MaxMinutes = None,
    no_figures: NoFigures = False,
) -> None:
    """Fit parameters to published history up to 2016; the same command again goes on."""
    from sim.cli.calibration_story import draw_figures, print_calibration
    from sim.experiments.calibrate.fitting import CalibrationMeans, How, Subject, calibrate

    subject = Subject(
        block,
        only or (),
        fix or (),
        scenarios or (),
        dict(shares or ()),
        changes or (),
        given,
    )
    how = How(
        method, population, generations, quantile, rounds, mixing, table, points, luck, predict,
        recover, not no_adjust, seed,
    )  # fmt: skip
    folder = out or Path("out") / f"calibrate-{block}"
    left = f"The same command goes on with what is in {folder}."
    with progress_bar(f"calibrate {block}", 16) as tell, told_if_stopped(left):
        means = CalibrationMeans(workers, max_runs, max_minutes, tell)
        found = calibrate(subject, folder, how, means, reuse)
    if not no_figures:
        draw_figures(found)
    print_calibration(found)
