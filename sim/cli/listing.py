"""How scenarios are shown on screen."""

from collections.abc import Iterator, Sequence
from datetime import date

from sim.cli.terminal import output_console, show
from sim.scenario import Scenario, register_of
from sim.scenario.policy import Target
from sim.words import counted, spoken
from sim.world.register import Register


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
    """Print that a scenario is valid, what is in it, and whom targeted policies reach."""
    from rich.markup import escape

    register = register_of(scenario)
    parts = [
        counted(len(register), "village"),
        counted(int(register.households.sum()), "household"),
        f"{spoken(scenario.start)} to {spoken(scenario.end)}",
        counted(len(scenario.policies), "policy", "policies"),
    ]
    text = f"[bold green]valid[/]  [bold]{escape(scenario.name)}[/]: {', '.join(parts)}"
    show(output_console(), "\n".join([text, *map(escape, _targets(scenario, register))]))


def _targets(scenario: Scenario, register: Register) -> Iterator[str]:
    """Tell for each policy that does not reach all villages which it reaches, and its cost."""
    targeted = {policy.name: policy for policy in scenario.policies if policy.target != Target()}
    if not targeted:
        return
    from sim.engine.policy import PolicyTimeline

    # One that began before the run, or begins after it, reaches villages too.
    always = scenario.model_copy(update={"start": date.min, "end": date.max})
    events = PolicyTimeline(always, register).events
    for name, villages in {event.policy: event.villages for event in events}.items():
        if name in targeted:
            cost_yuan = sum(part.yearly_cost_yuan for part in targeted[name].measures())
            price = f", for {cost_yuan:,.0f} yuan a year in all" if cost_yuan else ""
            yield (
                f"  {name} reaches {villages.size:,} of {counted(len(register), 'village')} with "
                f"{counted(int(register.households[villages].sum()), 'household')}{price}"
            )
