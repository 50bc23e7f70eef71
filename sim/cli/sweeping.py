"""Commands that run many variants of a scenario, and put parts of such a sweep together."""

from pathlib import Path
from typing import Annotated, Any

import typer

from sim.cli.options import Changes, Policies, ScenarioName, read_count, read_seed
from sim.cli.progress import progress_bar

INTERRUPTED = 130
"""Exit status after Ctrl-C."""
_BAR_WIDTH = 16
"""So that pace and time left have room beside it on a narrow terminal."""


def read_shard(text: str) -> tuple[int, int]:
    """Read I/N from the command line."""
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of)):
        raise typer.BadParameter(f"{text!r}; allowed: I/N with I from 1 to N, such as 1/3")
    return int(number), int(of)


Vary = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KEY=SPEC",
        help="Vary a key; may be repeated. SPEC is 2013:2020, 0.1:0.5:0.1, \\[a,b,c], "
        "uniform(a,b) or loguniform(a,b); KEY alone takes its plausible range.",
        show_default=False,
    ),
]
DesignName = Annotated[
    str | None,
    typer.Option(
        "--design",
        metavar="NAME",
        help="grid, lhs (Latin hypercube), sobol, or a CSV or Parquet file with points.",
        show_default="grid if every SPEC has steps or a list, else lhs",
    ),
]
Samples = Annotated[
    int | None,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Points of the design; of a grid, so many chosen at random.",
        show_default="all of a grid, else 128",
    ),
]
Replicates = Annotated[
    int,
    typer.Option(
        parser=read_count, metavar="N", help="Runs of each point, each with a seed of its own."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        parser=read_seed,
        metavar="N",
        help="Seed of the first replicate of every point; the next one has the next seed.",
        show_default="the scenario's",
    ),
]
DesignSeed = Annotated[int, typer.Option(metavar="N", help="Seed of the design's random points.")]
Workers = Annotated[
    int | None,
    typer.Option(
        parser=read_count,
        metavar="N",
        help="Processes that run side by side; results do not depend on it.",
        show_default="one for each processor",
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
ShardOption = Annotated[
    Any,
    typer.Option(
        "--shard",
        parser=read_shard,
        metavar="I/N",
        help="Run only part I of N, for machines that do not know each other.",
        show_default="all of it",
    ),
]
SweepOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder for the results. The same command goes on with what is there.",
        show_default="out/SCENARIO-sweep",
    ),
]
SweepFolders = Annotated[
    list[Path], typer.Argument(metavar="DIR", help="Sweep folders.", show_default=False)
]
MergedOut = Annotated[
    Path, typer.Option("--out", metavar="DIR", help="Folder for all of it.", show_default=False)
]


def sweep(  # noqa: PLR0913 - every option of the command is an argument
    name: ScenarioName,
    vary: Vary = None,
    design: DesignName = None,
    samples: Samples = None,
    replicates: Replicates = 1,
    seed: Seed = None,
    design_seed: DesignSeed = 0,
    changes: Changes = None,
    policies: Policies = None,
    workers: Workers = None,
    dask: Dask = None,
    shard: ShardOption = None,
    out: SweepOut = None,
) -> None:
    """Run a scenario at many points and keep the outcomes; the same command again goes on."""
    from sim.cli.sweep_story import Meter, print_closing, print_stopped
    from sim.experiments.sweep import Means, Shard, sweep
    from sim.scenario import load_scenario

    if dask is not None and workers is not None:
        raise typer.BadParameter("--workers and --dask; allowed: one of them")
    scenario = load_scenario(name, changes or (), policies or ())
    folder = out or Path("out") / f"{scenario.name}-sweep"
    part = Shard(*shard) if shard else Shard()
    with progress_bar(scenario.name, _BAR_WIDTH) as tell:
        meter = Meter(tell)
        try:
            result = sweep(
                scenario,
                vary or (),
                folder,
                design=design,
                samples=samples,
                replicates=replicates,
                seed=seed,
                design_seed=design_seed,
                means=Means(workers if dask is None else dask, part, meter),
            )
        except KeyboardInterrupt:
            print_stopped(folder)
            raise typer.Exit(INTERRUPTED) from None
    print_closing(result, meter.progress, part)


def merge(folders: SweepFolders, out: MergedOut) -> None:
    """Put the parts of a sweep together that were run in folders of their own."""
    from sim.cli.sweep_story import print_merged
    from sim.experiments.merge import merge_sweeps

    print_merged(merge_sweeps(folders, out), len(folders))
