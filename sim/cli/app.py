"""The commands, and what happens to errors: one message, exit status 2.

Nothing heavy is imported until a command runs, so that help is there at once.
"""

import errno
import sys
import warnings
from contextvars import copy_context
from typing import Any, Final, NoReturn

import typer
from typer.core import TyperGroup

from sim.cli.analysing import discover, sensitivity, survival
from sim.cli.browsing import app as browse
from sim.cli.calibrating import calibrate
from sim.cli.checking import check_crn
from sim.cli.comparing import compare
from sim.cli.explaining import explain
from sim.cli.options import UsageError
from sim.cli.reporting import report
from sim.cli.running import plot, run
from sim.cli.scenarios import check, list_all, schema, show, villages
from sim.cli.sweeping import merge, sweep
from sim.cli.trying import trial
from sim.cli.validating import validate
from sim.errors import SimError
from sim.words import MissingLetters

BAD_INPUT: Final = 2
"""Exit status if the user's input cannot be used."""


class Commands(TyperGroup):
    """The group of all commands; tells errors in one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                # A language that is asked for is that of this command only.
                return copy_context().run(super().invoke, ctx)
        except SimError as error:
            _fail(str(error))
        except UsageError as error:
            # An option without its argument does not know its command.
            called = f"villagesim {ctx.invoked_subcommand or ''}".strip()
            command = error.ctx.command_path if error.ctx else called
            _fail(f"{error.format_message().rstrip('.')} (see {command} --help)")
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever was reading has seen enough
                raise
            _fail(": ".join(filter(None, [str(error.filename or ""), error.strerror])))


def _show_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, *_: Any, **__: Any
) -> None:
    """Show what a user can do something about in one line, other warnings as Python does."""
    if issubclass(category, MissingLetters):
        from sim.cli.terminal import errors_console

        errors_console().print(str(message), markup=False, highlight=False, soft_wrap=True)
    else:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno))


def _fail(message: str) -> NoReturn:
    from sim.cli.terminal import errors_console

    console = errors_console()
    console.print("[bold red]Error:[/]", end=" ", soft_wrap=True)
    console.print(message, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(BAD_INPUT)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"villagesim {version('villagesim')}")
        raise typer.Exit


app = typer.Typer(
    cls=Commands,
    name="villagesim",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def prepare(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """How Chinese villages grow into e-commerce villages: an agent-based simulation."""
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks must not stop a run.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")


app.command("list")(list_all)
app.command()(show)
app.command()(check)
app.command()(villages)
app.command()(schema)
app.command()(run)
app.command()(plot)
app.command()(report)
app.command()(compare)
app.command()(explain)
app.command("check-crn")(check_crn)
app.command()(sweep)
app.command()(merge)
app.command()(sensitivity)
app.command()(discover)
app.command()(survival)
app.command()(trial)
app.command()(calibrate)
app.command()(validate)
app.command("app")(browse)
