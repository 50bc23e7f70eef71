"""Consoles: where the command line prints, and how wide."""

import os
import sys
from typing import Any, Final

WIDTH_WITHOUT_TERMINAL: Final = 100
"""Columns of what is printed into a file or a pipe, where COLUMNS does not say otherwise."""


def output_console() -> Any:
    """Return the console for standard output."""
    from rich.console import Console

    plain = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=WIDTH_WITHOUT_TERMINAL if plain else None, highlight=False)


def errors_console() -> Any:
    """Return the console for messages and progress, which go to standard error."""
    from rich.console import Console

    return Console(stderr=True)
