"""Commands that run a scenario, or draw what a run has left."""

from pathlib import Path

from sim.cli.options import (
    Changes,
    Households,
    Json,
    NoFigures,
    Out,
    Policies,
    Records,
    RunFolderPath,
    ScenarioName,
    Seed,
    Threads,
    Until,
)
from sim.cli.progress import Tell, progress_bar


def run(  # noqa: PLR0913 - every option of the command is an argument
    name: ScenarioName,
    seed: Seed = None,
    until: Until = None,
    changes: Changes = None,
    policies: Policies = None,
    out: Out = None,
    threads: Threads = None,
    households: Households = None,
    records: Records = None,
    no_figures: NoFigures = False,
    as_json: Json = False,
) -> None:
    """Run a scenario, write its tables and figures, and tell what happened."""
    with progress_bar(Path(name).stem) as tell:
        from sim.experiments import RunOptions, run
        from sim.experiments.recording import levels_in
        from sim.scenario import load_scenario

        scenario = load_scenario(name, changes or (), policies or ())
        folder = out or Path("out") / scenario.name
        options = RunOptions(threads, households, levels_in(records or (), "--record"))
        result = run(scenario, seed, until, folder, tell, options)
        figures = [] if no_figures else _drawn(folder, tell)
    from sim.cli.story import print_json, print_story

    print_json(result.summary) if as_json else print_story(result, figures)


def plot(folder: RunFolderPath) -> None:
    """Draw the figures of a run anew from its tables."""
    from sim.results import RunFolder

    path = RunFolder(folder).path
    with progress_bar(path.name) as tell:
        figures = _drawn(path, tell)
    for figure in figures:
        print(figure)


def _drawn(folder: Path, tell: Tell) -> list[Path]:
    tell(1.0, "drawing figures")
    from sim.plots import draw_all

    return draw_all(folder)
