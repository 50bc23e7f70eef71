"""How scenarios are shown on screen."""

from collections.abc import Sequence

from sim.cli.terminal import output_console, show
from sim.scenario import Scenario, register_of
from sim.words import counted, spoken


def print_names(heading: str, entries: Sequence[tuple[str, str]]) -> None:
    """Print names with their titles, each on a line of its own."""
    from rich.markup import escape

    console = output_console()
    show(console, f"[bold]{heading}[/]")
    longest = max((len(name) for name, _ in entries), default=0)
    for name, title in entries:
        gap = " " * (longest - len(name) + 3) if title else ""
        show(console, f"  [cyan]{escape(name)}[/]{gap}{escape(title)}")


def print_toml(text: str) -> None:
    """Print a scenario file, in colour on a terminal."""
    console = output_console()
    if not console.is_terminal:
        print(text, end="")
        return
    from rich.syntax import Syntax

    console.print(Syntax(text.rstrip(), "toml", background_color="default", word_wrap=True))


def print_contents(scenario: Scenario) -> None:
    """Print that a scenario is valid, and what is in it."""
    from rich.markup import escape

    register = register_of(scenario)
    parts = [
        counted(len(register), "village"),
        counted(int(register.households.sum()), "household"),
        f"{spoken(scenario.start)} to {spoken(scenario.end)}",
        counted(len(scenario.policies), "policy", "policies"),
    ]
    text = f"[bold green]valid[/]  [bold]{escape(scenario.name)}[/]: {', '.join(parts)}"
    show(output_console(), text)
