"""Commands that run a scenario, or draw what a run has left."""

from pathlib import Path
from typing import Any

import typer

from sim.cli.options import (
    Changes,
    Checkpoint,
    Continued,
    Households,
    Json,
    Language,
    NoFigures,
    Out,
    Policies,
    Records,
    RunFolderPath,
    ScenarioOfRun,
    Seed,
    Threads,
    Until,
    UsageError,
)
from sim.cli.orderly import StopRequest, stops_in_order
from sim.cli.progress import Tell, progress_bar
from sim.cli.stopping import told_if_stopped


def run(  # noqa: PLR0913 - every option of the command is an argument
    name: ScenarioOfRun = None,
    seed: Seed = None,
    until: Until = None,
    changes: Changes = None,
    policies: Policies = None,
    out: Out = None,
    threads: Threads = None,
    households: Households = None,
    records: Records = None,
    checkpoint: Checkpoint = None,
    continued: Continued = None,
    no_figures: NoFigures = False,
    as_json: Json = False,
    lang: Language = None,
) -> None:
    """Run a scenario, write its tables and figures, and tell what happened."""
    given: dict[str, Any] = {
        "name": name,
        "changes": changes,
        "policies": policies,
        "seed": seed,
        "until": until,
        "out": out,
        "checkpoint": checkpoint,
        "levels": _levels(records, households),
    }
    title = Path(name).stem if name else str(continued or "")
    with progress_bar(title) as tell:
        with told_if_stopped("Its results were not written."), stops_in_order() as stop:
            if continued is None:
                result = _begun(given, threads, tell, stop)
            else:
                result = _continued(continued, given, threads, tell, stop)
        is_complete = result.record.is_complete
        figures = [] if no_figures or not is_complete else _drawn(result.folder, tell)
    from sim.cli.story import print_json, print_story

    print_json(result.summary) if as_json else print_story(result, figures)
    if not is_complete:
        raise typer.Exit(stop.exit_status)


def _levels(records: list[str] | None, households: bool | None) -> dict[str, Any]:
    """Return what is to be recorded, from both options that say so."""
    from sim.experiments.recording import levels_in

    levels = levels_in(records or (), "--record")
    if households is not None:
        if "households" in levels:
            raise UsageError("--record households=… and --households cannot be given together")
        levels["households"] = "year" if households else "none"
    return levels


def _begun(given: dict[str, Any], threads: int | None, tell: Tell, stop: StopRequest) -> Any:
    if given["name"] is None:
        raise UsageError("Missing argument 'SCENARIO'.")
    from sim.experiments import RunOptions, run
    from sim.scenario import load_scenario

    scenario = load_scenario(given["name"], given["changes"] or (), given["policies"] or ())
    folder = given["out"] or Path("out") / scenario.name
    options = RunOptions(
        threads,
        record=given["levels"],
        checkpoint=given["checkpoint"] or "none",
        stop=stop,
    )
    return run(scenario, given["seed"], given["until"], folder, tell, options)


def _continued(
    folder: Path, given: dict[str, Any], threads: int | None, tell: Tell, stop: StopRequest
) -> Any:
    name, changes, policies = given["name"], given["changes"] or (), given["policies"] or ()
    if name is None and (changes or policies):
        raise UsageError("--set and --policy need a SCENARIO, also with --continue")
    if given["out"] is not None and given["out"].resolve() != folder.resolve():
        raise UsageError("--out must be the folder of --continue, or be left out")
    from sim.experiments import RunOptions
    from sim.experiments.continuing import continue_run
    from sim.scenario import load_scenario

    expected = {key: given[key] for key in ("seed", "until", "checkpoint")}
    expected["record"] = given["levels"]
    if name is not None:
        expected["scenario"] = load_scenario(name, changes, policies)
    return continue_run(folder, tell, RunOptions(threads, stop=stop), expected)


def plot(folder: RunFolderPath, lang: Language = None) -> None:
    """Draw the figures of a run anew from its tables."""
    from sim.results import RunFolder

    run = RunFolder(folder)
    if not run.is_complete:
        _note(f"{folder}: this run is partial; it was stopped on {run.reached}")
    with progress_bar(run.path.name) as tell:
        figures = _drawn(run.path, tell)
    for figure in figures:
        print(figure)


def _note(text: str) -> None:
    from sim.cli.terminal import errors_console

    errors_console().print(text, markup=False, highlight=False, soft_wrap=True)


def _drawn(folder: Path, tell: Tell) -> list[Path]:
    tell(1.0, "drawing figures")
    from sim.plots import draw_all

    with told_if_stopped(f"Results are in {folder}; figures are missing."):
        return draw_all(folder)
