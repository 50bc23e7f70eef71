"""Commands that look at scenarios and run nothing."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Changes, Policies, ScenarioName

VillageFile = Annotated[
    Path,
    typer.Option("--out", metavar="FILE", help="File to write, ending in .csv or .parquet."),
]


def list_all() -> None:
    """List the scenarios and policies that can be called by name."""
    from sim.cli.listing import print_names
    from sim.scenario import list_policies, list_scenarios

    print_names("Scenarios", list_scenarios())
    print()
    print_names("Policies, for --policy", list_policies())


def show(name: ScenarioName, changes: Changes = None, policies: Policies = None) -> None:
    """Print a scenario with everything that it inherits and every default, as a scenario file."""
    from sim.cli.listing import print_toml
    from sim.scenario import load_scenario, resolved_toml

    print_toml(resolved_toml(load_scenario(name, changes or (), policies or ())))


def check(name: ScenarioName, changes: Changes = None, policies: Policies = None) -> None:
    """Tell whether a scenario is valid, and what is in it."""
    from sim.cli.listing import print_contents
    from sim.scenario import load_scenario

    print_contents(load_scenario(name, changes or (), policies or ()))


def villages(name: ScenarioName, out: VillageFile, changes: Changes = None) -> None:
    """Write the villages of a scenario as a file that region.file can name, to be edited."""
    from sim.scenario import load_scenario, register_of, write_villages
    from sim.words import counted

    register = register_of(load_scenario(name, changes or ()))
    write_villages(register, out)
    print(f"{out}: {counted(len(register), 'village')}")


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that check while one writes."""
    import json

    from sim.scenario import scenario_schema

    print(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
