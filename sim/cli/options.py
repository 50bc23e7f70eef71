"""Arguments and options of the commands, and how their texts are read."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from sim.words import use_language

UsageError: Final[type[Any]] = typer.BadParameter.__mro__[1]
"""What all wrong usage of options is told by; Typer's public face does not name it."""
LANGUAGE_VARIABLE: Final = "VILLAGESIM_LANG"
"""Environment variable that says which language is spoken where no option does."""
CHECKPOINTS: Final = ("none", "yearly", "monthly")
"""As sim.experiments.workplace has them, which takes too long to import for help."""


def read_date(text: str) -> date:
    """Read a date from the command line."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r}; allowed: a date such as 2015-12-31") from None


def read_seed(text: str) -> int:
    """Read a seed from the command line."""
    return _whole_number(text, 0, 2**63 - 1, "a whole number from 0 to 2**63 - 1")


def read_threads(text: str) -> int:
    """Read a number of threads from the command line."""
    return _whole_number(text, 1, 1024, "a whole number from 1 to 1024")


def read_count(text: str) -> int:
    """Read a number of things from the command line."""
    return _whole_number(text, 0, 2**63 - 1, "a whole number")


def read_checkpoint(text: str) -> str:
    """Read how often a checkpoint is written from the command line."""
    if text not in CHECKPOINTS:
        raise typer.BadParameter(f"{text!r}; allowed: {', '.join(CHECKPOINTS)}")
    return text


def _whole_number(given: str, low: int, high: int, allowed: str) -> int:
    text = str(given)  # a default comes as the number that it is
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise typer.BadParameter(f"{text!r}; allowed: {allowed}")
    return int(text)


def speak(context: typer.Context, parameter: typer.CallbackParam, code: str | None) -> str | None:
    """Speak the language that was asked for, to the end of the command."""
    if code is not None:
        source: Any = context.get_parameter_source(str(parameter.name))
        use_language(code, LANGUAGE_VARIABLE if source.name == "ENVIRONMENT" else "--lang")
    return code


def each_once(given: list[str] | None) -> list[str] | None:
    """Refuse a policy that is added twice, for it would act once."""
    for place, name in enumerate(given or ()):
        if name in (given or ())[:place]:
            raise typer.BadParameter(f"{name!r} twice; allowed: each policy once, for it acts once")
    return given


ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario file, or the bare name of one that [bold]villagesim list[/] shows.",
        show_default=False,
    ),
]
ScenarioOfRun = Annotated[
    str | None,
    typer.Argument(
        metavar="SCENARIO",
        help="A scenario file, or the bare name of one that [bold]villagesim list[/] shows; with "
        "[bold]--continue[/] it may be left out.",
        show_default=False,
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a value of the scenario, such as [bold]observer.rule=published[/]; "
        "may be repeated.",
        show_default=False,
    ),
]
Policies = Annotated[
    list[str] | None,
    typer.Option(
        "--policy",
        callback=each_once,
        metavar="NAME",
        help="Add a policy file, or one that [bold]villagesim list[/] shows; may be repeated.",
        show_default=False,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        parser=read_seed,
        metavar="N",
        help="Seed of all random draws.",
        show_default="the scenario's",
    ),
]
Until = Annotated[
    date | None,
    typer.Option(
        parser=read_date,
        metavar="DATE",
        help="Last day to run; tables hold the months that are complete by then.",
        show_default="the scenario's end",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Folder for the results, in place of those of an earlier run.",
        show_default="out/SCENARIO",
    ),
]
Threads = Annotated[
    int | None,
    typer.Option(
        parser=read_threads,
        metavar="N",
        help="Threads that run villages side by side; results do not depend on it.",
        show_default="all processors",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print the summary as JSON and nothing else.")]
NoFigures = Annotated[bool, typer.Option("--no-figures", help="Draw no figures.")]
Language = Annotated[
    str | None,
    typer.Option(
        "--lang",
        callback=speak,
        envvar=LANGUAGE_VARIABLE,
        metavar="CODE",
        help="Language of what is told and drawn: [bold]en[/] or [bold]zh[/], Chinese. Tables and "
        "JSON are the same in both.",
        show_default="en",
    ),
]
Households = Annotated[
    bool | None,
    typer.Option(
        "--households/--no-households",
        help="Keep every household of every year.",
        show_default="up to 100,000 households",
    ),
]
Records = Annotated[
    list[str] | None,
    typer.Option(
        "--record",
        metavar="TABLE=LEVEL",
        help="What is kept: [bold]villages[/]=month, year or none; [bold]households[/]=year, none "
        "or names of villages, with commas between them; [bold]shops[/]=year or none; "
        "[bold]seasons[/]=day or none; may be repeated.",
        show_default="as the size allows",
    ),
]
Checkpoint = Annotated[
    str | None,
    typer.Option(
        parser=read_checkpoint,
        metavar="EVERY",
        help="Write a checkpoint [bold]yearly[/], [bold]monthly[/] or not at all, [bold]none[/]: "
        "a run that is killed can go on from it.",
        show_default="none",
    ),
]
Continued = Annotated[
    Path | None,
    typer.Option(
        "--continue",
        metavar="DIR",
        help="Go on with the run with checkpoints whose results were to be in DIR.",
        show_default=False,
    ),
]
RunFolderPath = Annotated[
    Path, typer.Argument(metavar="DIR", help="A folder that a run has left.", show_default=False)
]
