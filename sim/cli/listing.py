"""How scenarios are shown on screen."""

from collections.abc import Sequence
from datetime import date

from sim.cli.terminal import output_console
from sim.scenario import Scenario


def print_names(heading: str, entries: Sequence[tuple[str, str]]) -> None:
    """Print names with their titles."""
    from rich.markup import escape
    from rich.table import Table

    table = Table.grid(padding=(0, 3))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column()
    for name, title in entries:
        table.add_row(f"  {escape(name)}", escape(title))
    console = output_console()
    console.print(f"[bold]{heading}[/]")
    console.print(table)
    console.print()


def print_toml(text: str) -> None:
    """Print a scenario file, in colour on a terminal."""
    console = output_console()
    if not console.is_terminal:
        print(text, end="")
        return
    from rich.syntax import Syntax

    console.print(Syntax(text, "toml", background_color="default", word_wrap=True))


def print_contents(scenario: Scenario) -> None:
    """Print that a scenario is valid, and what is in it."""
    from rich.markup import escape

    villages = scenario.expanded_villages()
    parts = [
        counted(len(villages), "village"),
        counted(sum(village.households for village in villages), "household"),
        f"{spoken(scenario.start)} to {spoken(scenario.end)}",
        counted(len(scenario.policies), "policy", "policies"),
    ]
    output_console().print(
        f"[bold green]valid[/]  [bold]{escape(scenario.name)}[/]: {', '.join(parts)}",
        soft_wrap=True,
    )


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number together with what is counted."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def spoken(day: date) -> str:
    """Return a date as it is spoken."""
    return f"{day.day} {day:%B %Y}"
