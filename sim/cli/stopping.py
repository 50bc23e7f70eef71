"""Commands that are stopped, by Ctrl-C or from outside: one line, and the exit status says how."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import typer

INTERRUPTED: Final = 128 + signal.SIGINT
"""Exit status after Ctrl-C."""
TERMINATED: Final = 128 + signal.SIGTERM
"""Exit status of a command that was told to end."""


class _Terminated(KeyboardInterrupt):
    """Somebody told the command to end; all that would be left undone is cleared up on the way."""


NOTHING_WRITTEN: Final = "Nothing was written."


@contextmanager
def told_if_stopped(what_is_left: str) -> Iterator[None]:
    """End in one line if a command is stopped on the way.

    Parameters
    ----------
    what_is_left : str
        What there is of its results then, as a sentence.

    Raises
    ------
    typer.Exit
        If it is stopped.
    """
    before = _catch_termination()
    try:
        yield
    except KeyboardInterrupt as stopped:
        from sim.cli.terminal import errors_console

        text = f"Stopped. {what_is_left}"
        errors_console().print(text, markup=False, highlight=False, soft_wrap=True)
        is_told = isinstance(stopped, _Terminated)
        raise typer.Exit(TERMINATED if is_told else INTERRUPTED) from None
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _catch_termination() -> Any:
    """Treat a request to end like Ctrl-C; return what was done about it before."""
    if threading.current_thread() is not threading.main_thread():
        return None  # only the main thread may say what signals do
    before = signal.signal(signal.SIGTERM, _stop)
    return signal.SIG_DFL if before is None else before


def _stop(number: int, frame: object) -> None:
    raise _Terminated
