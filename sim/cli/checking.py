"""The command that proves that worlds with the same seed have the same luck."""

from typing import Any

import typer

from sim.cli.options import Changes, Policies, ScenarioName, Seed, Until
from sim.cli.progress import progress_bar

FAILED = 1
"""Exit status if a trial fails."""


def check_crn(
    name: ScenarioName,
    seed: Seed = None,
    until: Until = None,
    changes: Changes = None,
    policies: Policies = None,
) -> None:
    """Prove on a scenario that worlds with the same seed have the same luck.

    A policy that does nothing must change nothing, and one household more only what it can reach.
    """
    with progress_bar("check-crn") as tell:
        from sim.experiments.check_crn import check_crn as checked
        from sim.scenario import load_scenario

        found = checked(load_scenario(name, changes or (), policies or ()), seed, until, tell)
    _print(found)
    if not found.is_passed:
        raise typer.Exit(FAILED)


def _print(check: Any) -> None:
    from rich.markup import escape

    from sim.cli.terminal import output_console, show

    console = output_console()
    for trial in check.trials:
        mark = "[green]same[/]  " if trial.is_passed else "[bold red]differs[/]"
        show(console, f"{mark} {escape(trial.name)}: {escape(trial.must)}")
        if trial.fault is not None:
            show(console, f"        {escape(str(trial.fault))}")
        elif trial.reached_on is not None:
            show(console, f"        [dim]it may reach others from {trial.reached_on} on[/]")
    if not check.has_newcomers:
        told = "no household was added to a village: the scenario describes none itself"
        show(console, f"[dim]{told}[/]")
    count, failed = len(check.trials), sum(not trial.is_passed for trial in check.trials)
    told = (
        f"[bold red]{failed} of {count} trials failed: worlds do not share their luck[/]"
        if failed
        else f"[bold green]All {count} trials passed[/]"
    )
    show(console, f"{told} [dim]({escape(check.scenario)}, seed {check.seed})[/]")
